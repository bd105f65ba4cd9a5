/* The APIs for text that providers speak, and in which order one prefers them. */
#include "config/api.h"

#include <string.h>

const char *api_name(enum api api)
{
    static const char *const names[API_COUNT] = {"chat", "responses", "messages", "gemini"};
    return names[api];
}

bool api_list_add(struct api_list *list, const char *name, size_t length)
{
    for (enum api api = 0; api < API_COUNT; api++) {
        if (strlen(api_name(api)) != length || memcmp(api_name(api), name, length) != 0)
            continue;
        if (api_list_has(list, api))
            return false;
        list->items[list->count++] = api;
        return true;
    }
    return false;
}

bool api_list_has(const struct api_list *list, enum api api)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == api)
            return true;
    return false;
}

enum api api_list_choose(const struct api_list *list, enum api client)
{
    return api_list_has(list, client) || !list->count ? client : list->items[0];
}
