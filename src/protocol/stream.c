/* Reads the frames of a chat stream: content, usage, finish, errors. */
#include "protocol/stream.h"

#include <string.h>

#include "format/json.h"
#include "format/sse.h"
#include "usage/provider_json.h"
#include "usage/token_estimate.h"
#include "usage/token_usage.h"

void stream_open(struct stream *stream, bool strip_usage)
{
    *stream = (struct stream){.strip_usage = strip_usage, .usage = token_usage_unknown()};
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

/* True for any value except null, "", [] and {}. */
static bool says_something(struct json_value value)
{
    return value.length > 2 && json_kind(value) != JSON_NULL;
}

static void take_content(struct stream *stream, struct json_value content)
{
    if (!says_something(content))
        return;
    stream->content = true;
    stream->characters += token_estimate_characters(content);
    stream->words = content;
}

/* Every member of a delta except the role is content, including audio and unknown members. */
static void find_content(struct stream *stream, struct json_value delta)
{
    struct json_value rest = json_members(delta);
    struct json_member member;
    while (!stream->content && json_next_member(&rest, &member))
        stream->content = says_something(member.value) && !json_name_is(member.name, "role");
}

static void read_delta(struct stream *stream, struct json_value delta)
{
    static const char *const names[DELTA_MEMBERS] = {"content", "reasoning_content", "reasoning", "refusal",
                                                     "tool_calls"};
    struct json_value members[DELTA_MEMBERS] = {0};
    find_content(stream, delta);
    json_pick(delta, names, DELTA_MEMBERS, members);
    if (says_something(members[DELTA_REASONING_CONTENT])) /* some providers send both members */
        members[DELTA_REASONING] = (struct json_value){0};
    for (size_t i = 0; i < DELTA_MEMBERS; i++)
        take_content(stream, members[i]);
}

/* Returns false if the choice ended in an error, which OpenRouter and others report by the finish_reason
 * alone. */
static bool read_choice(struct stream *stream, struct json_value choice)
{
    static const char *const names[CHOICE_MEMBERS] = {"index", "delta", "text", "usage", "finish_reason"};
    struct json_value members[CHOICE_MEMBERS] = {0};
    int64_t index = 0;
    json_pick(choice, names, CHOICE_MEMBERS, members);
    if (json_integer(members[CHOICE_INDEX], &index) && (index < 0 || index >= STREAM_CHOICES_MAX))
        return true;
    mark(stream->seen, index);
    read_delta(stream, members[CHOICE_DELTA]);
    take_content(stream, members[CHOICE_TEXT]);
    token_usage_read_object(members[CHOICE_USAGE], &stream->usage);
    struct json_value reason = members[CHOICE_FINISH_REASON];
    if (json_kind(reason) != JSON_STRING || reason.length == 2)
        return true;
    if (json_name_is(reason, "error"))
        return false;
    mark(stream->finished, index);
    return true;
}

static size_t read_choices(struct stream *stream, struct json_value choices, bool *failed)
{
    struct json_value rest = json_elements(choices), choice;
    size_t count = 0;
    for (; json_next_element(&rest, &choice); count++)
        *failed = !read_choice(stream, choice) || *failed;
    return count;
}

static void remember_id(struct stream *stream, struct json_value id)
{
    if (!*stream->id && json_kind(id) == JSON_STRING && id.length > 2 && id.length < STREAM_ID_SIZE)
        memcpy(stream->id, id.at, id.length);
}

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
static void read_response_event(struct stream *stream, const struct provider_json *answer)
{
    struct json_value type = answer->members[MEMBER_TYPE];
    if (json_kind(answer->members[MEMBER_DELTA]) == JSON_STRING)
        take_content(stream, answer->members[MEMBER_DELTA]);
    if (json_name_is(type, "response.completed") || json_name_is(type, "response.incomplete"))
        stream->done = true;
    stream->content = stream->content || !only_announces(type);
}

static enum stream_verdict read_frame(struct stream *stream, struct json_value frame)
{
    struct provider_json answer = provider_json_read(frame);
    bool failed = false, usage = token_usage_read(&answer, &stream->usage);
    if (provider_json_is_error(&answer))
        return STREAM_ERROR;
    remember_id(stream, answer.members[MEMBER_ID]);
    size_t choices = read_choices(stream, answer.members[MEMBER_CHOICES], &failed);
    if (failed)
        return STREAM_ERROR;
    if (json_kind(answer.members[MEMBER_TYPE]) == JSON_STRING)
        read_response_event(stream, &answer);
    bool alone = usage && choices == 0 && !answer.members[MEMBER_TYPE].at;
    return alone && stream->strip_usage ? STREAM_STRIP : STREAM_PASS;
}

/* Raw JSON between the frames is not an event, but may be an error. */
static enum stream_verdict read_stray_line(const struct sse_event *event)
{
    struct json_value frame;
    struct json_fault fault;
    struct json_value text = {event->raw, event->raw_length};
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return STREAM_PASS;
    struct provider_json answer = provider_json_read(frame);
    return provider_json_is_error(&answer) ? STREAM_ERROR : STREAM_PASS;
}

/* ---- the fast path ----
 *
 * A provider sends a word or two in each frame, within about two hundred bytes that hardly change. The
 * previous frame was checked JSON. If a frame differs from the previous frame only within one string, the
 * frame is valid JSON if that string is valid, and everything but the string's text is already known to
 * stream_look(). */

static void template_save(struct frame_template *template, struct json_value frame, struct json_value words)
{
    template->before = 0;
    if (!words.at || frame.length - words.length > FRAME_TEMPLATE_MAX)
        return;
    const char *after = words.at + words.length;
    template->before = (size_t)(words.at - frame.at);
    template->after = frame.length - words.length - template->before;
    memcpy(template->bytes, frame.at, template->before);
    memcpy(template->bytes + template->before, after, template->after);
}

static bool is_string(struct json_value text, struct json_value *string)
{
    struct json_fault fault;
    return json_check(text, 0, JSON_UTF8_ANY, string, &fault) && json_kind(*string) == JSON_STRING;
}

/* Sets `*words` to the string in which the frame differs from the previous frame. */
static bool template_matches(const struct frame_template *template, struct json_value frame,
                             struct json_value *words)
{
    size_t around = template->before + template->after;
    if (!template->before || frame.length < around)
        return false;
    const char *between = frame.at + template->before;
    size_t length = frame.length - around;
    return memcmp(frame.at, template->bytes, template->before) == 0 &&
           memcmp(between + length, template->bytes + template->before, template->after) == 0 &&
           is_string((struct json_value){between, length}, words);
}

static bool take_repeated(struct stream *stream, struct json_value text)
{
    struct json_value words;
    if (!template_matches(&stream->template, text, &words) || !says_something(words))
        return false;
    take_content(stream, words);
    return true;
}

static enum stream_verdict read_data(struct stream *stream, struct json_value text)
{
    struct json_value frame;
    struct json_fault fault;
    int64_t known = stream->characters;
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return text.length && *text.at == '{' ? STREAM_BROKEN : STREAM_PASS;
    stream->words = (struct json_value){0};
    enum stream_verdict verdict = read_frame(stream, frame);
    struct json_value words = stream->words;
    bool alone = json_kind(words) == JSON_STRING &&
                 stream->characters - known == token_estimate_characters(words);
    template_save(&stream->template, text, alone && verdict == STREAM_PASS ? words : (struct json_value){0});
    return verdict;
}

enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event)
{
    if (!event->data)
        return read_stray_line(event);
    if (strcmp(event->name, "error") == 0)
        return STREAM_ERROR;
    if (event->data_length == 6 && memcmp(event->data, "[DONE]", 6) == 0) {
        stream->done = true;
        return STREAM_PASS;
    }
    struct json_value text = {event->data, event->data_length};
    return take_repeated(stream, text) ? STREAM_PASS : read_data(stream, text);
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
