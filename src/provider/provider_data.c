/* The client's data for its provider, from the header X-LlamaStack-Provider-Data.
 *
 * The value is a JSON object that may contain keys of many providers. Only the members that the provider's
 * settings name are used, and all copies are freed with the request. */
#include "provider/provider_data.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/failure.h"
#include "base/portable.h"
#include "config/provider_key.h"
#include "config/settings_types.h"
#include "format/json.h"
#include "format/json_name.h"

#define VALUE_MAX 8192
#define HEADERS_MIN 8

/* A text with its length: it may contain a NUL. */
struct copy {
    char *bytes;
    size_t length;
};

static void wipe_copy(void *thing)
{
    struct copy *copy = thing;
    explicit_bzero(copy->bytes, copy->length);
}

static void wipe_secret(void *secret)
{
    secret_wipe(secret);
}

/* Returns the member's text in the arena, wiped with it; NULL if the member is not a string. */
static struct copy *text_of(struct arena *arena, struct json_value data, const char *member)
{
    struct copy *copy = arena_alloc(arena, sizeof *copy);
    copy->bytes = json_string(arena, json_get(data, member), &copy->length);
    if (!copy->bytes)
        return NULL;
    arena_defer(arena, wipe_copy, copy);
    return copy;
}

/* ---- the key ---- */

void provider_data_key_member(const struct provider_settings *provider,
                              char member[static PROVIDER_KEY_MEMBER_SIZE])
{
    snprintf(member, PROVIDER_KEY_MEMBER_SIZE, "%.100s_api_key", provider->name);
    for (char *dash = member; (dash = strchr(dash, '-'));)
        *dash = '_';
}

static bool reject_key(const char *member, const char *reason, struct failure *why)
{
    fail(why, FAILURE_BAD_REQUEST, "the member %s of the header " PROVIDER_DATA_HEADER " is no valid key: %s",
         member, reason);
    snprintf(why->param, sizeof why->param, "%s", member);
    return false;
}

/* Finds the member, also by a name that differs only in case, and counts such members. */
static size_t find_key(struct json_value data, const char *member, struct json_value *value)
{
    struct json_value rest = json_members(data);
    struct json_member found;
    size_t count = 0;
    while (json_next_member(&rest, &found))
        if (json_name_match(found.name, member) != NAME_OTHER) {
            *value = found.value;
            count++;
        }
    return count;
}

/* A member that is null is no key either: its sender did not mean to use the configured one. */
static bool take_key(struct arena *arena, struct json_value data, const struct provider_settings *provider,
                     struct secret *key, struct failure *why)
{
    char member[PROVIDER_KEY_MEMBER_SIZE];
    struct failure invalid;
    provider_data_key_member(provider, member);
    struct json_value value;
    size_t count = find_key(data, member, &value);
    if (!count)
        return true;
    if (count > 1)
        return reject_key(member, "it is given twice", why);
    if (!json_get(data, member).at)
        return reject_key(member, "its name is written in another way", why);
    struct copy *copy = text_of(arena, data, member);
    if (!copy)
        return reject_key(member, json_kind(value) == JSON_NULL ? "it is null" : "it is not a string", why);
    struct secret *clean = arena_alloc(arena, sizeof *clean);
    if (!provider_key_clean(copy->bytes, copy->length, clean, &invalid))
        return reject_key(member, invalid.message, why);
    arena_defer(arena, wipe_secret, clean);
    *key = *clean;
    return true;
}

bool provider_data_has_key(const char *value, const struct provider_settings *provider)
{
    char member[PROVIDER_KEY_MEMBER_SIZE];
    struct json_value text = {value, strlen(value)}, root;
    struct json_fault fault;
    provider_data_key_member(provider, member);
    if (!text.length || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault))
        return false;
    struct json_value found;
    return find_key(root, member, &found);
}

/* ---- headers ---- */

/* Returns the length of a character that some programs treat as a line end: a control character, or U+0085,
 * U+2028, U+2029 in UTF-8. */
static size_t line_break_length(const char *at, size_t left)
{
    unsigned char byte = (unsigned char)*at;
    if (byte < 0x20 || byte == 0x7f)
        return 1;
    if (left >= 2 && memcmp(at, "\xc2\x85", 2) == 0)
        return 2;
    bool separator = left >= 3 && (memcmp(at, "\xe2\x80\xa8", 3) == 0 || memcmp(at, "\xe2\x80\xa9", 3) == 0);
    return separator ? 3 : 0;
}

static void clean_value(struct copy *copy)
{
    char *to = copy->bytes;
    for (size_t i = 0; i < copy->length;) {
        size_t skipped = line_break_length(copy->bytes + i, copy->length - i);
        if (!skipped)
            *to++ = copy->bytes[i];
        i += skipped ? skipped : 1;
    }
    *to = '\0';
}

/* Header names are compared without regard to case; the last value of a name counts. */
static size_t find_header(const struct provider_data *data, const char *name)
{
    size_t i = 0;
    while (i < data->header_count && strcasecmp(data->headers[i].name, name) != 0)
        i++;
    return i;
}

static void make_room(struct provider_data *data, struct arena *arena)
{
    if (data->header_count < data->header_capacity)
        return;
    size_t capacity = 2 * data->header_capacity + HEADERS_MIN;
    struct name_value *headers = arena_alloc(arena, capacity * sizeof *headers);
    if (data->header_count)
        memcpy(headers, data->headers, data->header_count * sizeof *headers);
    data->headers = headers;
    data->header_capacity = capacity;
}

static void put_header(struct provider_data *data, struct arena *arena, char *name, char *value)
{
    size_t index = find_header(data, name);
    make_room(data, arena);
    data->headers[index] = (struct name_value){.name = name, .value = value};
    data->header_count += index == data->header_count;
}

void provider_data_add(struct provider_data *data, struct arena *arena, const char *name, const char *value)
{
    size_t length = strlen(value);
    if (length > VALUE_MAX || find_header(data, name) < data->header_count)
        return;
    struct copy copy = {arena_copy(arena, value, length), length};
    clean_value(&copy);
    if (*copy.bytes)
        put_header(data, arena, arena_copy(arena, name, strlen(name)), copy.bytes);
}

static void take_headers(struct arena *arena, struct json_value object,
                         const struct provider_settings *provider, struct provider_data *data)
{
    const struct name_value_list *wanted = &provider->forward_headers;
    for (size_t i = 0; i < wanted->count; i++) {
        struct copy *copy = text_of(arena, object, wanted->items[i].name);
        if (!copy || copy->length > VALUE_MAX)
            continue;
        clean_value(copy);
        if (*copy->bytes)
            put_header(data, arena, wanted->items[i].value, copy->bytes);
    }
}

bool provider_data_read(const char *value, const struct provider_settings *provider, struct arena *arena,
                        struct provider_data *data, struct failure *why)
{
    struct json_value text = {value, strlen(value)}, root;
    struct json_fault fault;
    bool wanted = provider->client_keys || provider->forward_headers.count;
    *data = (struct provider_data){0};
    if (!wanted || !text.length)
        return true;
    bool valid = json_check(text, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault) &&
                 json_kind(root) == JSON_OBJECT;
    if (!valid)
        return !provider->client_keys ||
               fail(why, FAILURE_BAD_REQUEST, "the header " PROVIDER_DATA_HEADER " is not a JSON object");
    if (provider->client_keys && !take_key(arena, root, provider, &data->key, why))
        return false;
    take_headers(arena, root, provider, data);
    data->secret_count = data->header_count;
    return true;
}
