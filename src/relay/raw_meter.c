/* Measures an answer that passes raw: the usage in its events, and the length of its text.
 *
 * Image generation, transcription and speech have streams of their own (OpenAI API reference, "Image
 * streaming", "Transcription streaming", "Speech streaming"). Their last event has the usage. A chat stream
 * is measured where it answers a request that asked for none. An event that is too large or not JSON is
 * passed on like any other and measures nothing. */
#include "relay/raw_meter.h"

#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "format/json.h"
#include "usage/provider_json.h"
#include "usage/token_estimate.h"

static bool is_type(const char *type, const char *name)
{
    size_t length = strlen(name);
    return strncasecmp(type, name, length) == 0 && strchr("; \t", type[length]);
}

/* Subtitles and transcripts are text, whatever the provider calls it. */
static enum raw_kind kind_of(const char *type)
{
    if (!type)
        return RAW_OTHER;
    if (is_type(type, "text/event-stream"))
        return RAW_EVENTS;
    return strncasecmp(type, "text/", 5) == 0 || is_type(type, "application/x-subrip") ? RAW_TEXT : RAW_OTHER;
}

void raw_meter_open(struct raw_meter *meter, const char *type, size_t event_max)
{
    *meter = (struct raw_meter){.kind = kind_of(type), .usage = token_usage_unknown()};
    sse_open(&meter->parser, event_max);
}

void raw_meter_close(struct raw_meter *meter)
{
    sse_close(&meter->parser);
}

static bool ends_with(struct json_value quoted, const char *end)
{
    size_t length = strlen(end);
    return json_kind(quoted) == JSON_STRING && quoted.length > length + 1 &&
           memcmp(quoted.at + quoted.length - 1 - length, end, length) == 0;
}

static void take_event(struct raw_meter *meter, const struct sse_event *event)
{
    struct json_value text = {event->data, event->data_length}, root;
    struct json_fault fault;
    meter->finished = event->data_length == 6 && memcmp(event->data, "[DONE]", 6) == 0;
    if (!event->data || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return;
    struct provider_json json = provider_json_read(root);
    struct json_value type = json.members[MEMBER_TYPE];
    token_usage_read(&json, &meter->usage);
    meter->finished = ends_with(type, ".completed") || ends_with(type, ".done");
    if (json_kind(json.members[MEMBER_DELTA]) == JSON_STRING)
        meter->characters += token_estimate_characters(json.members[MEMBER_DELTA]);
    struct json_value rest = json_elements(json.members[MEMBER_CHOICES]), choice;
    while (json_next_element(&rest, &choice))
        meter->characters += token_estimate_characters(json_get(choice, "delta")) +
                             token_estimate_characters(json_get(choice, "text"));
}

static void take_events(struct raw_meter *meter, const char *bytes, size_t length)
{
    struct sse_event event;
    while (length) {
        size_t piece = min_size(length, sse_room(&meter->parser));
        if (!piece || !sse_feed(&meter->parser, bytes, piece)) {
            meter->kind = RAW_OTHER;
            return;
        }
        bytes += piece;
        length -= piece;
        while (sse_next(&meter->parser, &event))
            take_event(meter, &event);
    }
}

void raw_meter_take(struct raw_meter *meter, const char *bytes, size_t length)
{
    if (meter->kind == RAW_EVENTS)
        take_events(meter, bytes, length);
    for (size_t i = 0; meter->kind == RAW_TEXT && i < length; i++)
        meter->characters += (bytes[i] & 0xc0) != 0x80;
}
