/* A provider's error answer as our failure: what its body says, judged by the rules, made fit to be shown. */
#include "errors/failure_map.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/failure.h"
#include "errors/failure_body.h"
#include "errors/failure_delay.h"
#include "errors/failure_rules.h"
#include "errors/failure_text.h"
#include "errors/redact.h"
#include "upstream/upstream.h"

static const char *header(const struct provider_answer *answer, const char *name)
{
    return answer->headers ? upstream_header(answer->headers, name) : NULL;
}

/* The header in either form comes before what the body says. */
static int64_t find_delay(const struct provider_answer *answer, const struct failure_body *body)
{
    const char *precise = header(answer, "retry-after-ms"), *plain = header(answer, "retry-after");
    int64_t ms = precise ? delay_header_ms(precise, clock_wall_us()) : DELAY_UNKNOWN;
    if (ms >= 0)
        return ms / 1000; /* the value is in milliseconds, and was read as seconds */
    ms = plain ? delay_header_ms(plain, clock_wall_us()) : DELAY_UNKNOWN;
    return ms >= 0 ? ms : body->delay_ms;
}

static bool is_success(int status)
{
    return status >= 200 && status < 300;
}

/* The client gets the provider's own status; under a 2xx the one that the error names, or the one that goes
 * with its cause. */
static int client_status(const struct provider_answer *answer, const struct failure_body *body,
                         enum failure_reason reason)
{
    if (answer->status >= 400 && answer->status <= 599)
        return answer->status;
    if (!is_success(answer->status))
        return 502;
    struct failure usual;
    fail(&usual, reason, "%s", "");
    return body->status ? body->status : usual.status;
}

static void set_word(char *word, const char *own, const struct provider_answer *answer)
{
    if (!*own)
        return;
    snprintf(word, FAILURE_WORD_SIZE, "%s", own);
    redact(word, FAILURE_WORD_SIZE, &answer->secrets);
}

/* Keys go before the sentence is cut: half a key would not be known for one. */
static void set_message(struct failure *why, const struct failure_body *body,
                        const struct provider_answer *answer)
{
    char text[EVIDENCE_TEXT_SIZE];
    if (*body->sentence)
        snprintf(text, sizeof text, "%s", body->sentence);
    else
        snprintf(text, sizeof text, "%.*s",
                 (int)(answer->body.length < sizeof text ? answer->body.length : sizeof text - 1),
                 answer->body.at ? answer->body.at : "");
    redact(text, sizeof text, &answer->secrets);
    failure_text_clean(text, strlen(text), why->message, sizeof why->message);
}

/* A provider may say itself whether to try again (OpenAI, Anthropic); it is believed, but not against what
 * its answer shows. */
static bool is_retryable(const struct provider_answer *answer, struct failure_verdict verdict)
{
    const char *advice = header(answer, "x-should-retry");
    if (advice && strcasecmp(advice, "false") == 0)
        return false;
    return verdict.retryable || (advice && strcasecmp(advice, "true") == 0 && !verdict.permanent);
}

bool failure_map(struct failure *why, const struct provider_answer *answer)
{
    struct failure_body body;
    failure_body_read(&body, answer->body);
    body.delay_ms = find_delay(answer, &body);
    body.evidence.delayed = body.delay_ms >= 0;
    body.evidence.provider = answer->provider ? answer->provider : "";
    body.evidence.status = is_success(answer->status) && body.status ? body.status : answer->status;
    struct failure_verdict verdict = failure_judge(&body.evidence);
    fail(why, verdict.reason, "%s", "");
    why->category = verdict.category;
    why->source = SOURCE_PROVIDER;
    why->status = client_status(answer, &body, verdict.reason);
    why->provider_status = answer->status;
    why->retryable = is_retryable(answer, verdict);
    why->retry_after_ms = body.delay_ms;
    set_word(why->type, body.type, answer);
    set_word(why->param, body.param, answer);
    set_word(why->code, body.code, answer);
    set_message(why, &body, answer);
    return false;
}
