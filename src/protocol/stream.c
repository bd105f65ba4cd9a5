/* Reads the frames of a chat stream: content, usage, finish, errors. */
#include "protocol/stream.h"

#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "format/json.h"
#include "format/json_number.h"
#include "format/sse.h"
#include "protocol/stream_internal.h"
#include "usage/provider_json.h"
#include "usage/token_estimate.h"
#include "usage/token_usage.h"

void stream_open(struct stream *stream, bool strip_usage, int64_t choices)
{
    *stream = (struct stream){
        .strip_usage = strip_usage,
        .choices = min_int64(max_int64(choices, 1), STREAM_CHOICES_MAX),
        .usage = token_usage_unknown(),
    };
}

/* ---- frames ---- */

enum {
    DELTA_CONTENT,
    DELTA_REASONING_CONTENT,
    DELTA_REASONING,
    DELTA_REFUSAL,
    DELTA_TOOL_CALLS,
    DELTA_MEMBERS
};
enum {
    CHOICE_INDEX,
    CHOICE_DELTA,
    CHOICE_TEXT,
    CHOICE_USAGE,
    CHOICE_FINISH_REASON,
    CHOICE_ERROR,
    CHOICE_MEMBERS
};

/* Every member of a delta except the role is content, including audio and unknown members. */
static bool has_content(struct json_value delta)
{
    struct json_value rest = json_members(delta);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (stream_says_something(member.value) && !json_name_is(member.name, "role"))
            return true;
    return false;
}

static void read_delta(struct stream *stream, struct json_value delta)
{
    static const char *const names[DELTA_MEMBERS] = {"content", "reasoning_content", "reasoning", "refusal",
                                                     "tool_calls"};
    struct json_value members[DELTA_MEMBERS] = {0};
    json_pick(delta, names, DELTA_MEMBERS, members);
    if (stream_says_something(members[DELTA_REASONING_CONTENT])) /* some providers send both members */
        members[DELTA_REASONING] = (struct json_value){0};
    for (size_t i = 0; i < DELTA_MEMBERS; i++)
        stream_take_content(stream, members[i]);
}

/* A count of the completion covers the content so far; a count of the prompt alone covers none. */
static void note_usage(struct stream *stream, enum usage_reading reading)
{
    stream->usage_came = stream->usage_came || reading != USAGE_ABSENT;
    if (reading == USAGE_READ)
        stream->counted = stream->characters;
    stream->template.usage = reading > stream->template.usage ? reading : stream->template.usage;
}

/* Returns false if the choice ended in an error. */
static bool read_choice(struct stream *stream, struct json_value choice)
{
    static const char *const names[CHOICE_MEMBERS] = {"index", "delta",         "text",
                                                      "usage", "finish_reason", "error"};
    struct json_value members[CHOICE_MEMBERS] = {0};
    int64_t index = 0;
    json_pick(choice, names, CHOICE_MEMBERS, members);
    if (json_whole_number(members[CHOICE_INDEX], &index) && (index < 0 || index >= STREAM_CHOICES_MAX))
        return true;
    read_delta(stream, members[CHOICE_DELTA]);
    stream_take_content(stream, members[CHOICE_TEXT]);
    bool content = has_content(members[CHOICE_DELTA]) || stream_says_something(members[CHOICE_TEXT]);
    stream->content = stream->content || content;
    note_usage(stream, token_usage_read_object(members[CHOICE_USAGE], &stream->usage));
    struct json_value reason = members[CHOICE_FINISH_REASON];
    bool failed = provider_json_choice_failed(reason, members[CHOICE_ERROR]);
    bool finishes = stream_is_finish(reason) && !failed;
    stream_note_choice(stream, index, content, finishes);
    stream->template.choice = index;
    stream->template.finishes = finishes;
    return !failed;
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

static enum stream_verdict read_frame(struct stream *stream, struct json_value frame)
{
    struct provider_json answer = provider_json_read(frame);
    bool failed = false;
    enum usage_reading usage = token_usage_read(&answer, &stream->usage);
    if (provider_json_is_error(&answer)) {
        note_usage(stream, usage);
        return STREAM_ERROR;
    }
    remember_id(stream, answer.members[MEMBER_ID]);
    stream_read_candidates(stream, answer.members[MEMBER_CANDIDATES]);
    size_t choices = read_choices(stream, answer.members[MEMBER_CHOICES], &failed);
    if (json_kind(answer.members[MEMBER_TYPE]) == JSON_STRING && !stream_read_message_event(stream, &answer))
        stream_read_response_event(stream, &answer);
    note_usage(stream, usage);
    if (failed)
        return STREAM_ERROR;
    bool alone = usage != USAGE_ABSENT && choices == 0 && !answer.members[MEMBER_TYPE].at &&
                 !answer.members[MEMBER_CANDIDATES].at;
    return alone && stream->strip_usage ? STREAM_STRIP : STREAM_PASS;
}

/* Raw JSON between the frames is not an event, but may be an error. */
static bool is_error(struct json_value text)
{
    struct json_value frame;
    struct json_fault fault;
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return false;
    struct provider_json answer = provider_json_read(frame);
    return provider_json_is_error(&answer);
}

/* Such a line may also stand in an event, without an empty line around it. */
static bool has_stray_error(const struct sse_event *event)
{
    return event->stray && is_error((struct json_value){event->stray, event->stray_length});
}

struct json_value stream_event_text(const struct sse_event *event)
{
    if (event->data)
        return (struct json_value){event->data, event->data_length};
    if (event->stray)
        return (struct json_value){event->stray, event->stray_length};
    return (struct json_value){event->raw, event->raw_length};
}

struct json_value stream_error_body(const struct sse_event *event)
{
    if (event->data && has_stray_error(event))
        return (struct json_value){event->stray, event->stray_length};
    return stream_event_text(event);
}

/* ---- the fast path ----
 *
 * A provider sends a word or two in each frame, within about two hundred bytes that hardly change. The
 * previous frame was checked JSON. If a frame differs from the previous frame only within one string, the
 * frame is valid JSON if that string is valid, and everything but the string's text is already known to
 * stream_look(). */

static void template_save(struct frame_template *template, struct json_value frame, struct json_value words)
{
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
    const struct frame_template *template = &stream->template;
    struct json_value words;
    if (!template_matches(template, text, &words) || !stream_says_something(words))
        return false;
    stream_take_content(stream, words);
    if (template->choice >= 0)
        stream_note_choice(stream, template->choice, true, template->finishes);
    note_usage(stream, template->usage);
    return true;
}

static bool begins_json(struct json_value text)
{
    return text.length && (*text.at == '{' || *text.at == '[');
}

static enum stream_verdict read_data(struct stream *stream, struct json_value text)
{
    struct json_value frame;
    struct json_fault fault;
    int64_t known = stream->characters;
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault))
        return begins_json(text) ? STREAM_BROKEN : text.length ? STREAM_NOISE : STREAM_PASS;
    stream->words = (struct json_value){0};
    stream->template.before = 0;
    stream->template.choice = -1;
    stream->template.finishes = false;
    stream->template.usage = USAGE_ABSENT;
    enum stream_verdict verdict = read_frame(stream, frame);
    struct json_value words = stream->words;
    bool alone = json_kind(words) == JSON_STRING &&
                 stream->characters - known == token_estimate_characters(words);
    template_save(&stream->template, text, alone && verdict == STREAM_PASS ? words : (struct json_value){0});
    return verdict;
}

