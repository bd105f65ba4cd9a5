/* Chats with a real gateway over FastCGI, with the fake provider behind it. */
#ifndef POOL_CHAT_H
#define POOL_CHAT_H

#include <stdbool.h>
#include <stdint.h>

#include "../kit/talk.h"
#include "service.h"

/* Starts the provider. Its port. */
unsigned chat_provider_start(const struct service *service);

/* Starts the provider, then the gateway with `settings` on it. The provider's port. */
unsigned chat_service_start(struct service *service, const char *settings);

/* Requests a chat completion; false if it cannot connect. */
bool chat_begin(struct talk *chat, const struct service *service, const char *model, bool stream);
/* The same with a key, a login or by TCP. */
struct chat_client {
    const char *key, *user; /* NULL: no key; no login */
    unsigned port;          /* by TCP; 0: by the gateway's socket */
};
bool chat_begin_as(struct talk *chat, const struct service *service, const struct chat_client *client,
                   const char *model, bool stream);
/* The same with any body. */
bool chat_begin_with(struct talk *chat, const struct service *service, const struct chat_client *client,
                     const char *body);
/* A GET without a key. */
bool chat_get(struct talk *chat, const struct service *service, const char *url);

/* Reads until the words have come; false if the answer ends without them. */
bool chat_receives(struct talk *chat, const char *words);
/* Reads to the end: did the gateway finish the request? */
bool chat_completes(struct talk *chat);
void chat_free(struct talk *chat);

/* A stream that pauses after its first frame until chat_release(). */
void chat_hold(struct talk *chat, const struct service *service, unsigned number);
/* Lets it continue; it must end with [DONE]. */
void chat_release(struct talk *chat, unsigned port, unsigned number);

/* One chat, not streamed: was the answer right? */
bool chat_once(const struct service *service);
/* The generation that answers /healthz; 0: no answer. */
long chat_generation(const struct service *service);

#endif
