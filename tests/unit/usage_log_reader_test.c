/* The reader returns all records in order, despite rotation and torn lines. */
#include "usage/usage_log_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/failure.h"
#include "unit.h"
#include "usage/price.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_files.h"
#include "usage/usage_log_lines.h"

static char folder[] = "/tmp/log-reader-test-XXXXXX", path[64], log_path[64];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static void write_gzip(const char *name, const char *text)
{
    gzFile file = gzopen(in_folder(name), "w");
    if (!file || gzputs(file, text) < 0 || gzclose(file) != Z_OK)
        abort();
}

static void clean(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s' && mkdir '%s'", folder, folder);
    if (system(command) != 0)
        abort();
}

/* ---- what was read ---- */

static char heard[4096], said[4096];
static struct usage_log_summary summary;

static void rotate(void)
{
    char command[256];
    snprintf(command, sizeof command,
             "cd %s && mv usage.jsonl.1 usage.jsonl.2 && mv usage.jsonl usage.jsonl.1 && echo >usage.jsonl",
             folder);
    if (system(command) != 0)
        abort();
}

static bool hear(void *context, const struct usage_log_entry *entry)
{
    size_t used = strlen(heard);
    (void)context;
    if (strcmp(entry->facts.request_id, "rotate") == 0)
        rotate();
    snprintf(heard + used, sizeof heard - used, "%s%s", used ? " " : "", entry->facts.request_id);
    return strcmp(entry->facts.request_id, "enough") != 0;
}

static bool hear_balance(void *context, const struct json_value *balance)
{
    size_t used = strlen(heard);
    (void)context;
    snprintf(heard + used, sizeof heard - used, "%s%.*s", used ? " " : "", (int)balance->length, balance->at);
    return true;
}

static void complain(void *context, const struct failure *why)
{
    size_t used = strlen(said);
    (void)context;
    snprintf(said + used, sizeof said - used, "%s\n", why->message);
}

static bool read_since(int64_t since_us)
{
    static const struct usage_log_reader_ops taker = {
        .entry = hear, .balance = hear_balance, .complain = complain};
    struct failure why;
    *heard = *said = '\0';
    bool found = usage_log_read(log_path, since_us, &taker, &summary, &why);
    if (!found)
        snprintf(said, sizeof said, "%s", why.message);
    return found;
}

#define LASTING(second, id, ms)                                                                              \
    "{\"ts\":\"2026-11-19T10:00:" second ".000Z\",\"request_id\":\"" id "\",\"duration_ms\":" ms "}\n"
#define RECORD(second, id) LASTING(second, id, "1.000")

/* ---- one line ---- */

static struct usage_log_entry entry;

static enum usage_log_line parse(const char *text)
{
    static struct arena *arena;
    static char *line;
    struct json_value balance;
    arena_destroy(arena);
    free(line);
    arena = text ? arena_create() : NULL;
    line = text ? strdup(text) : NULL;
    return text ? usage_log_entry_read(line, strlen(line), arena, &entry, &balance) : LOG_LINE_TORN;
}

static void a_record_is_read_as_it_was_written(void)
{
    CU_ASSERT_EQUAL_FATAL(
        parse(
            "{\"ts\":\"2026-11-19T10:00:01.250Z\",\"request_id\":\"r1\",\"client\":\"blog\",\"run_id\":null,"
            "\"remote_addr\":null,\"endpoint\":\"/v1/chat/completions\",\"requested_model\":\"fa\\u0073t\","
            "\"provider\":\"groq\",\"model\":\"llama\",\"stream\":true,\"status\":200,\"provider_status\":"
            "200,"
            "\"category\":null,\"reason\":null,\"retryable\":null,\"source\":null,\"end\":\"complete\","
            "\"attempts\":[{\"provider\":\"x\",\"status\":500}],\"prompt_tokens\":12,\"completion_tokens\":0,"
            "\"total_tokens\":null,\"cached_tokens\":null,\"reasoning_tokens\":null,"
            "\"usage_source\":\"provider\",\"cost_usd\":0.000000025,\"bytes_in\":1,\"bytes_out\":2,"
            "\"connect_ms\":null,\"ttfb_ms\":null,\"duration_ms\":1234.567,\"pid\":7}"),
        LOG_LINE_ENTRY);
    CU_ASSERT_EQUAL(entry.facts.wall_us, 1795082401250000);
    CU_ASSERT_STRING_EQUAL(entry.facts.request_id, "r1");
    CU_ASSERT_STRING_EQUAL(entry.facts.client, "blog");
    CU_ASSERT_PTR_NULL(entry.facts.run_id);
    CU_ASSERT_STRING_EQUAL(entry.facts.requested_model, "fast");
    CU_ASSERT_STRING_EQUAL(entry.facts.provider, "groq");
    CU_ASSERT_STRING_EQUAL(entry.facts.model, "llama");
    CU_ASSERT_STRING_EQUAL(entry.end, "complete");
    CU_ASSERT_PTR_NULL(entry.reason);
    CU_ASSERT_TRUE(entry.facts.stream);
    CU_ASSERT_EQUAL(entry.status, 200);
    CU_ASSERT_EQUAL(entry.facts.usage.prompt, 12);
    CU_ASSERT_EQUAL(entry.facts.usage.completion, 0);
    CU_ASSERT_EQUAL(entry.facts.usage.total, -1);
    CU_ASSERT_EQUAL(entry.facts.cost, 25);
    CU_ASSERT_EQUAL(entry.ttfb_us, -1);
    CU_ASSERT_EQUAL(entry.facts.duration_us, 1234567);
}

