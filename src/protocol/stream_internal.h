/* What the readers of all dialects' frames share. */
#ifndef PENSTOCK_PROTOCOL_STREAM_INTERNAL_H
#define PENSTOCK_PROTOCOL_STREAM_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "format/json.h"

struct provider_json;
struct stream;

/* True for any value except null, "", [] and {}. */
bool stream_says_something(struct json_value value);

/* Counts content, if it says something. */
void stream_take_content(struct stream *stream, struct json_value content);

/* Notes what a frame says of a choice. Content after a finish shows that the finish was none. */
void stream_note_choice(struct stream *stream, int64_t index, bool has_content, bool finishes);

/* Reads an event of Anthropic's Messages API. Returns false for an event of another API. */
bool stream_read_message_event(struct stream *stream, const struct provider_json *answer);

/* Reads an event of OpenAI's Responses API. */
void stream_read_response_event(struct stream *stream, const struct provider_json *answer);

/* Reads the candidates of a response of Gemini's API. */
void stream_read_candidates(struct stream *stream, struct json_value candidates);

#endif
