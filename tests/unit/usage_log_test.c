/* The usage log under rotation: written lines are found, and a new log is begun only once. */
#include "usage/usage_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error_log.h"
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

static int64_t begun_us = INT64_MAX; /* files that were written before are not searched */

static bool is_held(const struct usage_log_position *place, const char *line)
{
    return usage_log_holds(log_path, place, begun_us, line, strlen(line));
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

/* ---- a log that is cut in place ---- */

#define LONG(id)                                                                                             \
    "{\"id\":\"" id "\",\"ts\":\"2026-01-01T00:00:00.000Z\",\"request_id\":\"shared\",\"endpoint\":\"/v1/"   \
    "chat/completions\","                                                                                    \
    "\"model\":\"a-model-with-a-long-name\"}\n"

static void write_all(struct usage_log *log, const char *line)
{
    CU_ASSERT_TRUE(usage_log_append(log, line, strlen(line)));
}

/* The log has grown beyond the place when the line is looked for: its inode and its length say nothing. */
static void a_line_in_a_log_that_was_emptied_and_has_grown_is_found(void)
{
    struct usage_log *log = usage_log_open(log_path);
    struct usage_log_position place;
    struct buffer found;
    const char begin[] = "{\"id\":\"b\"";
    write_all(log, LONG("a"));
    write_all(log, LONG("a2"));
    place = usage_log_place(log);
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
    write_all(log, LONG("b"));
    write_all(log, LONG("c"));
    write_all(log, LONG("d"));
    buffer_init(&found, 1000);
    CU_ASSERT_TRUE(usage_log_find(log_path, &place, 0, begin, strlen(begin), &found));
    CU_ASSERT_TRUE(is_held(&place, LONG("b")));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, INT64_MAX, LONG("b"), strlen(LONG("b"))));
    CU_ASSERT_TRUE(is_held(&place, LONG("a3"))); /* what was cut off is lost, and is not written again */
    buffer_free(&found);
    usage_log_close(log);
    clean();
}

static void copy_log(void)
{
    char command[256];
    snprintf(command, sizeof command, "cp '%s' '%s' && : >'%s'", log_path, rotated_path, log_path);
    CU_ASSERT_EQUAL(system(command), 0);
}

/* logrotate's copytruncate: the copy has another inode, and shows which lines were written. */
static void a_copy_shows_what_was_written(void)
{
    struct usage_log *log = usage_log_open(log_path);
    struct usage_log_position place;
    write_all(log, LONG("a"));
    place = usage_log_place(log);
    write_all(log, LONG("b"));
    copy_log();
    write_all(log, LONG("c"));
    CU_ASSERT_TRUE(is_held(&place, LONG("b")));
    CU_ASSERT_TRUE(is_held(&place, LONG("c")));
    CU_ASSERT_FALSE(is_held(&place, LONG("never")));
    usage_log_close(log);
    clean();
}

/* A process that recovered the exchange has written the line to a log that was rotated away as well. */
static void a_line_in_a_later_file_is_found(void)
{
    struct usage_log *log = usage_log_open(log_path);
    struct usage_log_position place;
    char older[80];
    snprintf(older, sizeof older, "%s.2", log_path);
    write_all(log, LONG("a"));
    place = usage_log_place(log);
    CU_ASSERT_EQUAL(rename(log_path, older), 0);
    (void)usage_log_place(log);
    write_all(log, LONG("b"));
    rotate();
    (void)usage_log_place(log);
    write_all(log, LONG("c"));
    begun_us = 0;
    CU_ASSERT_TRUE(is_held(&place, LONG("b")));
    begun_us = INT64_MAX;
    CU_ASSERT_FALSE(is_held(&place, LONG("b")));
    usage_log_close(log);
    unlink(older);
    clean();
}

static int begun_anew;

static void count_beginning(void *log)
{
    begun_anew++;
    CU_ASSERT_TRUE(usage_log_continue(log, LONG("first"), strlen(LONG("first"))));
}

