/* The interface of a dialect: the side towards clients, and the side towards providers.
 *
 * A conversion reads the client's request into a conversation and writes it for the provider, then reads the
 * provider's answer into an answer and writes that for the client. So each dialect has its two sides once,
 * and all pairs go through them. */
#ifndef PENSTOCK_PROTOCOL_DIALECT_SIDES_H
#define PENSTOCK_PROTOCOL_DIALECT_SIDES_H

#include <stdbool.h>

#include "protocol/answer_writer.h"

struct buffer;
struct conversation;
struct failure;
struct provider_facts;

struct client_side {
    /* Reads conversation->body. Fails with bad_request, naming the member. */
    bool (*read_request)(struct conversation *conversation, struct failure *why);
    const struct answer_writer_ops *writer;
};

struct provider_side {
    const char *path; /* after the base URL; NULL: it depends on the model */
    bool completion;  /* the parameter rules of presets and settings apply */
    /* Appends the request. Fails with bad_request, naming the client's member, or with too_large. */
    bool (*write_request)(const struct conversation *conversation, const struct provider_facts *facts,
                          struct buffer *out, struct failure *why);
    void (*open_answer)(struct answer *answer, const struct provider_facts *facts); /* NULL: nothing to do */
    answer_read *read_frame, *read_body;
    answer_read_end *read_end; /* NULL: nothing is held back */
    bool (*is_answer)(struct json_value body);
};

extern const struct client_side chat_client, responses_client, messages_client;
extern const struct provider_side chat_provider, responses_provider, messages_provider, gemini_provider;

#endif
