/* Reads the members of a request that is converted. Errors name the place of the refused member. */
#include "protocol/json_members.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "format/json_name.h"

#define SHOWN_MAX 60
#define REASON_MAX 256

bool refuse_at(const struct place *place, struct failure *why, const char *format, ...)
{
    char reason[REASON_MAX], where[FAILURE_WORD_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (place->index < 0)
        snprintf(where, sizeof where, "%s", place->list);
    else
        snprintf(where, sizeof where, "%s[%d]", place->list, place->index);
    fail(why, FAILURE_BAD_REQUEST, "%s: %s", where, reason);
    snprintf(why->param, sizeof why->param, "%s", where);
    return false;
}

bool refuse_size(struct failure *why)
{
    return fail(why, FAILURE_TOO_LARGE, "the request in its provider's words is larger than can be held");
}

static bool read_member(const struct place *place, const struct json_member *member, const char *const *names,
                        size_t count, struct json_value *values, struct failure *why)
{
    enum name_match match;
    size_t index = json_name_find(member->name, names, count, &match);
    if (match == NAME_OTHER)
        return true;
    if (match == NAME_SAME && !values[index].at) {
        values[index] = member->value;
        return true;
    }
    json_name_refuse(member->name, names[index], match, NULL, why);
    return refuse_at(place, why, "%s", arena_copy(place->arena, why->message, strlen(why->message)));
}

bool read_members(const struct place *place, struct json_value object, const char *const *names, size_t count,
                  struct json_value *values, struct failure *why)
{
    if (json_kind(object) != JSON_OBJECT)
        return refuse_at(place, why, "must be an object");
    struct json_value rest = json_members(object);
    struct json_member member;
    for (size_t i = 0; i < count; i++)
        values[i] = (struct json_value){0};
    while (json_next_member(&rest, &member))
        if (!read_member(place, &member, names, count, values, why))
            return false;
    for (size_t i = 0; i < count; i++)
        if (json_kind(values[i]) == JSON_NULL)
            values[i] = (struct json_value){0};
    return true;
}

bool need_text(const struct place *place, struct json_value value, const char *name, struct failure *why)
{
    bool filled = json_kind(value) == JSON_STRING && value.length > 2;
    return filled || refuse_at(place, why, "\"%s\" must be a string that is not empty", name);
}

const char *shown(const struct place *place, struct json_value value)
{
    const char *text = json_string(place->arena, value, NULL);
    return text ? arena_format(place->arena, "%.*s", SHOWN_MAX, text) : "?";
}

bool is_word(struct json_value value, const char *text)
{
    return json_kind(value) == JSON_STRING && json_name_is(value, text);
}

size_t word_index(struct json_value value, const char *const *words, size_t count)
{
    size_t index = 0;
    while (index < count && !is_word(value, words[index]))
        index++;
    return index;
}
