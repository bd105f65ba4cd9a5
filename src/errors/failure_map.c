/* Maps a provider's error answer to a failure: reads its body, applies the rules, cleans the message. */
#include "errors/failure_map.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/url.h"
#include "base/utf8.h"
#include "errors/failure_body.h"
#include "errors/failure_delay.h"
#include "errors/failure_judge.h"
#include "errors/redact.h"
#include "format/response_head.h"

#define POINTS_MAX 200
#define POINTS_KEPT 197

/* ---- the message ---- */

/* Returns the length of the blank at `at` in bytes, or 0 if there is no blank. Blanks are ASCII controls,
 * NBSP, NEL, the blanks and line separators of General Punctuation, and the ideographic space. */
static size_t blank_length(const char *at, size_t left)
{
    unsigned char byte = (unsigned char)*at;
    if (byte <= 0x20 || byte == 0x7f)
        return 1;
    if (left >= 2 && memcmp(at, "\xc2\xa0", 2) == 0)
        return 2;
    if (left >= 2 && memcmp(at, "\xc2\x85", 2) == 0)
        return 2;
    bool general = left >= 3 && at[0] == '\xe2' && at[1] == '\x80';
    unsigned char third = general ? (unsigned char)at[2] : 0;
    if (general && ((third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf))
        return 3;
    return left >= 3 && memcmp(at, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

struct sentence {
    char *start, *to, *end; /* `end` leaves room for "..." and the NUL */
    char *cut;              /* after the 197th code point */
    size_t points;
    bool blank_due;
};

static bool put_point(struct sentence *sentence, const char *bytes, size_t length)
{
    if (sentence->to + length > sentence->end)
        return false;
    memcpy(sentence->to, bytes, length);
    sentence->to += length;
    sentence->points++;
    if (sentence->points == POINTS_KEPT)
        sentence->cut = sentence->to;
    return sentence->points <= POINTS_MAX;
}

/* Copies one character and returns its length in bytes. A run of blanks becomes one blank, written before the
 * next character; bytes that are not UTF-8 become U+FFFD. */
static size_t take_point(struct sentence *sentence, const char *at, size_t left, bool *room)
{
    size_t blank = blank_length(at, left);
    if (blank) {
        sentence->blank_due = sentence->to > sentence->start;
        return blank;
    }
    if (sentence->blank_due)
        *room = put_point(sentence, " ", 1);
    sentence->blank_due = false;
    size_t length = utf8_length(at, left);
    if (*room)
        *room = length ? put_point(sentence, at, length) : put_point(sentence, "\xef\xbf\xbd", 3);
    return length ? length : 1;
}

void failure_message_clean(const char *text, size_t length, char *message, size_t size)
{
    struct sentence sentence = {.start = message, .to = message, .end = message + size - 4};
    bool room = true;
    for (const char *at = text, *end = text + length; at < end && room;)
        at += take_point(&sentence, at, (size_t)(end - at), &room);
    if (!room && sentence.cut) {
        memcpy(sentence.cut, "...", 3);
        sentence.to = sentence.cut + 3;
    }
    *sentence.to = '\0';
    if (sentence.to == message)
        snprintf(message, size, "Provider request failed");
}

/* ---- the failure ---- */

static const char *header(const struct provider_answer *answer, const char *name)
{
    return answer->head ? response_head_find(answer->head, name) : NULL;
}

/* A header takes precedence over the body. */
static int64_t find_delay(const struct provider_answer *answer, const struct failure_body *body)
{
    const char *precise = header(answer, "retry-after-ms"), *plain = header(answer, "retry-after");
    int64_t now_us = delay_now_us(header(answer, "date"), clock_wall_us());
    int64_t ms = precise ? delay_header_ms(precise, now_us) : DELAY_UNKNOWN;
    if (ms >= 0)
        return ms / 1000; /* delay_header_ms() read the milliseconds as seconds */
    ms = plain ? delay_header_ms(plain, now_us) : DELAY_UNKNOWN;
    return ms >= 0 ? ms : body->delay_ms;
}

static bool is_success(int status)
{
    return status >= 200 && status < 300;
}

/* Returns the provider's own status. For an error under a 2xx, returns the status that the error names, else
 * the status of the failure's reason. */
static int client_status(const struct provider_answer *answer, const struct failure_body *body,
                         enum failure_reason reason)
{
    if (answer->status >= 400 && answer->status <= 599)
        return answer->status;
    if (!is_success(answer->status))
        return 502;
    return body->status ? body->status : failure_defaults(reason)->status;
}

static void set_word(char *word, const char *own, const struct provider_answer *answer)
{
    if (!*own)
        return;
    snprintf(word, FAILURE_WORD_SIZE, "%s", own);
    redact(word, FAILURE_WORD_SIZE, &answer->secrets);
}

/* A redirect is not followed. Its target helps to correct base_url, but only the host may be shown. The path
 * and the query are left out before parsing, because they may have characters that no URL has. */
static bool write_redirect(const struct provider_answer *answer, char *text, size_t size)
{
    const char *target = header(answer, "Location");
    if (answer->status < 300 || answer->status > 399 || !target)
        return false;
    const char *slashes = strncmp(target, "//", 2) == 0 ? target : strstr(target, "://"); /* RFC 3986, 4.2 */
    bool is_path = !slashes || (*target == '/' && slashes != target);
    char url[512], host[256];
    if (!is_path) {
        const char *authority = slashes + strspn(slashes, ":/");
        snprintf(url, sizeof url, "http://%.*s", (int)strcspn(authority, "/?#"), authority);
        url_name_host(url, host, sizeof host);
    }
    snprintf(text, size, "The provider redirects to %s (status %d)", is_path ? "another path" : host,
             answer->status);
    return true;
}

/* Redacts before truncating, because half a key is not recognised as a key. */
static void set_message(struct failure *why, const struct failure_body *body,
                        const struct provider_answer *answer)
{
    char text[EVIDENCE_TEXT_SIZE];
    bool known = write_redirect(answer, text, sizeof text);
    if (!known && *body->sentence)
        snprintf(text, sizeof text, "%s", body->sentence);
    else if (!known)
        snprintf(text, sizeof text, "%.*s",
                 (int)(answer->body.length < sizeof text ? answer->body.length : sizeof text - 1),
                 answer->body.at ? answer->body.at : "");
    redact(text, sizeof text, &answer->secrets);
    failure_message_clean(text, strlen(text), why->message, sizeof why->message);
}

/* x-should-retry (OpenAI, Anthropic) decides, unless the answer itself shows a permanent cause. */
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
    body.evidence.delay_ms = body.delay_ms;
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
