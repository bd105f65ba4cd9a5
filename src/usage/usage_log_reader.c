/* Reads the usage log and its rotations, from the oldest line to the newest.
 *
 * Names of rotations vary and file times do not survive every copy. Files are therefore ordered by the time
 * of the checkpoint that they begin with or, without one, by the time at which the first request in them
 * ended, because that is when its line was written. A process that dies and a full disk leave torn lines, and
 * the next record is glued to such a piece. usage_log.c appends that record once more; version 0.1.0 did not.
 * So a record at the end of a torn line counts, and the same line found again does not. */
#include "usage/usage_log_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "usage/usage_log.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_files.h"
#include "usage/usage_log_lines.h"

#define OPEN_ATTEMPTS 3

/* How a record begins: with its id, or, as version 0.1.0 wrote it, with the time. */
static const char *const record_begins[] = {"{\"id\":", "{\"ts\":"};

/* A record that was found at the end of a torn line. */
struct glued_line {
    struct glued_line *next;
    size_t length;
    const char *text;
};

struct reading {
    const char *path; /* of the log */
    struct arena *arena;
    struct glued_line *glued;
    const struct usage_log_reader_ops *ops;
    struct usage_log_summary *summary;
    int64_t done, all;                      /* bytes */
    bool stopped;                           /* by `ops`, or at the end of what is to be read */
    const struct usage_log_position *until; /* NULL: to the end */
    struct usage_log_position *rest;        /* set once its place is reached */
};

/* ---- one line ---- */

/* Returns the last place after the beginning of `line` where a record may begin, NULL if there is none. */
static char *find_record(char *line, size_t length)
{
    char *found = NULL, *end = line + length;
    for (size_t i = 0; i < sizeof record_begins / sizeof *record_begins; i++) {
        size_t begin = strlen(record_begins[i]);
        for (char *at = line + 1; at < end && (at = memmem(at, (size_t)(end - at), record_begins[i], begin));
             at++)
            found = at > found || !found ? at : found;
    }
    return found;
}

struct line {
    enum usage_log_line kind;
    struct usage_log_entry entry;
    struct json_value balance;
    bool torn; /* the line, or what is before its last record, is no complete record */
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

/* Reads the record at the end of a torn line, unless it was read before. */
static void read_glued(struct reading *reading, char *text, size_t length, struct arena *arena,
                       struct line *line)
{
    char *rest = find_record(text, length);
    size_t rest_length = rest ? length - (size_t)(rest - text) : 0;
    if (!rest || was_glued(reading, rest, rest_length))
        return;
    const char *copy = arena_copy(arena, rest, rest_length); /* reading changes the line */
    line->kind = usage_log_entry_read(rest, rest_length, arena, &line->entry, &line->balance);
    if (line->kind == LOG_LINE_ENTRY)
        note_glued(reading, copy, rest_length);
}

static void pass_on(struct reading *reading, const struct line *line)
{
    const struct usage_log_reader_ops *ops = reading->ops;
    bool more = true;
    if (line->kind == LOG_LINE_ENTRY) {
        reading->summary->entries++;
        more = !ops->entry || ops->entry(ops->context, &line->entry);
    } else if (line->kind == LOG_LINE_CHECKPOINT) {
        more = !ops->balance || ops->balance(ops->context, &line->balance);
    }
    reading->stopped = !more;
}

/* ---- one file ---- */

static void complain(const struct reading *reading, const struct failure *why)
{
    if (reading->ops->complain)
        reading->ops->complain(reading->ops->context, why);
}

static void report_torn_lines(const struct reading *reading, const struct usage_log_file *file, size_t torn,
                              size_t first)
{
    struct failure why;
    if (!torn)
        return;
    fail(&why, FAILURE_SETTING, "%s: %zu torn line%s; the first is line %zu", file->path, torn,
         torn == 1 ? "" : "s", first);
    complain(reading, &why);
}

static void report_progress(const struct reading *reading, const struct usage_log_lines *lines)
{
    if (reading->ops->progress)
        reading->ops->progress(reading->ops->context, reading->done + usage_log_lines_offset(lines),
                               reading->all);
}

/* True if the line that begins at `place`, and was just read, had not ended at the place to read to. */
static bool is_of_rest(struct reading *reading, const struct usage_log_lines *lines, int64_t place)
{
    if (!reading->until || !usage_log_lines_are_of(lines, reading->until->device, reading->until->inode) ||
        (usage_log_lines_ended(lines) && usage_log_lines_place(lines) <= reading->until->size))
        return false;
    *reading->rest = *reading->until;
    reading->rest->size = place;
    reading->stopped = true;
    return true;
}

static void read_lines(struct reading *reading, const struct usage_log_file *file,
                       struct usage_log_lines *lines)
{
    size_t number = 0, torn = 0, first = 0, length;
    char *text;
    struct arena *arena = arena_create();
    for (int64_t place = usage_log_lines_place(lines);
         !reading->stopped && (text = usage_log_lines_next(lines, &length));
         place = usage_log_lines_place(lines)) {
        struct line line;
        if (is_of_rest(reading, lines, place))
            break;
        if (number++ % 1024 == 0)
            report_progress(reading, lines);
        if (!length || was_glued(reading, text, length))
            continue; /* empty, or read before at the end of a torn line */
        read_line(text, length, arena, &line);
        if (line.torn && torn++ == 0)
            first = number;
        if (line.torn)
            read_glued(reading, text, length, arena, &line);
        pass_on(reading, &line);
        arena_clear(arena);
    }
    arena_destroy(arena);
    reading->summary->torn += torn;
    report_torn_lines(reading, file, torn, first);
}

/* If rotation has moved the file meanwhile, its path names another file: the file is looked for and opened
 * again. */
static struct usage_log_lines *open_lines(const char *path, struct usage_log_file *file, struct failure *why)
{
    for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
        struct usage_log_lines *lines = usage_log_lines_open(file->path, why);
        if (lines && usage_log_lines_are_of(lines, file->device, file->inode))
            return lines;
        if (lines)
            usage_log_lines_close(lines);
        if (!usage_log_file_follow(file, path)) {
            fail(why, FAILURE_SETTING, "cannot read %s: it was rotated away meanwhile", file->path);
            return NULL;
        }
    }
    return NULL;
}

