/* Reads the usage log with its rotations, from its oldest line to its newest.
 *
 * The names of rotations follow many fashions and times of files do not survive every copy, so files are put
 * in order by when the first request in them was over, for that is when its line was written. A process that
 * dies or a disk that is full leaves torn lines, and the next line is glued to such a piece. Its process
 * appends it once more when it sees that (usage_log.c); version 0.1.0 did not. So a record that is glued to a
 * piece counts, and the same line found again does not. */
#include "usage/usage_log_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_files.h"
#include "usage/usage_log_lines.h"

#define OPEN_TRIES 3

static const char record_begin[] = "{\"ts\":";

/* A line that was found glued to the piece of another. */
struct glued_line {
    struct glued_line *next;
    size_t length;
    const char *text;
};

struct reading {
    const char *path; /* of the log */
    struct arena *arena;
    struct glued_line *glued;
    const struct usage_log_reader_ops *taker;
    struct usage_log_summary *summary;
    int64_t done, all; /* bytes */
    bool enough;
};

/* ---- one line ---- */

/* The last place behind `line` where a record may begin; NULL: none. */
static char *find_record(char *line, size_t length)
{
    char *found = NULL, *at = line + 1, *end = line + length;
    while (at < end && (at = memmem(at, (size_t)(end - at), record_begin, sizeof record_begin - 1)))
        found = at++;
    return found;
}

struct line {
    enum usage_log_line kind;
    struct usage_log_entry entry;
    struct json_value balance;
    bool torn; /* something of it is lost, or all */
};

static bool was_glued(const struct reading *reading, const char *text, size_t length)
{
    for (const struct glued_line *glued = reading->glued; glued; glued = glued->next)
        if (glued->length == length && memcmp(glued->text, text, length) == 0)
            return true;
    return false;
}

static void note_glued(struct reading *reading, const char *text, size_t length)
{
    struct glued_line *glued = arena_alloc(reading->arena, sizeof *glued);
    *glued = (struct glued_line){reading->glued, length, arena_copy(reading->arena, text, length)};
    reading->glued = glued;
}

static void read_line(char *text, size_t length, struct arena *arena, struct line *line)
{
    line->kind = usage_log_entry_read(text, length, arena, &line->entry, &line->balance);
    line->torn = line->kind == LOG_LINE_TORN;
}

/* The record at the end of a torn line, if there is one that was not met before. */
static void read_glued(struct reading *reading, char *text, size_t length, struct arena *arena,
                       struct line *line)
{
    char *rest = find_record(text, length);
    size_t rest_length = rest ? length - (size_t)(rest - text) : 0;
    if (!rest || was_glued(reading, rest, rest_length))
        return;
    const char *copy = arena_copy(arena, rest, rest_length); /* of what reading changes */
    line->kind = usage_log_entry_read(rest, rest_length, arena, &line->entry, &line->balance);
    if (line->kind == LOG_LINE_ENTRY)
        note_glued(reading, copy, rest_length);
}

static void give(struct reading *reading, const struct line *line)
{
    const struct usage_log_reader_ops *taker = reading->taker;
    bool more = true;
    if (line->kind == LOG_LINE_ENTRY) {
        reading->summary->entries++;
        more = !taker->entry || taker->entry(taker->context, &line->entry);
    } else if (line->kind == LOG_LINE_CHECKPOINT) {
        more = !taker->balance || taker->balance(taker->context, &line->balance);
    }
    reading->enough = !more;
}

/* ---- one file ---- */

static void tell(const struct reading *reading, const struct failure *why)
{
    if (reading->taker->complain)
        reading->taker->complain(reading->taker->context, why);
}

static void tell_torn(const struct reading *reading, const struct usage_log_file *file, size_t torn,
                      size_t first)
{
    struct failure why;
    if (!torn)
        return;
    fail(&why, FAILURE_SETTING, "%s: %zu line%s no whole record%s; line %zu is the first", file->path, torn,
         torn == 1 ? " is" : "s are", torn == 1 ? "" : "s", first);
    tell(reading, &why);
}

static void tell_progress(const struct reading *reading, const struct log_lines *lines)
{
    if (reading->taker->progress)
        reading->taker->progress(reading->taker->context, reading->done + usage_log_lines_offset(lines),
                                 reading->all);
}

