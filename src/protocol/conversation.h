/* A request to a model in no dialect: turns, tools and the members that shape the answer. */
#ifndef PENSTOCK_PROTOCOL_CONVERSATION_H
#define PENSTOCK_PROTOCOL_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "config/api.h"
#include "format/json.h"

struct arena;

/* All values are JSON texts in the client's request or in the arena; strings have their quotes. An absent
 * value was not given, or null. */

/* A picture, a file or a film: by URL, by id, or in the request. */
enum media_source { MEDIA_URL, MEDIA_BASE64, MEDIA_ID, MEDIA_TEXT };
struct media {
    enum media_source source;
    const char *type;       /* "image/png"; NULL: unknown */
    struct json_value data; /* the URL, the base64, the id or the text: a string without its quotes */
    struct json_value url;  /* the same as a data URL, if the client wrote it so; without quotes */
    struct json_value title, detail;
};

enum part_kind {
    PART_TEXT,
    PART_REASONING,
    PART_OPAQUE,
    PART_IMAGE,
    PART_FILE,
    PART_VIDEO,
    PART_AUDIO,
    PART_CALL,
    PART_RESULT
};

struct part {
    enum part_kind kind;
    struct part *next;
    struct json_value text; /* of text and reasoning; the data of opaque reasoning */
    struct json_value raw;  /* the client's own part, where another of its dialect takes it unchanged */
    struct media media;
    struct json_value id,
        name; /* of a call, and the call's id of a result; the name as the provider gets it */
    struct json_value arguments; /* a string that holds JSON, or an object */
    struct json_value signature, cache_control;
    struct part *content; /* of a result: text, pictures and files */
    bool failed, plain;   /* the tool reported an error; the content was a string */
};

enum turn_role { TURN_SYSTEM, TURN_USER, TURN_ASSISTANT };

/* What one side says at once. The results of tools are parts of the user's turn. */
struct turn {
    enum turn_role role;
    struct turn *next;
    struct part *parts, *last;
    int index;  /* of the client's message or item, for errors; -1: none */
    bool plain; /* the client wrote a string and no list of parts */
    bool had_results;
};

/* A tool that the client runs. */
struct tool {
    struct tool *next;
    struct json_value name;                /* as the provider gets it: unique, 64 of [A-Za-z0-9_-] */
    struct json_value own_name, own_group; /* as the client says; the group is the namespace, or absent */
    struct json_value description, schema, strict, format, cache_control;
    bool custom;   /* its argument is a text, in `format` */
    bool excluded; /* the choice leaves it out */
    int index;
};

enum choice { CHOICE_UNSET, CHOICE_AUTO, CHOICE_NONE, CHOICE_REQUIRED, CHOICE_TOOL };
enum thinking { THINKING_UNSET, THINKING_OFF, THINKING_ON, THINKING_ADAPTIVE };
enum form { FORM_TEXT, FORM_JSON, FORM_SCHEMA };

/* Members whose value is the same in every dialect that has them. */
enum said {
    SAID_MODEL,
    SAID_STREAM,
    SAID_MAX_TOKENS,
    SAID_TEMPERATURE,
    SAID_TOP_P,
    SAID_TOP_K,
    SAID_STOP,
    SAID_SEED,
    SAID_N,
    SAID_FREQUENCY_PENALTY,
    SAID_PRESENCE_PENALTY,
    SAID_LOGIT_BIAS,
    SAID_EFFORT,
    SAID_VERBOSITY,
    SAID_SERVICE_TIER,
    SAID_USER,
    SAID_METADATA,
    SAID_SAFETY_IDENTIFIER,
    SAID_PROMPT_CACHE_KEY,
    SAID_CACHE_CONTROL,
    SAID_COUNT
};
#define SAID_OTHER SAID_COUNT /* a member that no conversion knows */

struct said_member {
    enum said which;
    struct json_value name, value;
};

struct conversation {
    struct arena *arena;
    enum api client, provider; /* the dialects of the two */
    const char *list;          /* the member with the turns, for errors: "messages", "input" */
    struct turn *turns, *last;
    struct tool *tools, *last_tool;
    enum choice choice;
    struct json_value chosen,
        allowed;                /* the tool's name as the provider gets it; the tools that are allowed */
    struct json_value parallel; /* true or false */
    const char *left_out;       /* types of hosted tools that were left out; NULL: none */

    struct said_member
        *order; /* all members below in the client's order, and those that no conversion knows */
    size_t order_count;
    struct json_value said[SAID_COUNT];

    enum form form;
    struct json_value form_name, form_description, schema, strict;
    enum thinking thinking;
    struct json_value budget; /* tokens of thinking */
    bool logprobs;
    struct json_value top_logprobs;
    bool stream, include_usage;
    struct json_value body; /* the client's request */
    const char *mark;       /* of the provider and account, in signatures; NULL: none */
    void *private;          /* of the client's dialect */
};

#endif
