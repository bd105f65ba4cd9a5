/* Each error answer of the file failure_words becomes the failure that the line above it states. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "errors/failure_map.h"
#include "format/response_head.h"
#include "unit.h"

#define LINE_MAX_BYTES 16384
#define HEADERS 4

/* What a line states, and what the program found. */
struct verdict {
    char reason[32], category[32];
    bool retryable;
    int status;
    long delay_s; /* -1: unknown */
    char says[128];
};

struct answer {
    int status;
    char line[LINE_MAX_BYTES], body[LINE_MAX_BYTES];
    struct name_value headers[HEADERS];
    size_t header_count;
};

/* The category that a status means (contract, section 4); NULL where the status means nothing. */
static const char *category_of_status(int status)
{
    switch (status) {
    case 400:
    case 422:
        return "request_error";
    case 401:
    case 403:
        return "authentication";
    case 404:
        return "model_not_found";
    case 429:
        return "rate_limit";
    case 408:
    case 425:
    case 500:
    case 502:
    case 503:
    case 504:
    case 529:
        return "transient_upstream_failure";
    default:
        return NULL;
    }
}

static enum failure_reason reason_named(const char *name)
{
    for (enum failure_reason reason = FAILURE_NONE; reason < FAILURE_REASONS; reason++)
        if (strcmp(failure_reason_name(reason), name) == 0)
            return reason;
    return FAILURE_NONE;
}

/* Replaces "\n" with a line feed where it stands outside of JSON. */
static void unescape(char *body)
{
    if (*body == '{' || *body == '[')
        return;
    for (char *at = body; (at = strstr(at, "\\n")); at++) {
        *at = '\n';
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
    }
}

/* Reads "429 Retry-After=5 -> rate_limit, yes, after 5". */
static bool read_line(char *line, struct answer *answer, struct verdict *wanted)
{
    char *arrow = strstr(line, " -> "), *rest = NULL, *part;
    if (!arrow)
        return false;
    *arrow = '\0';
    *wanted = (struct verdict){.delay_s = -1};
    answer->status = atoi(strtok_r(line, " ", &rest));
    while ((part = strtok_r(NULL, " ", &rest)) && answer->header_count < HEADERS) {
        char *equals = strchr(part, '=');
        if (!equals)
            return false;
        *equals = '\0';
        answer->headers[answer->header_count++] = (struct name_value){part, equals + 1};
    }
    snprintf(wanted->reason, sizeof wanted->reason, "%s", strtok_r(arrow + 4, ",", &rest));
    while ((part = strtok_r(NULL, ",", &rest))) {
        part += strspn(part, " ");
        if (strcmp(part, "yes") == 0)
            wanted->retryable = true;
        else if (strncmp(part, "after ", 6) == 0)
            wanted->delay_s = atol(part + 6);
        else if (strncmp(part, "status ", 7) == 0)
            wanted->status = atoi(part + 7);
        else if (strncmp(part, "says ", 5) == 0)
            snprintf(wanted->says, sizeof wanted->says, "%s", part + 5);
        else if (strcmp(part, "no") != 0)
            return false;
    }
    enum failure_reason reason = reason_named(wanted->reason);
    const char *category = category_of_status(answer->status);
    if (!category && answer->status >= 200 && answer->status <= 299)
        category = failure_category_name(failure_defaults(reason)->category);
    snprintf(wanted->category, sizeof wanted->category, "%s", category ? category : "");
    if (!wanted->status)
        wanted->status = answer->status;
    return reason != FAILURE_NONE;
}

static bool is_as_wanted(const struct verdict *wanted, const struct failure *why)
{
    long delay_s = why->retry_after_ms < 0 ? -1 : (long)((why->retry_after_ms + 999) / 1000);
    return strcmp(wanted->reason, failure_reason_name(why->reason)) == 0 &&
           (!*wanted->category || strcmp(wanted->category, failure_category_name(why->category)) == 0) &&
           wanted->retryable == why->retryable && wanted->status == why->status &&
           (wanted->delay_s == delay_s || !wanted->retryable) && strstr(why->message, wanted->says);
}

static bool play(char *line, struct answer *answer)
{
    struct verdict wanted;
    if (!read_line(line, answer, &wanted)) {
        printf("\n    not understood: %s\n", line);
        return false;
    }
    unescape(answer->body);
    struct response_head head = {.headers = {answer->header_count, answer->headers}};
    struct provider_answer given = {
        .status = answer->status, .head = &head, .body = {answer->body, strlen(answer->body)}};
    struct failure why;
    failure_map(&why, &given);
    if (is_as_wanted(&wanted, &why))
        return true;
    printf("\n    %d %.300s\n        wanted %s %s, found %s %s %s, status %d, after %lld ms: %s\n",
           answer->status, answer->body, wanted.reason, wanted.retryable ? "yes" : "no",
           failure_reason_name(why.reason), why.retryable ? "yes" : "no", failure_category_name(why.category),
           why.status, (long long)why.retry_after_ms, why.message);
    return false;
}

static bool next_line(FILE *file, char *line)
{
    while (fgets(line, LINE_MAX_BYTES, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line && *line != '#')
            return true;
    }
    return false;
}

static void each_answer_becomes_the_failure_above_it(void)
{
    const char *folder = getenv("srcdir"), *named = getenv("FAILURE_WORDS");
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/unit/failure_words", folder ? folder : ".");
    FILE *file = fopen(named ? named : path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t count = 0, right = 0;
    static struct answer answer;
    while (next_line(file, answer.line) && next_line(file, answer.body)) {
        answer.header_count = 0;
        count++;
        if (play(answer.line, &answer))
            right++;
    }
    fclose(file);
    if (right < count)
        printf("\n    %zu of %zu right\n", right, count);
    CU_ASSERT_TRUE(count > 200 || named);
    CU_ASSERT_EQUAL(right, count);
}

static const struct unit_test tests[] = {
    {"each answer becomes the failure above it", each_answer_becomes_the_failure_above_it},
};

UNIT_MAIN("errors: providers' words", tests)
