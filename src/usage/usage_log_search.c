/* Searches the usage log and its rotations for a line that may have been written.
 *
 * The log may be renamed, compressed, copied and emptied (logrotate's copytruncate), or emptied at any time,
 * also while it is searched. So its files are read by read(2) and never through a map, in which a page that
 * was cut off raises SIGBUS, and they are told apart by how they begin: an emptied log keeps its inode, and a
 * copy has another one. Nothing here needs a lock, so no caller holds one. */
#include "usage/usage_log_search.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_files.h"
#include "usage/usage_log_lines.h"

struct search {
    const char *path; /* of the log */
    const struct usage_log_position *since;
    int64_t begun_us; /* files that were last written before are searched only if they are that of `since` */
    const char *begin;
    size_t length;
    bool (*accept)(const struct search *search, const char *line, size_t length); /* without its line feed */
    struct buffer *copy;                                                          /* for accept() */
    bool file_found; /* the file of `since`, no shorter than it was then */
};

/* The last line of a file that was rotated away may lack its line feed: nothing will be glued to it any
 * more. */
static bool lines_hold(struct usage_log_lines *lines, bool is_log, const struct search *search)
{
    size_t length;
    for (const char *line; (line = usage_log_lines_next(lines, &length));)
        if (length >= search->length && memcmp(line, search->begin, search->length) == 0 &&
            (usage_log_lines_ended(lines) || !is_log) && search->accept(search, line, length))
            return true;
    return false;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_compressed(const struct usage_log_file *file)
{
    const char *dot = strrchr(name_of(file->path), '.');
    return dot && strcmp(dot, ".gz") == 0;
}

/* True if this is the file of `since`, or a copy of it, and has all bytes that it had then. A file of less
 * than a line is known by its inode alone. */
static bool is_of_then(const struct usage_log_file *file, struct usage_log_lines *lines,
                       const struct usage_log_position *since)
{
    bool same = since->head ? usage_log_lines_head(lines) == since->head
                            : usage_log_lines_are_of(lines, since->device, since->inode);
    return same && (is_compressed(file) || file->size >= since->size);
}

/* The byte in front of the place shows whether a line begins there. */
static bool file_holds(const struct usage_log_file *file, bool is_log, struct search *search)
{
    struct failure nothing;
    struct usage_log_lines *lines = usage_log_lines_open(file->path, &nothing);
    if (!lines)
        return false;
    bool is_then = is_of_then(file, lines, search->since);
    bool wanted = is_then || is_log || file->written_us >= search->begun_us;
    if (is_then && search->since->size > 0)
        usage_log_lines_skip(lines, search->since->size - 1);
    bool holds = wanted && lines_hold(lines, is_log, search);
    search->file_found = search->file_found || is_then;
    usage_log_lines_close(lines);
    return holds;
}

enum pass { THE_LOG, SAME_INODE, OTHERS };

/* The log and the file of then are known by name and inode, so the others are opened only if they may hold
 * the line: they were written since, or one of them may be a copy of a file that was emptied. */
static bool is_of_pass(const struct usage_log_file *file, enum pass pass, const struct search *search)
{
    if (strcmp(name_of(file->path), name_of(search->path)) == 0)
        return pass == THE_LOG;
    if (file->inode == search->since->inode && file->device == search->since->device)
        return pass == SAME_INODE;
    return pass == OTHERS && file->size && (file->written_us >= search->begun_us || !search->file_found);
}

static bool search_files(struct search *search)
{
    struct usage_log_files found;
    if (!*search->path || !search->since->inode || !usage_log_files_find_all(&found, search->path))
        return false;
    bool holds = false;
    for (enum pass pass = THE_LOG; pass <= OTHERS; pass++)
        for (size_t i = 0; i < found.count && !holds; i++)
            if (is_of_pass(&found.files[i], pass, search))
                holds = file_holds(&found.files[i], pass == THE_LOG, search);
    usage_log_files_free(&found);
    return holds;
}

/* The whole of what was searched for. */
static bool is_all(const struct search *search, const char *line, size_t length)
{
    (void)line;
    return length == search->length;
}

bool usage_log_holds(const char *path, const struct usage_log_position *since, int64_t begun_us,
                     const char *line, size_t length)
{
    struct search search = {
        .path = path,
        .since = since,
        .begun_us = begun_us,
        .begin = line,
        .length = length - (length && line[length - 1] == '\n'),
        .accept = is_all,
    };
    bool held = search_files(&search), searched = *path && since->inode;
    return held || (searched && !search.file_found);
}

/* A record that can be read; a piece with something glued to it cannot. */
static bool copy_record(const struct search *search, const char *line, size_t length)
{
    struct arena *arena = arena_create();
    struct usage_log_entry entry;
    struct json_value balance;
    bool whole = usage_log_entry_read(arena_copy(arena, line, length), length, arena, &entry, &balance) ==
                 LOG_LINE_ENTRY;
    arena_destroy(arena);
    return whole && buffer_append(search->copy, line, length) && buffer_append(search->copy, "\n", 1);
}

bool usage_log_find(const char *path, const struct usage_log_position *since, int64_t begun_us,
                    const char *begin, size_t length, struct buffer *line)
{
    struct search search = {
        .path = path,
        .since = since,
        .begun_us = begun_us,
        .begin = begin,
        .length = length,
        .accept = copy_record,
        .copy = line,
    };
    return search_files(&search);
}