static void members_may_come_in_any_order(void)
{
    CU_ASSERT_EQUAL_FATAL(parse(" { \"cost_usd\" : null , \"new\":{\"client\":\"no\"}, \"model\":\"m\", "
                                "\"client\":\"a\\\"b\", \"request_id\":\"r\",\"ts\":\"2026-11-19\" } "),
                          LOG_LINE_ENTRY);
    CU_ASSERT_STRING_EQUAL(entry.facts.client, "a\"b");
    CU_ASSERT_STRING_EQUAL(entry.facts.model, "m");
    CU_ASSERT_EQUAL(entry.facts.cost, COST_UNKNOWN);
}

static void a_line_that_is_no_record_is_torn(void)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"ts\":\"2026-11-19T10:00:01Z\",\"request_id\":\"r\"",
        "{\"ts\":\"2026-11-19T10:00:01Z\",\"request_id\":null}",
        "{\"ts\":\"yesterday\",\"request_id\":\"r\"}",
        "{\"request_id\":\"r\"}",
        "{\"balance\":1}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CU_ASSERT_EQUAL(parse(lines[i]), LOG_LINE_TORN);
    CU_ASSERT_EQUAL(parse("{\"balance\":{}}"), LOG_LINE_CHECKPOINT);
    parse(NULL);
}

/* ---- files ---- */

static void rotations_are_read_oldest_first(void)
{
    clean();
    write_file("usage.jsonl", "{\"balance\":{\"n\":1}}\n" RECORD("09", "i") RECORD("10", "j"));
    write_file("usage.jsonl.1", RECORD("07", "h"));
    write_gzip("usage.jsonl.2.gz", RECORD("05", "f") RECORD("06", "g"));
    write_gzip("usage.jsonl-20261118.gz", RECORD("03", "d") RECORD("04", "e"));
    write_file("usage.jsonl.10", RECORD("02", "c"));
    write_gzip("usage-20261117_1.jsonl.gz", RECORD("01", "b"));
    write_file("usage.1.jsonl", RECORD("00", "a"));
    write_file("usage.jsonl.bak", RECORD("00", "x"));
    write_file("usage.jsonl.1~", RECORD("00", "x"));
    write_file("other.jsonl.1", RECORD("00", "x"));
    write_file("usage.json", RECORD("00", "x"));
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a b c d e f g h {\"n\":1} i j");
    CU_ASSERT_STRING_EQUAL(said, "");
    CU_ASSERT_EQUAL(summary.entries, 10);
}

/* The line of a long request is written at its end, that of a dead process at its recovery. */
static void lines_are_in_the_order_of_their_writing(void)
{
    clean();
    write_file("usage.jsonl.1", RECORD("10", "b") RECORD("11", "c"));
    write_file("usage.jsonl", LASTING("00", "d", "null") LASTING("01", "e", "15000.000") RECORD("17", "f"));
    write_file("usage.jsonl.2", LASTING("09", "a", "500.250"));
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a b c d e f");
}

static void a_rotation_half_compressed_counts_once(void)
{
    clean();
    write_file("usage.jsonl.1", RECORD("01", "a") RECORD("02", "b"));
    write_gzip("usage.jsonl.1.gz", RECORD("01", "a"));
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a b");
}

static void torn_lines_are_counted_and_what_follows_them_is_kept(void)
{
    clean();
    write_file("usage.jsonl",
               RECORD("01", "a") "{\"ts\":\"2026-11-19T10:00:02\",\"requ\n" RECORD(
                   "03", "c") "{\"ts\":\"2026-11-19T10:00:04\",\"mo" RECORD("05", "e") "\n{\"ts\":");
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a c e");
    CU_ASSERT_EQUAL(summary.torn, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "/usage.jsonl: 3 torn lines; the first is line 2"));
    CU_ASSERT_EQUAL(summary.unread, 0);
}

