/* The usage log in hands that rotate it: what was written is known, and a new one is begun once. */
#include "usage/usage_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "unit.h"

static char folder[] = "/tmp/usage-log-test-XXXXXX", log_path[64], rotated_path[64];

static void clean(void)
{
    unlink(log_path);
    unlink(rotated_path);
}

static void rotate(void)
{
    if (rename(log_path, rotated_path) != 0)
        abort();
}

/* ---- was it written? ---- */

#define LINE "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"request_id\":\"a\"}\n"

static struct usage_log *write_one(struct usage_log_position *place)
{
    struct usage_log *log = usage_log_open(log_path);
    CU_ASSERT_TRUE(usage_log_append(log, "{}\n", 3));
    *place = usage_log_place(log);
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    return log;
}

static bool is_held(struct usage_log *log, const struct usage_log_position *place, const char *line)
{
    return usage_log_holds(log, place, line, strlen(line));
}

static void line_is_found_where_it_went(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    CU_ASSERT_TRUE(is_held(log, &place, LINE));
    CU_ASSERT_FALSE(is_held(log, &place, "{\"ts\":\"never\"}\n"));
    CU_ASSERT_FALSE(is_held(log, &place, "{}\n")); /* it was there before */
    rotate();
    CU_ASSERT_TRUE(is_held(log, &place, LINE));
    CU_ASSERT_FALSE(is_held(log, &place, "{\"ts\":\"never\"}\n"));
    usage_log_close(log);
    clean();
}

/* As logrotate's compress, or as one who throws it away. */
static void line_of_a_file_that_is_gone_was_written(void)
{
    struct usage_log_position place, nowhere = {0};
    struct usage_log *log = write_one(&place);
    rotate();
    CU_ASSERT_TRUE(usage_log_append(log, "{}\n", 3));
    unlink(rotated_path);
    CU_ASSERT_TRUE(is_held(log, &place, LINE));
    CU_ASSERT_FALSE(is_held(log, &nowhere, LINE));
    usage_log_close(log);
    clean();
}

/* As logrotate's copytruncate. */
static void line_of_a_file_that_was_emptied_was_written(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
    CU_ASSERT_TRUE(is_held(log, &place, LINE));
    usage_log_close(log);
    clean();
}

/* ---- pieces ---- */

#define PIECE "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"request_id\":\"b\",\"cli"
#define OTHER "{\"ts\":\"2026-01-01T00:00:01.000Z\",\"request_id\":\"c\"}\n"

static void write_raw(const char *text)
{
    FILE *file = fopen(log_path, "a");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static bool log_is(const char *text)
{
    static char bytes[4096];
    FILE *file = fopen(log_path, "r");
    if (!file)
        abort();
    bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
    fclose(file);
    return strcmp(bytes, text) == 0;
}

/* As a process leaves one that is killed within its write(). */
static void line_behind_a_piece_is_written_again(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    write_raw(PIECE);
    CU_ASSERT_TRUE(usage_log_append(log, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(log_is("{}\n" LINE PIECE OTHER "\n" OTHER));
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    CU_ASSERT_TRUE(log_is("{}\n" LINE PIECE OTHER "\n" OTHER LINE));
    usage_log_close(log);
    clean();
}

static void line_glued_to_a_piece_is_not_held(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    struct buffer found;
    const char begin[] = "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"request_id\":\"b\"";
    buffer_init(&found, 1000);
    write_raw(PIECE OTHER);
    CU_ASSERT_FALSE(is_held(log, &place, OTHER));
    CU_ASSERT_FALSE(usage_log_find(log, &place, begin, strlen(begin), &found));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(log_is("{}\n" LINE PIECE OTHER OTHER));
    CU_ASSERT_TRUE(usage_log_find(log, &place, OTHER, 40, &found));
    CU_ASSERT_EQUAL(found.length, strlen(OTHER));
    buffer_free(&found);
    usage_log_close(log);
    clean();
}

/* Cut between the line and its line feed. */
static void line_without_its_end_is_ended(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    char piece[] = OTHER;
    piece[strlen(piece) - 1] = '\0';
    write_raw(piece);
    CU_ASSERT_FALSE(is_held(log, &place, OTHER));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(log_is("{}\n" LINE OTHER));
    write_raw(piece);
    rotate();
    CU_ASSERT_TRUE(is_held(log, &place, OTHER));
    usage_log_close(log);
    clean();
}

/* ---- a new one ---- */

static int begun;

/* As the balance, and the log is moved away at that very moment. */
static void begin_log(void *log)
{
    if (begun++ < 5)
        rotate();
    CU_ASSERT_TRUE(usage_log_append(log, "first\n", 6));
}

static void new_log_is_begun_once_at_a_time(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    usage_log_when_begun(log, begin_log, log);
    rotate();
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    CU_ASSERT_EQUAL(begun, 1);
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    CU_ASSERT_EQUAL(begun, 2);
    usage_log_close(log);
    clean();
}

#define NOBODY 65534

/* As by `penstock ledger rebuild`. */
static void log_that_root_makes_is_the_workers(void)
{
    struct stat made;
    if (geteuid() != 0)
        return; /* whoever else makes it keeps it */
    CU_ASSERT_EQUAL(chown(folder, NOBODY, NOBODY), 0);
    struct usage_log *log = usage_log_open(log_path);
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    CU_ASSERT_EQUAL(stat(log_path, &made), 0);
    CU_ASSERT_EQUAL(made.st_uid, NOBODY);
    CU_ASSERT_EQUAL(chown(folder, 0, 0), 0);
    usage_log_close(log);
    clean();
}

static const struct unit_test tests[] = {
    {"a line is found where it went, be it rotated", line_is_found_where_it_went},
    {"a line whose file is gone was written", line_of_a_file_that_is_gone_was_written},
    {"a line whose file was emptied was written", line_of_a_file_that_was_emptied_was_written},
    {"a line behind a piece is written again", line_behind_a_piece_is_written_again},
    {"a line glued to a piece is not held", line_glued_to_a_piece_is_not_held},
    {"a line without its end is ended", line_without_its_end_is_ended},
    {"a new log is begun once at a time", new_log_is_begun_once_at_a_time},
    {"a log that root makes is the workers'", log_that_root_makes_is_the_workers},
};

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    snprintf(log_path, sizeof log_path, "%s/usage.jsonl", folder);
    snprintf(rotated_path, sizeof rotated_path, "%s/usage.jsonl.1", folder);
    int status = unit_run("usage_log", tests, sizeof tests / sizeof *tests);
    rmdir(folder);
    return status;
}
