/* Notes the content and the ends of a stream's choices. */
#include <string.h>

#include "base/ascii.h"
#include "protocol/stream.h"
#include "protocol/stream_internal.h"
#include "usage/token_estimate.h"

/* ---- choices and their ends ---- */

static void mark(struct stream_choices *set, int64_t index, bool in)
{
    uint64_t bit = (uint64_t)1 << index % 64, *word = &set->bits[index / 64];
    *word = in ? *word | bit : *word & ~bit;
}

/* Content after a finish shows that the finish was none. */
void stream_note_choice(struct stream *stream, int64_t index, bool has_content, bool finishes)
{
    stream->answered = true;
    mark(&stream->seen, index, true);
    if (has_content || finishes) {
        mark(&stream->finished, index, finishes);
        mark(&stream->finished_with_content, index, finishes && has_content);
    }
}

/* Copies a text in lower case and without blanks and punctuation, as much as fits. */
static void copy_letters(struct json_value text, char *letters, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length && length + 1 < size; i++) {
        unsigned char letter = (unsigned char)ascii_lower(text.at[i]);
        if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter >= 0x80)
            letters[length++] = (char)letter;
    }
    letters[length] = '\0';
}

/* A finish_reason is any word but those that say "not yet". Servers write the null of their own language as a
 * text, and states of their scheduler. */
bool stream_is_finish(struct json_value reason)
{
    static const char *const not_yet[] = {
        "",
        "null",
        "none",
        "nil",
        "undefined",
        "unspecified",
        "finishreasonunspecified",
        "nan",
        "false",
        "inprogress",
        "notfinished",
        "unfinished",
        "running",
        "generating",
        "queued",
        "pending",
        "streaming",
        "processing",
    };
    char letters[32];
    if (json_kind(reason) != JSON_STRING)
        return false;
    copy_letters(reason, letters, sizeof letters);
    for (size_t i = 0; i < sizeof not_yet / sizeof *not_yet; i++)
        if (strcmp(letters, not_yet[i]) == 0)
            return false;
    return true;
}

/* True for any value except null, "", [] and {}. */
bool stream_says_something(struct json_value value)
{
    return value.length > 2 && json_kind(value) != JSON_NULL;
}

void stream_take_content(struct stream *stream, struct json_value content)
{
    if (!stream_says_something(content))
        return;
    stream->content = true;
    stream->usage_came = false;
    stream->characters += token_estimate_characters(content);
    stream->words = content;
}
