/* Reads and writes the headers traceparent and tracestate (W3C Trace Context). */
#include "format/trace_context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* Positions in "00-TRACE-PARENT-FLAGS". */
#define TRACE_AT 3
#define PARENT_AT (TRACE_AT + TRACE_ID_LENGTH + 1)
#define FLAGS_AT (PARENT_AT + SPAN_ID_LENGTH + 1)
#define LENGTH (FLAGS_AT + 2)

#define FLAG_SAMPLED 1u
#define FLAG_RANDOM 2u
#define STATE_MEMBERS_MAX 32
#define STATE_LENGTH_MAX 8192

static bool is_hex(const char *text, size_t length)
{
    return strnlen(text, length) == length && strspn(text, "0123456789abcdef") >= length;
}

static bool is_id(const char *text, size_t length)
{
    return is_hex(text, length) && strspn(text, "0") < length;
}

/* Version ff is invalid. A version that is not known must still begin with the fields of version 00. */
static bool has_valid_form(const char *text)
{
    size_t length = strlen(text);
    bool is_first = strncmp(text, "00-", 3) == 0;
    if (length < LENGTH || !is_hex(text, 2) || strncmp(text, "ff", 2) == 0)
        return false;
    if (is_first ? length != LENGTH : length > LENGTH && text[LENGTH] != '-')
        return false;
    return text[TRACE_AT - 1] == '-' && text[PARENT_AT - 1] == '-' && text[FLAGS_AT - 1] == '-';
}

static void make_span(char span[static SPAN_ID_LENGTH + 1])
{
    char name[2 * RANDOM_NAME_BYTES + 1];
    do {
        digest_random_name(name);
        memcpy(span, name, SPAN_ID_LENGTH);
        span[SPAN_ID_LENGTH] = '\0';
    } while (!is_id(span, SPAN_ID_LENGTH));
}

/* Flags that are not known are not passed on (3.2.2.5). */
bool trace_context_read(struct trace_context *trace, const char *text)
{
    *trace = (struct trace_context){0};
    if (!has_valid_form(text) || !is_id(text + TRACE_AT, TRACE_ID_LENGTH) ||
        !is_id(text + PARENT_AT, SPAN_ID_LENGTH) || !is_hex(text + FLAGS_AT, 2))
        return false;
    unsigned known = strncmp(text, "00", 2) == 0 ? FLAG_SAMPLED | FLAG_RANDOM : FLAG_SAMPLED;
    char flags[] = {text[FLAGS_AT], text[FLAGS_AT + 1], '\0'};
    memcpy(trace->trace_id, text + TRACE_AT, TRACE_ID_LENGTH);
    memcpy(trace->parent_id, text + PARENT_AT, SPAN_ID_LENGTH);
    trace->flags = (unsigned)strtoul(flags, NULL, 16) & known;
    make_span(trace->span_id);
    return true;
}

void trace_context_write(const struct trace_context *trace, char text[static TRACEPARENT_SIZE])
{
    snprintf(text, TRACEPARENT_SIZE, "00-%s-%s-%02x", trace->trace_id, trace->span_id, trace->flags & 0xff);
}

/* A member may be empty but for white space. */
static bool is_member(const char *text, size_t length)
{
    while (length && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    if (!length)
        return true;
    const char *equals = memchr(text, '=', length);
    if (!equals || equals == text)
        return false;
    size_t key = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-*/@");
    return text + key == equals;
}

bool trace_state_is_valid(const char *text)
{
    size_t count = 0;
    if (!*text || strlen(text) > STATE_LENGTH_MAX)
        return false;
    for (const char *byte = text; *byte; byte++)
        if (((unsigned char)*byte < 0x20 && *byte != '\t') || (unsigned char)*byte > 0x7e)
            return false;
    for (;;) {
        size_t length = strcspn(text, ",");
        if (++count > STATE_MEMBERS_MAX || !is_member(text, length))
            return false;
        if (!text[length])
            return true;
        text += length + 1;
    }
}
