/* What the frames of a chat stream say about it: how far it is, what it used, what went wrong. */
#include "protocol/stream.h"

#include <string.h>

#include "format/json.h"
#include "format/sse.h"
#include "usage/answer.h"
#include "usage/token_estimate.h"
#include "usage/usage_read.h"

void stream_open(struct stream *stream, bool strip_usage)
{
    *stream = (struct stream){.strip_usage = strip_usage, .usage = usage_unknown()};
}

static void mark(uint64_t *set, int64_t index)
{
    set[index / 64] |= (uint64_t)1 << index % 64;
}

enum {
    DELTA_CONTENT,
    DELTA_REASONING_CONTENT,
    DELTA_REASONING,
    DELTA_REFUSAL,
    DELTA_TOOL_CALLS,
    DELTA_MEMBERS
};
enum { CHOICE_INDEX, CHOICE_DELTA, CHOICE_TEXT, CHOICE_USAGE, CHOICE_FINISH_REASON, CHOICE_MEMBERS };

/* More than "" or []. */
static bool says_something(struct json_value value)
{
    return value.length > 2 && json_kind(value) != 'n';
}

static void take_content(struct stream *stream, struct json_value content)
{
    if (!says_something(content))
        return;
    stream->content = true;
    stream->characters += token_estimate_characters(content);
    stream->words = content;
}

/* Whatever a delta brings besides the role is content, sound and members that nobody knows yet included. */
static void look_for_content(struct stream *stream, struct json_value delta)
{
    struct json_value rest = json_members(delta);
    struct json_member member;
    while (!stream->content && json_next_member(&rest, &member))
        stream->content = says_something(member.value) && !json_name_is(member.name, "role");
}

static void look_at_delta(struct stream *stream, struct json_value delta)
{
    static const char *const names[DELTA_MEMBERS] = {"content", "reasoning_content", "reasoning", "refusal",
                                                     "tool_calls"};
    struct json_value members[DELTA_MEMBERS] = {0};
    look_for_content(stream, delta);
    json_pick(delta, names, DELTA_MEMBERS, members);
    if (says_something(members[DELTA_REASONING_CONTENT])) /* some say it under both names */
        members[DELTA_REASONING] = (struct json_value){0};
    for (size_t i = 0; i < DELTA_MEMBERS; i++)
        take_content(stream, members[i]);
}

/* False for a choice that ends in an error: OpenRouter and others say so by the finish_reason alone. */
static bool look_at_choice(struct stream *stream, struct json_value choice)
{
    static const char *const names[CHOICE_MEMBERS] = {"index", "delta", "text", "usage", "finish_reason"};
    struct json_value members[CHOICE_MEMBERS] = {0};
    int64_t index = 0;
    json_pick(choice, names, CHOICE_MEMBERS, members);
    if (json_integer(members[CHOICE_INDEX], &index) && (index < 0 || index >= STREAM_CHOICES_MAX))
        return true;
    mark(stream->seen, index);
    look_at_delta(stream, members[CHOICE_DELTA]);
    take_content(stream, members[CHOICE_TEXT]);
    usage_read_object(members[CHOICE_USAGE], &stream->usage);
    struct json_value reason = members[CHOICE_FINISH_REASON];
    if (json_kind(reason) != '"' || reason.length == 2)
        return true;
    if (json_name_is(reason, "error"))
        return false;
    mark(stream->finished, index);
    return true;
}

static size_t look_at_choices(struct stream *stream, struct json_value choices, bool *failed)
{
    struct json_value rest = json_elements(choices), choice;
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

/* Before a response says something it is announced, and so are its parts. */
static bool only_announces(struct json_value type)
{
    static const char *const names[] = {"response.created", "response.queued", "response.in_progress",
                                        "response.output_item.added", "response.content_part.added"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_name_is(type, names[i]))
            return true;
    return false;
}

/* An event of a Responses stream. Its last one is the end, whatever it tells (API reference, "Streaming
 * events"). */
static void look_at_response(struct stream *stream, const struct answer *said)
{
    struct json_value type = said->members[ANSWER_TYPE];
    if (json_kind(said->members[ANSWER_DELTA]) == '"')
        take_content(stream, said->members[ANSWER_DELTA]);
    if (json_name_is(type, "response.completed") || json_name_is(type, "response.incomplete"))
        stream->done = true;
    stream->content = stream->content || !only_announces(type);
}

static enum stream_verdict look_at_frame(struct stream *stream, struct json_value frame)
{
    struct answer said = answer_read(frame);
    bool failed = false, usage = usage_read(&said, &stream->usage);
    if (answer_is_error(&said))
        return STREAM_ERROR;
    remember_id(stream, said.members[ANSWER_ID]);
    size_t choices = look_at_choices(stream, said.members[ANSWER_CHOICES], &failed);
    if (failed)
        return STREAM_ERROR;
    if (json_kind(said.members[ANSWER_TYPE]) == '"')
        look_at_response(stream, &said);
    bool alone = usage && choices == 0 && !said.members[ANSWER_TYPE].at;
    return alone && stream->strip_usage ? STREAM_STRIP : STREAM_PASS;
}

/* An error that is no event at all: raw JSON between the frames. */
static enum stream_verdict look_at_stray(const struct sse_event *event)
{
    struct json_value frame;
    struct json_fault fault;
    struct json_value text = {event->raw, event->raw_length};
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return STREAM_PASS;
    struct answer said = answer_read(frame);
    return answer_is_error(&said) ? STREAM_ERROR : STREAM_PASS;
}

/* A frame that is the one before it but for one string of content says nothing new besides: all that stream
 * keeps of it, the count of characters excepted, is set, not added to. */
static bool repeats(struct stream *stream, struct json_value text)
{
    struct json_value words;
    if (!frame_template_matches(&stream->template, text, &words) || !says_something(words))
        return false;
    take_content(stream, words);
    return true;
}

static enum stream_verdict look_at_text(struct stream *stream, struct json_value text)
{
    struct json_value frame;
    struct json_fault fault;
    int64_t known = stream->characters;
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return text.length && *text.at == '{' ? STREAM_BROKEN : STREAM_PASS;
    stream->words = (struct json_value){0};
    enum stream_verdict verdict = look_at_frame(stream, frame);
    struct json_value words = stream->words;
    bool alone = json_kind(words) == '"' && stream->characters - known == token_estimate_characters(words);
    frame_template_save(&stream->template, text,
                        alone && verdict == STREAM_PASS ? words : (struct json_value){0});
    return verdict;
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
    struct json_value text = {event->data, event->data_length};
    return repeats(stream, text) ? STREAM_PASS : look_at_text(stream, text);
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
