/* Reads when to retry, from a header, a body or a sentence. */
#include <cjson/cJSON.h>
#include <stddef.h>

#include "answers.h"
#include "errors/failure_delay.h"
#include "kinds.h"
#include "outcome.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* A 429 with that header, sentence or details. */
static struct failure failure_of(const cJSON *input)
{
    const cJSON *header = member(input, "header"), *message = member(input, "message"),
                *details = member(input, "details"), *status = member(input, "status");
    const cJSON *inner = member(member(details, "headers"), "retry-after");
    if (!header)
        header = inner;
    if (message)
        return answer_failure_message(429, message->valuestring);
    if (header)
        return answer_failure(429, "", 0, header->valuestring);
    if (details)
        return answer_failure_json(429, details, NULL);
    return answer_failure(status ? status->valueint : 429, "", 0, NULL);
}

void check_retry_after(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct failure why = failure_of(input);
    outcome_number(outcome, "seconds", (double)why.retry_after_ms / 1000, member(expected, "seconds"));
}

void check_duration_parse(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    int64_t ms = delay_duration_ms(member(input, "text")->valuestring, NULL);
    outcome_number(outcome, "seconds", (double)ms / 1000, member(expected, "seconds"));
}
