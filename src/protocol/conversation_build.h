/* Builds a conversation while a dialect's request is read, and puts it in order afterwards. */
#ifndef PENSTOCK_PROTOCOL_CONVERSATION_BUILD_H
#define PENSTOCK_PROTOCOL_CONVERSATION_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "protocol/conversation.h"

struct arena;
struct failure;
struct place;

/* Begins an empty conversation of a client; `body` must outlive it. */
void conversation_open(struct conversation *conversation, struct arena *arena, enum api client,
                       enum api provider, struct json_value body);

/* The provider's API in error messages: "Chat Completions". */
const char *conversation_provider_api(const struct conversation *conversation);

/* Adds a turn; conversation_continue() takes the last turn if it has the role. */
struct turn *conversation_add(struct conversation *conversation, enum turn_role role, int index);
struct turn *conversation_continue(struct conversation *conversation, enum turn_role role, int index);

/* Adds a part to the turn, or to the content of a result. */
struct part *turn_add(struct arena *arena, struct turn *turn, enum part_kind kind);
struct part *result_add(struct arena *arena, struct part *result, enum part_kind kind);

/* Notes a member of the request. A member that no conversion knows is SAID_OTHER. */
void conversation_say(struct conversation *conversation, enum said which, const struct json_member *member);

/* Adds a tool of the client. `group` is its namespace, or absent. */
struct tool *conversation_add_tool(struct conversation *conversation, struct json_value group,
                                   struct json_value name);

/* True if the client has given a tool of this name already. */
bool conversation_has_tool(const struct conversation *conversation, struct json_value group,
                           struct json_value name);

/* Returns the name, a JSON string, by which the provider knows a tool that the client calls so. A name that
 * is none of the request's tools is only made valid. */
struct json_value conversation_tool_name(const struct conversation *conversation, struct json_value group,
                                         struct json_value name);

/* Returns the tool that the provider calls by this name, a text inside a JSON string; NULL: none. */
const struct tool *conversation_find_tool(const struct conversation *conversation, const char *inside,
                                          size_t length);

/* Moves the results of tools directly behind their calls, and makes a text of a result whose call is gone:
 * all providers refuse a result in another place. */
void conversation_settle(struct conversation *conversation);

/* Reads a URL, a string without its quotes, and splits a data URL. */
void media_read_url(struct media *media, struct arena *arena, struct json_value inside);

/* Returns the name of the picture's type as providers accept it ("image/jpg" is "image/jpeg"), NULL if it is
 * none of jpeg, png, gif and webp. */
const char *media_picture_type(const char *type);

/* Returns the text as a JSON string, in the arena. */
struct json_value quote_text(struct arena *arena, const char *text);

/* Returns the inside of a string with its quotes again, in the arena. */
struct json_value quote_inside(struct arena *arena, const char *inside, size_t length);

/* Returns the inside of a string; of length 0 for any other value. */
struct json_value inside_of_string(struct json_value string);

/* The place of a turn, for errors. */
struct place place_of_turn(const struct conversation *conversation, const struct turn *turn);

#endif
