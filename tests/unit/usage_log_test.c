/* The usage log under rotation: written lines are found, and a new log is begun only once. */
#include "usage/usage_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "unit.h"
#include "usage/usage_log_search.h"

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

static bool is_held(const struct usage_log_position *place, const char *line)
{
    return usage_log_holds(log_path, place, line, strlen(line));
}

static void a_line_is_found_in_a_rotated_file_too(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    CU_ASSERT_TRUE(is_held(&place, LINE));
    CU_ASSERT_FALSE(is_held(&place, "{\"ts\":\"never\"}\n"));
    CU_ASSERT_FALSE(is_held(&place, "{}\n")); /* the line was there before */
    rotate();
    CU_ASSERT_TRUE(is_held(&place, LINE));
    CU_ASSERT_FALSE(is_held(&place, "{\"ts\":\"never\"}\n"));
    usage_log_close(log);
    clean();
}

/* As logrotate's compress does, or an administrator who deletes the file. */
static void a_line_whose_file_is_gone_counts_as_written(void)
{
    struct usage_log_position place, nowhere = {0};
    struct usage_log *log = write_one(&place);
    rotate();
    CU_ASSERT_TRUE(usage_log_append(log, "{}\n", 3));
    unlink(rotated_path);
    CU_ASSERT_TRUE(is_held(&place, LINE));
    CU_ASSERT_FALSE(is_held(&nowhere, LINE));
    usage_log_close(log);
    clean();
}

/* As logrotate's copytruncate does. */
static void a_line_whose_file_was_emptied_counts_as_written(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
    CU_ASSERT_TRUE(is_held(&place, LINE));
    usage_log_close(log);
    clean();
}

/* ---- torn lines ---- */

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

/* The torn line of a process killed during write(). */
static void a_line_after_a_torn_one_is_written_again(void)
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

static void a_line_glued_to_a_torn_one_does_not_count_as_written(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    struct buffer found;
    const char begin[] = "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"request_id\":\"b\"";
    buffer_init(&found, 1000);
    write_raw(PIECE OTHER);
    CU_ASSERT_FALSE(is_held(&place, OTHER));
    CU_ASSERT_FALSE(usage_log_find(log_path, &place, 0, begin, strlen(begin), &found));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(log_is("{}\n" LINE PIECE OTHER OTHER));
    CU_ASSERT_TRUE(usage_log_find(log_path, &place, 0, OTHER, 40, &found));
    CU_ASSERT_EQUAL(found.length, strlen(OTHER));
    buffer_free(&found);
    usage_log_close(log);
    clean();
}

/* Cut between the line and its line feed. */
static void an_unterminated_line_gets_its_line_feed(void)
{
    struct usage_log_position place;
    struct usage_log *log = write_one(&place);
    char piece[] = OTHER;
    piece[strlen(piece) - 1] = '\0';
    write_raw(piece);
    CU_ASSERT_FALSE(is_held(&place, OTHER));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(log_is("{}\n" LINE OTHER));
    write_raw(piece);
    rotate();
    CU_ASSERT_TRUE(is_held(&place, OTHER));
    usage_log_close(log);
    clean();
}

/* ---- a new log ---- */

static int begun;

/* As the balance, and the log is moved away at that very moment. */
static void begin_log(void *log)
{
    if (begun++ < 5)
        rotate();
    CU_ASSERT_TRUE(usage_log_append(log, "first\n", 6));
}

static void only_one_process_at_a_time_begins_a_new_log(void)
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

#define OTHER_USER 65534

/* As by `penstock ledger rebuild`. */
static void a_log_that_root_creates_belongs_to_the_workers(void)
{
    struct stat made;
    if (geteuid() != 0)
        return; /* only root gives the log to the workers */
    CU_ASSERT_EQUAL(chown(folder, OTHER_USER, OTHER_USER), 0);
    struct usage_log *log = usage_log_open(log_path);
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    CU_ASSERT_EQUAL(stat(log_path, &made), 0);
    CU_ASSERT_EQUAL(made.st_uid, OTHER_USER);
    CU_ASSERT_EQUAL(chown(folder, 0, 0), 0);
    usage_log_close(log);
    clean();
}

static const struct unit_test tests[] = {
    {"a line is found in a rotated file too", a_line_is_found_in_a_rotated_file_too},
    {"a line whose file is gone counts as written", a_line_whose_file_is_gone_counts_as_written},
    {"a line whose file was emptied counts as written", a_line_whose_file_was_emptied_counts_as_written},
    {"a line after a torn one is written again", a_line_after_a_torn_one_is_written_again},
    {"a line glued to a torn one does not count as written",
     a_line_glued_to_a_torn_one_does_not_count_as_written},
    {"an unterminated line gets its line feed", an_unterminated_line_gets_its_line_feed},
    {"only one process at a time begins a new log", only_one_process_at_a_time_begins_a_new_log},
    {"a log that root creates belongs to the workers", a_log_that_root_creates_belongs_to_the_workers},
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
