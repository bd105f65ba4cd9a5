/* The APIs for text that providers speak, and in which order one prefers them. */
#ifndef PENSTOCK_CONFIG_API_H
#define PENSTOCK_CONFIG_API_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

enum api {
    API_CHAT,      /* OpenAI's chat completions */
    API_RESPONSES, /* OpenAI's Responses */
    API_MESSAGES,  /* Anthropic's Messages */
    API_GEMINI,    /* Google's generateContent */
    API_COUNT
};

/* The APIs of a provider, the preferred one first; at least one. */
struct api_list {
    enum api items[API_COUNT];
    size_t count;
};

/* The name in settings: "chat", "responses", "messages", "gemini". */
const char *api_name(enum api api);

/* Adds an API by its name. Returns false if there is no API of that name, or the list has it already. */
bool api_list_add(struct api_list *list, const char *name, size_t length) MUST_CHECK;

/* True if the provider speaks the API. */
bool api_list_has(const struct api_list *list, enum api api);

/* Returns the API in which a provider is asked for a client that speaks `client`: the same if the provider
 * speaks it, so that nothing is converted, else the preferred one (contract, section 9). */
enum api api_list_choose(const struct api_list *list, enum api client);

#endif
