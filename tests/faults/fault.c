/* Reads the files of the matrix; README has their language. */
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/sections.h"

static const char *const kind_names[] = {"buffered", "streamed", "responses"};
static const char *const targets_names[] = {"one", "two", "held"};

const char *kind_name(enum kind kind)
{
    return kind_names[kind];
}

const char *targets_name(enum targets targets)
{
    return targets_names[targets];
}

/* Does one of several names joined by a comma stand there? */
static bool is_among(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strncmp(at, name, length) == 0 && strchr(",", at[length]))
            return true;
    return false;
}

/* "KINDS TARGETS STATUS END REASON ATTEMPTS"; false where the line is no such thing. */
static bool take_wanted(struct fault *fault, const char *line)
{
    char kinds[40], targets[40];
    struct wanted wanted = {.there = true};
    if (sscanf(line, "%39s %39s %d %15s %23s %d", kinds, targets, &wanted.status, wanted.end, wanted.reason,
               &wanted.attempts) != 6)
        return false;
    bool found = false;
    for (enum kind kind = 0; kind < KINDS; kind++)
        for (enum targets each = 0; each < TARGETS; each++)
            if (is_among(kinds, kind_names[kind]) && is_among(targets, targets_names[each])) {
                fault->wanted[kind][each] = wanted;
                found = true;
            }
    return found;
}

static const char *after(const char *line, const char *word)
{
    size_t length = strlen(word);
    return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

static void take_line(struct fault *fault, const char *line)
{
    const char *rest;
    if ((rest = after(line, "url")))
        fault->url = strdup(rest);
    else if ((rest = after(line, "timeout")))
        text_format(&fault->timeouts, "%s ", rest);
    else if ((rest = after(line, "settings")))
        text_format(&fault->settings, "%s\n", rest);
    else if ((rest = after(line, "setup")))
        text_format(&fault->setup, "%s\n", rest);
    else if ((rest = after(line, "needs")))
        fault->needs = strdup(rest);
    else if ((rest = after(line, "within")))
        fault->within = atof(rest);
    else if ((rest = after(line, "body")))
        fault->body = strtoul(rest, NULL, 10);
    else if ((rest = after(line, "full")))
        fault->full = strtoul(rest, NULL, 10);
    else if (*line && *line != '#' && !take_wanted(fault, line))
        give_up("fault %s: unknown line \"%s\"", fault->name, line);
}

static void begin_fault(struct faults *faults, const char *name, const char *body)
{
    faults->items = realloc(faults->items, (faults->count + 1) * sizeof *faults->items);
    if (!faults->items)
        give_up("no memory for %zu faults", faults->count + 1);
    struct fault *fault = &faults->items[faults->count++];
    *fault = (struct fault){.name = strdup(name)};
    char *lines = strdup(body), *rest = lines;
    for (char *line; (line = strsep(&rest, "\n"));)
        take_line(fault, line);
    free(lines);
    for (enum targets each = 0; each < TARGETS; each++)
        if (!fault->wanted[RESPONSES][each].there)
            fault->wanted[RESPONSES][each] = fault->wanted[STREAMED][each];
}

static void add_says(struct fault *fault, enum kind kind, const char *body)
{
    if (fault->says_count[kind] == SAYS_MAX)
        give_up("fault %s: more than %d answers", fault->name, SAYS_MAX);
    fault->says[kind][fault->says_count[kind]++] = body;
}

void faults_read(struct faults *faults, const char *path)
{
    struct sections sections;
    sections_read(&sections, path);
    for (size_t i = 0; i < sections.count; i++) {
        struct section *section = &sections.items[i];
        struct fault *fault = faults->count ? &faults->items[faults->count - 1] : NULL;
        const char *name = after(section->title, "fault"), *kind = after(section->title, "says,");
        if (name)
            begin_fault(faults, name, section->body);
        else if (!fault || strncmp(section->title, "says", 4) != 0)
            give_up("%s:%d: unknown section \"--- %s\"", path, section->line, section->title);
        else
            for (enum kind each = 0; each < KINDS; each++)
                if (!kind || strcmp(kind, kind_names[each == RESPONSES ? STREAMED : each]) == 0)
                    add_says(fault, each, strdup(section->body));
    }
    sections_free(&sections);
}
