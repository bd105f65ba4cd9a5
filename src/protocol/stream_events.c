/* Reads the events of streams that are no chat completions: what they bring, and where they end. */
#include "base/base.h"
#include "format/json.h"
#include "protocol/stream.h"
#include "protocol/stream_internal.h"
#include "usage/provider_json.h"

/* ---- events of Anthropic's Messages API (API reference, "Streaming messages") ---- */

/* A block of text or thinking begins empty; a block of another kind is content from its beginning. */
static void read_block(struct stream *stream, struct json_value block)
{
    struct json_value type = json_get(block, "type");
    bool is_empty = json_kind(type) != JSON_STRING || json_name_is(type, "text") ||
                    json_name_is(type, "thinking");
    stream->content = stream->content || !is_empty;
    stream_take_content(stream, json_get(block, "text"));
    stream_take_content(stream, json_get(block, "thinking"));
}

static void read_block_delta(struct stream *stream, struct json_value delta)
{
    enum { TEXT, THINKING, PARTIAL_JSON, MEMBERS };
    static const char *const names[MEMBERS] = {"text", "thinking", "partial_json"};
    struct json_value members[MEMBERS] = {0};
    json_pick(delta, names, MEMBERS, members);
    for (size_t i = 0; i < MEMBERS; i++)
        stream_take_content(stream, members[i]);
}

/* Returns false for an event of another API. */
bool stream_read_message_event(struct stream *stream, const struct provider_json *answer)
{
    enum { START, BLOCK_START, BLOCK_DELTA, BLOCK_STOP, DELTA, STOP, PING, EVENTS };
    static const char *const names[EVENTS] = {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
    };
    int event = 0;
    while (event < EVENTS && !json_name_is(answer->members[MEMBER_TYPE], names[event]))
        event++;
    struct json_value delta = answer->members[MEMBER_DELTA];
    stream->answered = stream->answered || (event < EVENTS && event != PING);
    if (event == BLOCK_START)
        read_block(stream, answer->members[MEMBER_CONTENT_BLOCK]);
    if (event == BLOCK_DELTA)
        read_block_delta(stream, delta);
    if (event == DELTA && stream_is_finish(json_get(delta, "stop_reason")))
        stream_note_choice(stream, 0, false, true);
    if (event == STOP)
        stream->done = true;
    return event < EVENTS;
}

/* ---- events of OpenAI's Responses API ---- */

/* True for the events that announce a response and its parts before there is content. */
static bool only_announces(struct json_value type)
{
    static const char *const names[] = {"response.created", "response.queued", "response.in_progress",
                                        "response.output_item.added", "response.content_part.added"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_name_is(type, names[i]))
            return true;
    return false;
}

/* Reads an event of a Responses stream (API reference, "Streaming events"). */
void stream_read_response_event(struct stream *stream, const struct provider_json *answer)
{
    struct json_value type = answer->members[MEMBER_TYPE];
    if (json_kind(answer->members[MEMBER_DELTA]) == JSON_STRING)
        stream_take_content(stream, answer->members[MEMBER_DELTA]);
    if (json_name_is(type, "response.completed") || json_name_is(type, "response.incomplete"))
        stream->done = stream->response_ended = true;
    stream->response_begun = stream->response_begun || json_name_is(type, "response.created");
    stream->answered = true;
    stream->content = stream->content || !only_announces(type);
}

/* ---- responses of Gemini's API (API reference, "GenerateContentResponse") ---- */

static bool read_parts(struct stream *stream, struct json_value parts)
{
    struct json_value rest = json_elements(parts), part;
    bool content = false;
    while (json_next_element(&rest, &part)) {
        struct json_value text = json_get(part, "text"), call = json_get(part, "functionCall");
        stream_take_content(stream, text);
        if (call.at)
            stream->characters += (int64_t)call.length;
        content = content || stream_says_something(text) || (!text.at && stream_says_something(part));
    }
    return content;
}

void stream_read_candidates(struct stream *stream, struct json_value candidates)
{
    struct json_value rest = json_elements(candidates), candidate;
    for (int64_t index = 0; index < STREAM_CHOICES_MAX && json_next_element(&rest, &candidate); index++) {
        bool content = read_parts(stream, json_get(json_get(candidate, "content"), "parts"));
        stream->content = stream->content || content;
        stream_note_choice(stream, index, content, stream_is_finish(json_get(candidate, "finishReason")));
    }
}
