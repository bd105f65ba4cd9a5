/* Reads the list of deviations. */
#include "deviations.h"

#include <stdlib.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/text.h"

/* "KIND DIGEST RESULT | WORDS": cuts the line into its parts. */
static bool read_entry(struct deviation *deviation, char *line)
{
    char *bar = strstr(line, " | "), *words = bar ? bar + 3 : NULL;
    if (!bar || !*words)
        return false;
    *bar = '\0';
    line += strspn(line, " ");
    char *digest = strchr(line, ' '), *differs = digest ? strchr(digest + 1, ' ') : NULL;
    if (!differs)
        return false;
    *digest = *differs = '\0';
    deviation->kind = line;
    deviation->digest = digest + 1;
    deviation->differs = differs + 1 + strspn(differs + 1, " ");
    return strlen(deviation->digest) == 8 && *deviation->differs;
}

static void add(struct deviations *deviations, const struct deviation *deviation)
{
    size_t size = (deviations->count + 1) * sizeof *deviations->items;
    deviations->items = realloc(deviations->items, size);
    if (!deviations->items)
        give_up("no memory");
    deviations->items[deviations->count++] = *deviation;
}

void deviations_read(struct deviations *deviations, const char *path)
{
    struct text text = {0};
    bool reason = false;
    int number = 0;
    *deviations = (struct deviations){0};
    file_read(path, &text);
    deviations->text = text.bytes;
    for (char *line = text.bytes, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        struct deviation deviation = {.line = number};
        if (*line == '#' || !*line)
            continue;
        if (*line != ' ')
            reason = true; /* the reason for the entries that follow */
        else if (reason && read_entry(&deviation, line))
            add(deviations, &deviation);
        else
            give_up("%s:%d: KIND DIGEST RESULT | WORDS is wanted, below its sentence", path, number);
    }
}

struct deviation *deviation_find(struct deviations *deviations, const char *kind, const char *digest)
{
    for (size_t i = 0; i < deviations->count; i++) {
        struct deviation *item = &deviations->items[i];
        if (strcmp(item->kind, kind) == 0 && strcmp(item->digest, digest) == 0)
            return item;
    }
    return NULL;
}

void deviations_free(struct deviations *deviations)
{
    free(deviations->items);
    free(deviations->text);
}