static void read_lines(struct reading *reading, const struct usage_log_file *file, struct log_lines *lines)
{
    size_t number = 0, torn = 0, first = 0, length;
    char *text;
    struct arena *arena = arena_create();
    while (!reading->enough && (text = usage_log_lines_next(lines, &length))) {
        struct line line;
        if (number++ % 1024 == 0)
            tell_progress(reading, lines);
        if (!length || was_glued(reading, text, length))
            continue; /* a process that ends a torn line cannot always know that it was one */
        read_line(text, length, arena, &line);
        if (line.torn && torn++ == 0)
            first = number;
        if (line.torn)
            read_glued(reading, text, length, arena, &line);
        give(reading, &line);
        arena_clear(arena);
    }
    arena_destroy(arena);
    reading->summary->torn += torn;
    tell_torn(reading, file, torn, first);
}

/* Rotation may be at work meanwhile: then what bears the name is another file. */
static struct log_lines *open_lines(const char *path, struct usage_log_file *file, struct failure *why)
{
    for (int tries = 0; tries < OPEN_TRIES; tries++) {
        struct log_lines *lines = usage_log_lines_open(file->path, why);
        if (lines && usage_log_lines_are_of(lines, file->device, file->inode))
            return lines;
        if (lines)
            usage_log_lines_close(lines);
        if (!usage_log_file_follow(file, path)) {
            fail(why, FAILURE_SETTING, "cannot read what was %s: it was rotated away", file->path);
            return NULL;
        }
    }
    return NULL;
}

static void read_file(struct reading *reading, struct usage_log_file *file)
{
    struct failure why;
    struct log_lines *lines = open_lines(reading->path, file, &why);
    bool whole = lines != NULL;
    if (lines) {
        read_lines(reading, file, lines);
        whole = reading->enough || usage_log_lines_complete(lines, &why);
        usage_log_lines_close(lines);
    }
    if (!whole) {
        reading->summary->unread++;
        tell(reading, &why);
    }
    reading->done += file->size;
}

/* ---- all of them ---- */

/* One of a process that died does not: it may have been written long after. */
static bool tells_its_time(const struct line *line)
{
    return line->kind == LOG_LINE_ENTRY && line->entry.duration_us >= 0;
}

/* A file without a request, perhaps with a balance, is as old as its last line. */
static void find_first(const char *path, struct usage_log_file *file)
{
    struct failure why;
    struct log_lines *lines = open_lines(path, file, &why);
    file->first_us = file->written_us;
    if (!lines)
        return;
    struct arena *arena = arena_create();
    struct line line = {.kind = LOG_LINE_TORN};
    size_t length;
    for (char *text; !tells_its_time(&line) && (text = usage_log_lines_next(lines, &length));)
        read_line(text, length, arena, &line);
    if (tells_its_time(&line))
        file->first_us = line.entry.wall_us + line.entry.duration_us;
    arena_destroy(arena);
    usage_log_lines_close(lines);
}

static int compare(const void *one, const void *other)
{
    const struct usage_log_file *first = one, *second = other;
    if (first->first_us != second->first_us)
        return first->first_us < second->first_us ? -1 : 1;
    return first->written_us < second->written_us ? -1 : first->written_us > second->written_us;
}

static void drop_older(struct usage_log_files *found, int64_t since_us)
{
    for (size_t i = found->count; i-- > 0;)
        if (found->files[i].written_us < since_us) {
            free(found->files[i].path);
            found->files[i] = found->files[--found->count];
        }
}

bool usage_log_read(const char *path, int64_t since_us, const struct usage_log_reader_ops *taker,
                    struct usage_log_summary *summary, struct failure *why)
{
    struct usage_log_files found;
    struct reading reading = {.path = path, .taker = taker, .summary = summary};
    *summary = (struct usage_log_summary){0};
    if (!usage_log_files_find(&found, path, why))
        return false;
    drop_older(&found, since_us);
    for (size_t i = 0; i < found.count; i++) {
        find_first(path, &found.files[i]);
        reading.all += found.files[i].size;
    }
    if (found.count)
        qsort(found.files, found.count, sizeof *found.files, compare);
    reading.arena = arena_create();
    for (size_t i = 0; i < found.count && !reading.enough; i++)
        read_file(&reading, &found.files[i]);
    arena_destroy(reading.arena);
    usage_log_files_free(&found);
    return true;
}
