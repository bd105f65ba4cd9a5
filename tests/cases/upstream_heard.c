/* Reads the provider's log and compares request by request. */
#include "upstream_heard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/answer.h"
#include "../kit/expand.h"
#include "../kit/files.h"
#include "../kit/text.h"
#include "compare.h"
#include "stage.h"

struct entry {
    long connection;
    const char *bytes;
    size_t length;
};

/* The next request of the log; skips notes about peers that left. */
static bool next_entry(const char **at, struct entry *entry)
{
    long number;
    int used = 0;
    while (strncmp(*at, "left ", 5) == 0)
        *at = strchr(*at, '\n') + 1;
    if (sscanf(*at, "request %ld connection %ld bytes %zu%n", &number, &entry->connection, &entry->length,
               &used) < 3)
        return false;
    entry->bytes = *at + used + 1;
    *at = entry->bytes + entry->length + 1;
    return true;
}

/* Joins the chunks of a body (RFC 9112, 7.1). */
static void join_chunks(struct text *body, const char *at, const char *end)
{
    while (at < end) {
        char *stop;
        unsigned long size = strtoul(at, &stop, 16);
        const char *data = strstr(stop, "\r\n");
        if (!size || !data || size > (size_t)(end - data))
            return;
        text_append(body, data + 2, size);
        at = data + 2 + size + 2;
    }
}

static void read_body(const struct answer *request, struct text *body)
{
    char *coding = answer_header(request, "Transfer-Encoding");
    if (coding)
        join_chunks(body, request->body, request->body + request->body_length);
    else
        text_append(body, request->body, request->body_length);
    free(coding);
}

static void compare_body(struct stage *stage, const struct section *must, const struct answer *request)
{
    const char *at = section_body(must->body, must->length), *end = must->body + must->length;
    struct text body = {0}, wanted = {0};
    read_body(request, &body);
    if (section_is(must, ", as JSON")) {
        cJSON *json = cJSON_ParseWithLength(text_words(&body), body.length);
        compare_json(stage, "upstream heard", at, json);
        cJSON_Delete(json);
    } else if (at < end) {
        expand(&wanted, at, (size_t)(end - at), stage_lookup, stage);
        compare_bytes(stage, "upstream heard", wanted.bytes, wanted.length, text_words(&body), body.length);
    }
    text_free(&body);
    text_free(&wanted);
}

/* The head's lines after the first; "@connection same|new" compares with the request before. */
static void compare_head(struct stage *stage, const struct section *must, const struct answer *request,
                         bool same)
{
    const char *headers = strchr(must->body, '\n');
    static const char mark[] = "@connection ";
    if (headers && strncmp(headers + 1, mark, sizeof mark - 1) == 0) {
        bool wanted = headers[sizeof mark] == 's';
        if (wanted != same)
            complain(stage, "upstream: the connection is %s", same ? "the one before" : "a new one");
        headers = strchr(headers + 1, '\n');
    }
    if (headers)
        compare_headers(stage, "upstream heard", headers + 1, request);
}

static void compare_request(struct stage *stage, const struct section *must, const struct entry *entry,
                            bool same)
{
    struct answer request;
    char *bytes = copy_bytes(entry->bytes, entry->length);
    answer_parse(&request, bytes, entry->length);
    char *wanted = copy_bytes(must->body, strcspn(must->body, "\n"));
    char *heard = copy_bytes(bytes, strcspn(bytes, "\r\n"));
    size_t line = strlen(wanted);
    if (strncmp(wanted, heard, line) != 0 || strcmp(heard + line, " HTTP/1.1") != 0)
        complain(stage, "upstream: wanted %s, heard %s", wanted, heard);
    compare_head(stage, must, &request, same);
    compare_body(stage, must, &request);
    free(wanted);
    free(heard);
    free(bytes);
}

void compare_upstream(struct stage *stage, bool loud)
{
    const struct test_case *test = stage->test;
    char *path = stage_path(stage, "heard");
    struct text log = {0};
    file_read(path, &log);
    const char *at = text_words(&log);
    if (loud)
        printf("%s\n", at);
    size_t count = 0;
    long before = 0;
    for (struct entry entry; next_entry(&at, &entry); count++, before = entry.connection)
        if (count < test->heard_count)
            compare_request(stage, test->upstream_hears[count], &entry, entry.connection == before);
    if (count != test->heard_count)
        complain(stage, "upstream: %zu requests wanted, %zu heard", test->heard_count, count);
    text_free(&log);
    free(path);
}