static void read_file(struct reading *reading, struct usage_log_file *file)
{
    struct failure why;
    struct usage_log_lines *lines = open_lines(reading->path, file, &why);
    bool complete = lines != NULL;
    if (lines) {
        read_lines(reading, file, lines);
        complete = reading->stopped || usage_log_lines_complete(lines, &why);
        usage_log_lines_close(lines);
    }
    if (!complete) {
        reading->summary->unread++;
        complain(reading, &why);
    }
    reading->done += file->size;
}

/* ---- all files ---- */

/* The record of a dead process does not count, because another process may have written it long after. */
static bool shows_write_time(const struct line *line)
{
    return line->kind == LOG_LINE_ENTRY && line->entry.facts.duration_us >= 0;
}

/* Returns when the checkpoint was written, -1 if that cannot be read. */
static int64_t time_of_checkpoint(const struct line *line, struct arena *arena)
{
    return usage_log_time(json_string(arena, json_get(line->balance, "ts"), NULL));
}

/* Recovery may write records of long ago first, but not before the checkpoint. A file with neither a
 * checkpoint nor a record that shows the time is taken to begin when it was last written. */
static void find_first_time(const char *path, struct usage_log_file *file)
{
    struct failure why;
    struct usage_log_lines *lines = open_lines(path, file, &why);
    file->first_us = file->written_us;
    if (!lines)
        return;
    struct arena *arena = arena_create();
    struct line line = {.kind = LOG_LINE_TORN};
    size_t length;
    int64_t checkpoint_us = -1;
    for (char *text;
         checkpoint_us < 0 && !shows_write_time(&line) && (text = usage_log_lines_next(lines, &length));) {
        read_line(text, length, arena, &line);
        if (line.kind == LOG_LINE_CHECKPOINT)
            checkpoint_us = time_of_checkpoint(&line, arena);
    }
    if (checkpoint_us >= 0)
        file->first_us = checkpoint_us;
    else if (shows_write_time(&line))
        file->first_us = line.entry.facts.wall_us + line.entry.facts.duration_us;
    arena_destroy(arena);
    usage_log_lines_close(lines);
}

static int compare_files(const void *one, const void *other)
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

static void sort_files(struct reading *reading, struct usage_log_files *found)
{
    for (size_t i = 0; i < found->count; i++) {
        find_first_time(reading->path, &found->files[i]);
        reading->all += found->files[i].size;
    }
    if (found->count)
        qsort(found->files, found->count, sizeof *found->files, compare_files);
}

bool usage_log_read(const char *path, int64_t since_us, const struct usage_log_reader_ops *ops,
                    struct usage_log_summary *summary, struct failure *why)
{
    struct usage_log_files found;
    struct reading reading = {.path = path, .ops = ops, .summary = summary};
    *summary = (struct usage_log_summary){0};
    if (!usage_log_files_find(&found, path, why))
        return false;
    drop_older(&found, since_us);
    sort_files(&reading, &found);
    reading.arena = arena_create();
    for (size_t i = 0; i < found.count && !reading.stopped; i++)
        read_file(&reading, &found.files[i]);
    arena_destroy(reading.arena);
    usage_log_files_free(&found);
    return true;
}

/* ---- in two parts ---- */

bool usage_log_read_until(const char *path, const struct usage_log_position *until,
                          const struct usage_log_reader_ops *ops, struct usage_log_summary *summary,
                          struct usage_log_position *rest)
{
    struct failure nothing;
    struct usage_log_files found;
    struct reading reading = {.path = path, .ops = ops, .summary = summary, .until = until, .rest = rest};
    *summary = (struct usage_log_summary){0};
    *rest = *until;
    if (!usage_log_files_find(&found, path, &nothing))
        return false;
    sort_files(&reading, &found);
    const struct usage_log_file *last = found.count ? &found.files[found.count - 1] : NULL;
    bool good = last && last->device == until->device && last->inode == until->inode &&
                last->size >= until->size;
    reading.arena = arena_create();
    for (size_t i = 0; good && i < found.count && !reading.stopped; i++)
        read_file(&reading, &found.files[i]);
    arena_destroy(reading.arena);
    usage_log_files_free(&found);
    return good;
}

bool usage_log_read_rest(const char *path, const struct usage_log_position *rest,
                         const struct usage_log_reader_ops *ops, struct usage_log_summary *summary)
{
    struct failure nothing;
    struct reading reading = {.path = path, .ops = ops, .summary = summary};
    struct usage_log_file file = {.path = (char *)(uintptr_t)path};
    struct usage_log_lines *lines = usage_log_lines_open(path, &nothing);
    if (!lines)
        return false;
    bool good = usage_log_lines_are_of(lines, rest->device, rest->inode) &&
                (!rest->head || usage_log_lines_head(lines) == rest->head);
    usage_log_lines_skip(lines, rest->size);
    reading.arena = arena_create();
    if (good)
        read_lines(&reading, &file, lines);
    good = good && usage_log_lines_place(lines) >= rest->size && usage_log_lines_complete(lines, &nothing);
    arena_destroy(reading.arena);
    usage_log_lines_close(lines);
    return good;
}