/* Whether it is empty when it is looked at next, or has grown already. */
static void a_log_that_was_emptied_is_begun_anew(void)
{
    struct usage_log *log = usage_log_open(log_path), *other = usage_log_open(log_path);
    begun_anew = 0;
    write_all(log, LONG("a"));
    usage_log_when_begun(log, count_beginning, log);
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
    write_all(log, LONG("b"));
    CU_ASSERT_EQUAL(begun_anew, 1);
    write_all(log, LONG("c"));
    CU_ASSERT_EQUAL(begun_anew, 1);
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
    for (int i = 0; i < 5; i++)
        write_all(other, LONG("d"));
    write_all(log, LONG("e"));
    CU_ASSERT_EQUAL(begun_anew, 2);
    usage_log_close(other);
    usage_log_close(log);
    clean();
}

/* Its size is that of before, and only the time and the head tell. */
static void a_log_that_has_grown_to_its_old_size_is_begun_anew(void)
{
    struct usage_log *log = usage_log_open(log_path), *other = usage_log_open(log_path);
    const struct timespec later[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) + 60}};
    begun_anew = 0;
    usage_log_when_begun(log, count_beginning, log);
    write_all(log, LONG("a"));
    write_all(log, LONG("b"));
    CU_ASSERT_EQUAL(begun_anew, 1);
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
    write_all(other, LONG("other"));
    write_all(other, LONG("c"));
    write_all(other, LONG("d"));
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, log_path, later, 0), 0);
    write_all(log, LONG("e"));
    CU_ASSERT_EQUAL(begun_anew, 2);
    usage_log_close(other);
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
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, INT64_MAX, OTHER, strlen(OTHER)));
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, INT64_MAX, OTHER, strlen(OTHER)));
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
    CU_ASSERT_TRUE(usage_log_write_once(log, &place, INT64_MAX, OTHER, strlen(OTHER)));
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

/* ---- a path that cannot be opened ---- */

static char errors_path[64];

static void put_folder(void)
{
    CU_ASSERT_EQUAL(mkdir(log_path, 0755), 0);
}

static void put_dangling_link(void)
{
    CU_ASSERT_EQUAL(symlink("nowhere", log_path), 0);
}

static void put_pipe(void)
{
    CU_ASSERT_EQUAL(mkfifo(log_path, 0644), 0);
}

static size_t count_lines_with(const char *path, const char *words)
{
    char line[1024];
    size_t count = 0;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        count += strstr(line, words) != NULL;
    if (file)
        fclose(file);
    return count;
}

static void append_through(void (*put_obstacle)(void))
{
    struct usage_log *log = usage_log_open(log_path);
    CU_ASSERT_TRUE_FATAL(log_open(errors_path, LEVEL_WARNING));
    CU_ASSERT_TRUE(usage_log_append(log, "{\"n\":1}\n", 8));
    rotate();
    put_obstacle();
    CU_ASSERT_TRUE(usage_log_append(log, "{\"n\":2}\n", 8));
    CU_ASSERT_PTR_NOT_NULL(usage_log_try(log));
    CU_ASSERT_PTR_NULL(usage_log_fault(log)); /* no record is lost */
    CU_ASSERT_TRUE(usage_log_is_astray(log));
    CU_ASSERT_TRUE(usage_log_append(log, "{\"n\":3}\n", 8));
    CU_ASSERT_EQUAL(remove(log_path), 0);
    CU_ASSERT_TRUE(usage_log_append(log, "{\"n\":4}\n", 8));
    CU_ASSERT_PTR_NULL(usage_log_try(log));
    CU_ASSERT_FALSE(usage_log_is_astray(log));
    CU_ASSERT_EQUAL(count_lines_with(rotated_path, "{"), 3);
    CU_ASSERT_EQUAL(count_lines_with(log_path, "{\"n\":4}"), 1);
    CU_ASSERT_EQUAL(count_lines_with(log_path, "{"), 1);
    CU_ASSERT_EQUAL(count_lines_with(errors_path, "cannot open the usage log"), 1);
    CU_ASSERT_EQUAL(count_lines_with(errors_path, "is opened again"), 1);
    CU_ASSERT_TRUE(log_open("", LEVEL_ERROR));
    usage_log_close(log);
    unlink(errors_path);
    clean();
}

