/* Separates reasoning between tags, "<think>…</think>", from the text around it.
 *
 * A tag may be split between two deltas, so text that may begin a tag is held back until the next delta.
 * Some servers escape '<' and '>' in their JSON; these escapes are decoded first. */
#include "protocol/chat/chat_think.h"

#include <string.h>
#include <strings.h>

void think_open(struct think *think, size_t ceiling)
{
    *think = (struct think){.reported = 0};
    buffer_init(&think->pending, ceiling);
}

/* Decodes one character of a string. Returns the character's length in the string, in bytes. */
static size_t decode(const char *at, size_t left, struct json_value *plain)
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
            at += decode(at, (size_t)(end - at), &plain);
            fits = buffer_append(&think->pending, plain.at, plain.length);
        }
    }
    return fits;
}

/* Returns the number of bytes at the end of `pending` that may begin the tag. */
static size_t held_back(const struct buffer *pending, const char *tag)
{
    size_t most = strlen(tag) - 1;
    if (most > pending->length)
        most = pending->length;
    while (most && memcmp(pending->bytes + pending->length - most, tag, most) != 0)
        most--;
    return most;
}

bool think_next(struct think *think, bool last, struct json_value *piece, bool *is_reasoning)
{
    buffer_consume(&think->pending, think->reported);
    for (;;) {
        struct buffer *pending = &think->pending;
        const char *tag = think->inside ? THINK_CLOSE : THINK_OPEN;
        const char *found = pending->length ? memmem(pending->bytes, pending->length, tag, strlen(tag))
                                            : NULL;
        size_t ready = found  ? (size_t)(found - pending->bytes)
                       : last ? pending->length
                              : pending->length - held_back(pending, tag);
        *piece = (struct json_value){pending->bytes, ready};
        *is_reasoning = think->inside;
        think->reported = ready;
        if (ready || !found)
            return ready > 0;
        buffer_consume(pending, strlen(tag));
        think->inside = !think->inside;
    }
}
