/* What the frames of a chat stream say about it: how far it is, what it used, what went wrong. */
#include "stream.h"

#include <string.h>

#include "answer.h"
#include "json.h"
#include "sse.h"
#include "usage_read.h"

void stream_open(struct stream *stream, bool strip_usage)
{
    *stream = (struct stream){.strip_usage = strip_usage, .usage = usage_unknown()};
}

static void mark(uint64_t *set, int64_t index)
{
    set[index / 64] |= (uint64_t)1 << index % 64;
}

static bool has_content(struct json_value delta)
{
    static const char *const names[] = {"content", "reasoning_content", "reasoning", "refusal"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_get(delta, names[i]).length > 2) /* more than "" */
            return json_kind(json_get(delta, names[i])) != 'n';
    return json_kind(json_get(delta, "tool_calls")) == '[';
}

/* False for a choice that ends in an error: OpenRouter and others say so by the finish_reason alone. */
static bool look_at_choice(struct stream *stream, struct json_value choice)
{
    int64_t index = 0;
    if (json_integer(json_get(choice, "index"), &index) && (index < 0 || index >= STREAM_CHOICES_MAX))
        return true;
    mark(stream->seen, index);
    stream->content = stream->content || has_content(json_get(choice, "delta"));
    struct json_value reason = json_get(choice, "finish_reason");
    if (json_kind(reason) != '"' || reason.length == 2)
        return true;
    if (json_name_is(reason, "error"))
        return false;
    mark(stream->finished, index);
    return true;
}

static size_t look_at_choices(struct stream *stream, struct json_value frame, bool *failed)
{
    struct json_value rest = json_elements(json_get(frame, "choices")), choice;
    size_t count = 0;
    for (; json_next_element(&rest, &choice); count++)
        *failed = !look_at_choice(stream, choice) || *failed;
    return count;
}

static void remember_id(struct stream *stream, struct json_value id)
{
    if (!*stream->id && json_kind(id) == '"' && id.length > 2 && id.length < STREAM_ID_SIZE)
        memcpy(stream->id, id.at, id.length);
}

static enum stream_verdict look_at_frame(struct stream *stream, struct json_value frame)
{
    bool usage = usage_read(frame, &stream->usage);
    if (answer_is_error(frame))
        return STREAM_ERROR;
    remember_id(stream, json_get(frame, "id"));
    bool failed = false;
    size_t choices = look_at_choices(stream, frame, &failed);
    if (failed)
        return STREAM_ERROR;
    return usage && choices == 0 && stream->strip_usage ? STREAM_STRIP : STREAM_PASS;
}

/* An error that is no event at all: raw JSON between the frames. */
static enum stream_verdict look_at_stray(const struct sse_event *event)
{
    struct json_value frame;
    struct json_fault fault;
    struct json_value text = {event->raw, event->raw_length};
    bool json = json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault);
    return json && answer_is_error(frame) ? STREAM_ERROR : STREAM_PASS;
}

enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event)
{
    if (!event->data)
        return look_at_stray(event);
    if (strcmp(event->name, "error") == 0)
        return STREAM_ERROR;
    if (event->data_length == 6 && memcmp(event->data, "[DONE]", 6) == 0) {
        stream->done = true;
        return STREAM_PASS;
    }
    struct json_value frame;
    struct json_fault fault;
    struct json_value text = {event->data, event->data_length};
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return STREAM_PASS;
    return look_at_frame(stream, frame);
}

bool stream_is_complete(const struct stream *stream)
{
    if (stream->done)
        return true;
    bool any = false;
    for (size_t i = 0; i < STREAM_CHOICES_MAX / 64; i++) {
        any = any || stream->seen[i];
        if (stream->seen[i] & ~stream->finished[i])
            return false;
    }
    return any;
}
