/* Reasoning that stands between tags in a model's text: "<think>…</think>".
 *
 * A tag may be cut anywhere between two deltas, so what could be the beginning of one is held back until the
 * next. Some servers write '<' and '>' as escapes in their JSON; these are made plain first. */
#include "protocol/responses/responses_think.h"

#include <string.h>
#include <strings.h>

void think_open(struct think *think, size_t ceiling)
{
    *think = (struct think){.told = 0};
    buffer_init(&think->pending, ceiling);
}

/* One character of a string's inside and what stands for it. */
static size_t step(const char *at, size_t left, struct json_value *plain)
{
    *plain = (struct json_value){at, *at == '\\' ? 2 : 1};
    if (left < 6 || *at != '\\' || at[1] != 'u')
        return plain->length;
    if (strncasecmp(at + 2, "003c", 4) == 0)
        *plain = (struct json_value){"<", 1};
    else if (strncasecmp(at + 2, "003e", 4) == 0)
        *plain = (struct json_value){">", 1};
    else
        plain->length = 6;
    return 6;
}

bool think_feed(struct think *think, struct json_value inside)
{
    const char *at = inside.at, *end = at + inside.length;
    bool fits = true;
    while (at < end && fits) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        const char *stop = escape ? escape : end;
        fits = buffer_append(&think->pending, at, (size_t)(stop - at));
        at = stop;
        if (at < end && fits) {
            struct json_value plain;
            at += step(at, (size_t)(end - at), &plain);
            fits = buffer_append(&think->pending, plain.at, plain.length);
        }
    }
    return fits;
}

/* How much of the end could be the beginning of the tag? */
static size_t held_back(const struct buffer *pending, const char *tag)
{
    size_t most = strlen(tag) - 1;
    if (most > pending->length)
        most = pending->length;
    while (most && memcmp(pending->bytes + pending->length - most, tag, most) != 0)
        most--;
    return most;
}

bool think_next(struct think *think, bool last, struct json_value *piece, bool *thought)
{
    buffer_consume(&think->pending, think->told);
    for (;;) {
        struct buffer *pending = &think->pending;
        const char *tag = think->inside ? THINK_CLOSE : THINK_OPEN;
        const char *found = pending->length ? memmem(pending->bytes, pending->length, tag, strlen(tag))
                                            : NULL;
        size_t ready = found  ? (size_t)(found - pending->bytes)
                       : last ? pending->length
                              : pending->length - held_back(pending, tag);
        *piece = (struct json_value){pending->bytes, ready};
        *thought = think->inside;
        think->told = ready;
        if (ready || !found)
            return ready > 0;
        buffer_consume(pending, strlen(tag));
        think->inside = !think->inside;
    }
}
