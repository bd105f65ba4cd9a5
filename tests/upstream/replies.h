/* Answers in OpenAI's shapes, made into plans. */
#ifndef UPSTREAM_REPLIES_H
#define UPSTREAM_REPLIES_H

#include <stdbool.h>
#include <stddef.h>

struct plan;

/* The parts of a request that its answer depends on. */
struct wish {
    const char *model; /* the request's JSON text, quotes included */
    size_t model_length;
    bool stream, usage; /* `usage`: stream_options.include_usage */
    const char *finish; /* the finish_reason; NULL: "stop" */
};

/* A JSON answer with its Content-Length; `headers` are further lines, each with its CRLF. */
struct plan *reply_json(int status, const char *headers, const char *json, size_t length);

/* OpenAI's error body. */
struct plan *reply_error(int status, const char *headers, const char *type, const char *code,
                         const char *message);

/* A buffered completion with this message, which is JSON. */
struct plan *reply_message(const struct wish *wish, const char *message, long prompt, long completion);

/* A buffered completion that says `content`. */
struct plan *reply_completion(const struct wish *wish, const char *content, long prompt, long completion);

/* A completion of exactly `size` bytes of JSON, ready to be sent in one write. */
struct plan *reply_sized(const struct wish *wish, size_t size);

/* A stream: its head, content frames (`count` equal ones, `ms` apart), its end with usage if requested. */
void stream_head(struct plan *plan);
void stream_content(struct plan *plan, const struct wish *wish, const char *content, long count, long ms);
void stream_end(struct plan *plan, const struct wish *wish, long prompt, long completion);

/* One frame with this delta, which is JSON. */
void stream_delta(struct plan *plan, const struct wish *wish, const char *delta);

/* One event, as on the wire before chunking. */
struct text;
void stream_event(struct text *event, const struct wish *wish, const char *content);

#endif