static void a_path_that_cannot_be_opened_is_reported_once(void)
{
    append_through(put_folder);
    append_through(put_dangling_link);
    append_through(put_pipe);
}

/* A process that begins meanwhile has no other file. */
static void a_pipe_without_a_reader_holds_nothing_up(void)
{
    put_pipe();
    struct usage_log *log = usage_log_open(log_path);
    CU_ASSERT_FALSE(usage_log_append(log, "\n", 1));
    CU_ASSERT_PTR_NOT_NULL(usage_log_fault(log));
    clean();
    CU_ASSERT_TRUE(usage_log_append(log, LINE, strlen(LINE)));
    CU_ASSERT_PTR_NULL(usage_log_fault(log));
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

/* As an account that owns the folder could do, if the kernel does not protect hard links. */
static void root_writes_to_no_file_with_a_second_name(void)
{
    struct stat file;
    if (geteuid() != 0)
        return;
    FILE *precious = fopen(rotated_path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(precious);
    fclose(precious);
    CU_ASSERT_EQUAL(chown(folder, OTHER_USER, OTHER_USER), 0);
    CU_ASSERT_EQUAL(link(rotated_path, log_path), 0);
    struct usage_log *log = usage_log_open(log_path);
    (void)!usage_log_append(log, "", 0);
    CU_ASSERT_PTR_NOT_NULL(usage_log_fault(log));
    CU_ASSERT_EQUAL(stat(rotated_path, &file), 0);
    CU_ASSERT_EQUAL(file.st_uid, 0);
    CU_ASSERT_EQUAL(file.st_size, 0);
    CU_ASSERT_FALSE(log_open(log_path, LEVEL_ERROR)); /* the error log neither */
    CU_ASSERT_EQUAL(chown(folder, 0, 0), 0);
    usage_log_close(log);
    clean();
}

static const struct unit_test tests[] = {
    {"a line in a log that was emptied and has grown is found",
     a_line_in_a_log_that_was_emptied_and_has_grown_is_found},
    {"a line in a later file is found", a_line_in_a_later_file_is_found},
    {"a copy shows what was written", a_copy_shows_what_was_written},
    {"a log that was emptied is begun anew", a_log_that_was_emptied_is_begun_anew},
    {"a log that has grown to its old size is begun anew",
     a_log_that_has_grown_to_its_old_size_is_begun_anew},
    {"root writes to no file with a second name", root_writes_to_no_file_with_a_second_name},
    {"a line is found in a rotated file too", a_line_is_found_in_a_rotated_file_too},
    {"a line whose file is gone counts as written", a_line_whose_file_is_gone_counts_as_written},
    {"a line whose file was emptied counts as written", a_line_whose_file_was_emptied_counts_as_written},
    {"a line after a torn one is written again", a_line_after_a_torn_one_is_written_again},
    {"a line glued to a torn one does not count as written",
     a_line_glued_to_a_torn_one_does_not_count_as_written},
    {"an unterminated line gets its line feed", an_unterminated_line_gets_its_line_feed},
    {"only one process at a time begins a new log", only_one_process_at_a_time_begins_a_new_log},
    {"a path that cannot be opened is reported once", a_path_that_cannot_be_opened_is_reported_once},
    {"a pipe without a reader holds nothing up", a_pipe_without_a_reader_holds_nothing_up},
    {"a log that root creates belongs to the workers", a_log_that_root_creates_belongs_to_the_workers},
};

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    snprintf(log_path, sizeof log_path, "%s/usage.jsonl", folder);
    snprintf(errors_path, sizeof errors_path, "%s/error.log", folder);
    snprintf(rotated_path, sizeof rotated_path, "%s/usage.jsonl.1", folder);
    int status = unit_run("usage_log", tests, sizeof tests / sizeof *tests);
    rmdir(folder);
    return status;
}