/* Its process appended it again, or another process did, to the next file, after that one was killed. */
static void a_glued_line_that_was_written_again_counts_once(void)
{
    clean();
    write_file("usage.jsonl.1", RECORD("01", "a") "{\"ts\":\"2026-11-19T10:00:02\",\"mo" RECORD("03", "c")
                                    RECORD("04", "d") "\n" RECORD("03", "c"));
    write_file("usage.jsonl", RECORD("05", "e") RECORD("03", "c") RECORD("05", "e"));
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a c d e e");
    CU_ASSERT_EQUAL(summary.torn, 1);
    CU_ASSERT_EQUAL(summary.entries, 5);
}

static void long_lines_are_read(void)
{
    clean();
    FILE *file = fopen(in_folder("usage.jsonl"), "w");
    fputs(RECORD("01", "a"), file);
    for (int i = 0; i < 3 * USAGE_LOG_LINE_MAX; i++)
        putc('x', file);
    fputs("\n{\"ts\":\"2026-11-19T10:00:02Z\",\"long\":\"", file);
    for (int i = 0; i < USAGE_LOG_LINE_MAX - 1000; i++)
        putc('y', file);
    fputs("\",\"request_id\":\"b\"}", file);
    fclose(file);
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a b");
    CU_ASSERT_EQUAL(summary.torn, 1);
}

static void an_unreadable_file_is_reported_and_the_others_are_read(void)
{
    clean();
    write_file("usage.jsonl", RECORD("05", "e"));
    write_gzip("usage.jsonl.1.gz", RECORD("01", "a") RECORD("02", "b"));
    FILE *file = fopen(in_folder("usage.jsonl.1.gz"), "r+");
    fseek(file, 0, SEEK_END);
    CU_ASSERT_EQUAL(ftruncate(fileno(file), ftell(file) - 6), 0);
    fclose(file);
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a b e");
    CU_ASSERT_EQUAL(summary.unread, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "/usage.jsonl.1.gz cannot be read to its end: it ends too early"));
}

static void no_log_is_an_error(void)
{
    clean();
    CU_ASSERT_FALSE(read_since(0));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "there is no usage log at /tmp/log-reader-test-"));
    clean();
    mkdir(in_folder("usage.jsonl"), 0700);
    CU_ASSERT_FALSE(read_since(0));
    strcpy(log_path, "/nowhere/usage.jsonl");
    CU_ASSERT_FALSE(read_since(0));
    CU_ASSERT_STRING_EQUAL(said, "cannot read the folder /nowhere: No such file or directory");
    snprintf(log_path, sizeof log_path, "%s/usage.jsonl", folder);
}

static void a_rotation_meanwhile_loses_nothing(void)
{
    clean();
    write_file("usage.jsonl.1", RECORD("01", "rotate") RECORD("02", "b"));
    write_file("usage.jsonl", RECORD("03", "c"));
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "rotate b c");
    CU_ASSERT_STRING_EQUAL(said, "");
}

static void a_callback_can_stop_the_reading(void)
{
    clean();
    write_file("usage.jsonl.1", RECORD("01", "a") RECORD("02", "enough") RECORD("03", "c"));
    write_file("usage.jsonl", RECORD("04", "d"));
    CU_ASSERT_TRUE(read_since(0));
    CU_ASSERT_STRING_EQUAL(heard, "a enough");
    CU_ASSERT_TRUE(read_since(INT64_MAX));
    CU_ASSERT_STRING_EQUAL(heard, "");
}

static const struct unit_test tests[] = {
    {"a record is read as it was written", a_record_is_read_as_it_was_written},
    {"members may come in any order", members_may_come_in_any_order},
    {"a line that is no record is torn", a_line_that_is_no_record_is_torn},
    {"rotations are read oldest first", rotations_are_read_oldest_first},
    {"lines are in the order of their writing", lines_are_in_the_order_of_their_writing},
    {"a rotation half compressed counts once", a_rotation_half_compressed_counts_once},
    {"a glued line that was written again counts once", a_glued_line_that_was_written_again_counts_once},
    {"torn lines are counted and what follows them is kept",
     torn_lines_are_counted_and_what_follows_them_is_kept},
    {"long lines are read", long_lines_are_read},
    {"an unreadable file is reported and the others are read",
     an_unreadable_file_is_reported_and_the_others_are_read},
    {"no log is an error", no_log_is_an_error},
    {"a rotation meanwhile loses nothing", a_rotation_meanwhile_loses_nothing},
    {"a callback can stop the reading", a_callback_can_stop_the_reading},
};

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    snprintf(log_path, sizeof log_path, "%s/usage.jsonl", folder);
    int status = unit_run("log_reader", tests, sizeof tests / sizeof *tests);
    clean();
    rmdir(folder);
    return status;
}
