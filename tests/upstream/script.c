/* Reads a script of answers.
 *
 * An answer is a head (its lines are sent with CRLF), an empty line, and a body. Lines that begin with @
 * are directives: they cut the body into pieces, each sent in a write of its own. The head frames the body:
 * "Content-Length: auto" is replaced by the length of the body, "Transfer-Encoding: chunked" makes each
 * piece a chunk and ends with the last chunk, unless the script hangs up first. Every other head is sent
 * as it is, even if it is wrong. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../kit/expand.h"
#include "../kit/sections.h"
#include "../kit/text.h"
#include "plan.h"
#include "replies.h"

static struct sections script;
static size_t next_answer;

void script_load(const char *path)
{
    sections_read(&script, path);
}

struct reading {
    struct plan *plan;
    struct text piece;
    bool chunked, events, hung_up;
};

static void send_piece(struct reading *reading)
{
    struct text bytes = {0};
    expand(&bytes, text_words(&reading->piece), reading->piece.length, NULL, NULL);
    if (bytes.length && reading->chunked)
        plan_send_chunk(reading->plan, bytes.bytes, bytes.length);
    else if (bytes.length)
        plan_send(reading->plan, bytes.bytes, bytes.length);
    text_free(&bytes);
    text_free(&reading->piece);
}

static void do_directive(struct reading *reading, const char *word, const char *argument)
{
    send_piece(reading);
    if (strcmp(word, "@pause") == 0)
        plan_pause(reading->plan, atol(argument));
    else if (strcmp(word, "@await") == 0)
        plan_await(reading->plan, argument);
    else if (strcmp(word, "@raw") == 0)
        reading->chunked = false;
    else if (strcmp(word, "@write") != 0) {
        reading->hung_up = true;
        if (strcmp(word, "@close") == 0)
            plan_end(reading->plan, STEP_CLOSE);
        else if (strcmp(word, "@reset") == 0)
            plan_end(reading->plan, STEP_RESET);
        else if (strcmp(word, "@silence") == 0)
            plan_end(reading->plan, STEP_SILENCE);
        else
            give_up("script: %s is no directive", word);
    }
}

/* Reads the lines of the body from `at`: collects text into pieces and obeys directives. */
static void read_body(struct reading *reading, const char *at, const char *end)
{
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;
        if (*at == '@') {
            char word[32] = "", argument[128] = "";
            char *line = copy_bytes(at, (size_t)(next - at));
            sscanf(line, "%31s %127s", word, argument);
            do_directive(reading, word, argument);
            free(line);
        } else {
            text_append(&reading->piece, at, (size_t)(next - at));
        }
        at = next;
    }
    send_piece(reading);
    if (reading->chunked && !reading->hung_up)
        plan_send_chunk(reading->plan, "", 0);
}

static bool says(const char *line, size_t length, const char *words)
{
    return length >= strlen(words) && strncasecmp(line, words, strlen(words)) == 0;
}

static void put_line(struct reading *reading, struct text *head, const char *line, size_t length,
                     size_t body_length)
{
    if (says(line, length, "Content-Length: auto"))
        text_format(head, "Content-Length: %zu", body_length);
    else
        expand(head, line, length, NULL, NULL);
    text_put(head, "\r\n");
    reading->chunked |= says(line, length, "Transfer-Encoding: chunked");
}

/* The length of the expanded body without directives. */
static size_t measure_body(const char *at, const char *end)
{
    struct reading reading = {.plan = plan_create()};
    size_t length = 0;
    read_body(&reading, at, end);
    for (size_t i = 0; i < reading.plan->count; i++)
        length += reading.plan->steps[i].length;
    plan_release(reading.plan);
    return length;
}

static struct plan *read_answer(const char *at, size_t length)
{
    struct reading reading = {.plan = plan_create()};
    const char *end = at + length, *body = section_body(at, length);
    if (*at == '@')
        body = at;
    size_t body_length = measure_body(body, end);
    struct text head = {0};
    while (at < body && *at != '\n') {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        put_line(&reading, &head, at, (size_t)((stop ? stop : end) - at), body_length);
        at = stop ? stop + 1 : end;
    }
    if (head.length) {
        text_put(&head, "\r\n");
        plan_send(reading.plan, head.bytes, head.length);
    }
    text_free(&head);
    read_body(&reading, body, end);
    return reading.plan;
}

struct plan *script_next(void)
{
    if (next_answer == script.count)
        return reply_error(500, "", "script_error", "end_of_script",
                           "The script has no answer for this request.");
    const struct section *answer = &script.items[next_answer++];
    return read_answer(answer->body, answer->length);
}