/* ---- the whole stream ---- */

static bool is_blank(char letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

static struct json_value trim(struct json_value text)
{
    while (text.length && is_blank(text.at[text.length - 1]))
        text.length--;
    while (text.length && is_blank(*text.at)) {
        text.at++;
        text.length--;
    }
    return text;
}

/* Removes one pair of brackets or quotes, and the blanks around and inside. */
static bool unwrap(struct json_value *text, char opening, char closing)
{
    *text = trim(*text);
    if (text->length < 2 || *text->at != opening || text->at[text->length - 1] != closing)
        return false;
    *text = trim((struct json_value){text->at + 1, text->length - 2});
    return true;
}

/* OpenAI's SDKs take all data that begin with these bytes for the end. */
static bool says_done(const struct sse_event *event)
{
    return event->data && event->data_length >= 6 && memcmp(event->data, "[DONE]", 6) == 0;
}

/* Some servers write the word in lower case, with blanks around it, as a JSON string, or without "data:". */
bool stream_is_done(const struct sse_event *event)
{
    struct json_value text = stream_event_text(event);
    if (text.length > 64)
        return says_done(event);
    unwrap(&text, '"', '"');
    bool is_word = unwrap(&text, '[', ']') && text.length == 4 && strncasecmp(text.at, "done", 4) == 0;
    return is_word || says_done(event);
}

enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event)
{
    if (event->data ? has_stray_error(event) : is_error(stream_event_text(event)))
        return STREAM_ERROR;
    if (strcasecmp(event->name, "error") == 0)
        return STREAM_ERROR;
    if (stream_is_done(event)) {
        stream->done = true;
        stream->done_passed = says_done(event);
        return stream->done_passed ? STREAM_PASS : STREAM_STRIP;
    }
    if (!event->data)
        return STREAM_PASS;
    struct json_value text = {event->data, event->data_length};
    return take_repeated(stream, text) ? STREAM_PASS : read_data(stream, text);
}

/* "[DONE]" ends the stream of a provider that sends no finish_reason at all, and of one that ignores the
 * number of choices in the request. But a provider that has finished one choice would have finished the
 * others as well, and one that has created a response would have completed it: what is open then was cut. */
bool stream_is_complete(const struct stream *stream)
{
    int64_t finished = 0, unfinished = 0;
    for (size_t i = 0; i < STREAM_CHOICES_MAX / 64; i++) {
        finished += __builtin_popcountll(stream->finished.bits[i]);
        unfinished += __builtin_popcountll(stream->seen.bits[i] & ~stream->finished.bits[i]);
    }
    if (stream->done)
        return (!finished || !unfinished) && (!stream->response_begun || stream->response_ended);
    return !unfinished && finished >= stream->choices;
}

bool stream_finish_is_doubtful(const struct stream *stream)
{
    for (size_t i = 0; i < STREAM_CHOICES_MAX / 64; i++)
        if (stream->finished_with_content.bits[i])
            return true;
    return false;
}

struct token_usage stream_usage(const struct stream *stream)
{
    struct token_usage usage = stream->usage;
    if (usage.source == USAGE_PROVIDER && usage.completion >= 0)
        token_usage_add_estimate(&usage, token_estimate_tokens(stream->characters - stream->counted));
    return usage;
}
