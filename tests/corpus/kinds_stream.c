/* Streams: an error in the first frame, and how a stream has ended. */
#include <cjson/cJSON.h>
#include <string.h>

#include "../kit/text.h"
#include "answers.h"
#include "format/sse.h"
#include "kinds.h"
#include "outcome.h"
#include "protocol/stream.h"

#define EVENT_MAX 65536

/* The reason of the first event that is a failure; FAILURE_NONE: no event is one. */
static struct failure read_stream(struct stream *stream, const char *bytes)
{
    struct failure why = {.reason = FAILURE_NONE};
    struct sse_parser parser;
    struct sse_event event;
    sse_open(&parser, EVENT_MAX);
    stream_open(stream, false, 1);
    if (!sse_feed(&parser, bytes, strlen(bytes)))
        give_up("a stream of the corpus is longer than %d bytes", EVENT_MAX);
    while (!why.reason && (sse_next(&parser, &event) || sse_last(&parser, &event))) {
        bool failed = stream_look(stream, &event) == STREAM_ERROR;
        if (failed)
            why = answer_failure(200, event.data ? event.data : event.raw,
                                 event.data ? event.data_length : event.raw_length, NULL);
    }
    sse_close(&parser);
    return why;
}

void check_sse_status_peek(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct stream stream;
    const cJSON *frame = cJSON_GetObjectItemCaseSensitive(input, "first_frame");
    struct failure why = read_stream(&stream, frame->valuestring);
    outcome_number(outcome, "status", why.reason ? why.status : -1,
                   cJSON_GetObjectItemCaseSensitive(expected, "status"));
}

void check_stream_terminal(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct stream stream;
    const cJSON *bytes = cJSON_GetObjectItemCaseSensitive(input, "bytes");
    struct failure why = read_stream(&stream, bytes->valuestring);
    const char *ours = why.reason ? "error" : stream_is_complete(&stream) ? "complete" : NULL;
    outcome_word(outcome, "terminal", ours, cJSON_GetObjectItemCaseSensitive(expected, "terminal"));
}
