/* Reads a case file and sorts its parts. */
#include "case.h"

#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"

const char *way_name(enum way way)
{
    static const char *const names[] = {"cgi", "fd0", "serve"};
    return names[way];
}

bool section_is(const struct section *section, const char *how)
{
    size_t title = strlen(section->title), size = strlen(how);
    return title >= size && strcmp(section->title + title - size, how) == 0;
}

static bool titled(const struct section *section, const char *title)
{
    size_t size = strlen(title);
    return strncmp(section->title, title, size) == 0 && strchr(", ", section->title[size]);
}

static void add_section(const struct section **list, size_t *count, const struct section *section)
{
    if (*count == MAX_ROUNDS)
        give_up("line %d: more than %d parts of a kind", section->line, MAX_ROUNDS);
    list[(*count)++] = section;
}

static void begin_round(struct test_case *test, const struct section *section)
{
    if (test->round_count == MAX_ROUNDS)
        give_up("line %d: more than %d rounds", section->line, MAX_ROUNDS);
    test->rounds[test->round_count++].says = section;
}

/* Stores a part of the current round. False: the part does not belong to a round. */
static bool sort_into_round(struct test_case *test, const struct section *section)
{
    if (test->round_count == 0)
        return false;
    struct round *round = &test->rounds[test->round_count - 1];
    if (titled(section, "client does"))
        round->does = section;
    else if (titled(section, "client must hear"))
        round->hears = section;
    else if (titled(section, "record must show"))
        round->record = section;
    else
        return false;
    return true;
}

static void sort(struct test_case *test, const char *path, const struct section *section)
{
    if (titled(section, "settings"))
        test->settings = section;
    else if (titled(section, "file"))
        add_section(test->files, &test->file_count, section);
    else if (titled(section, "arguments"))
        test->arguments = section;
    else if (titled(section, "client says"))
        begin_round(test, section);
    else if (titled(section, "upstream must hear"))
        add_section(test->upstream_hears, &test->heard_count, section);
    else if (titled(section, "upstream says"))
        add_section(test->upstream_says, &test->said_count, section);
    else if (!sort_into_round(test, section))
        give_up("%s:%d: no such part here: %s", path, section->line, section->title);
}

/* The rest of the preamble's line that begins with `mark`, or NULL; freed with free(). */
static char *find_line(const struct test_case *test, const char *mark)
{
    const char *found = strstr(test->parts.preamble, mark);
    return found ? copy_bytes(found + strlen(mark), strcspn(found + strlen(mark), "\n")) : NULL;
}

/* A case without "# ways:" runs in all ways. */
static void read_ways(struct test_case *test)
{
    char *line = find_line(test, "\n# ways:");
    for (enum way way = 0; way < WAYS; way++)
        test->ways[way] = !line || strstr(line, way_name(way));
    free(line);
}

void case_read(struct test_case *test, const char *path)
{
    *test = (struct test_case){0};
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    test->name = copy_bytes(base, strcspn(base, "."));
    sections_read(&test->parts, path);
    if (test->parts.preamble[0] != '#')
        give_up("%s: the first line must be a comment that describes the behaviour", path);
    for (size_t i = 0; i < test->parts.count; i++)
        sort(test, path, &test->parts.items[i]);
    if (test->round_count == 0)
        give_up("%s: no part \"client says\"", path);
    read_ways(test);
    test->pending = find_line(test, "\n# pending: ");
}
