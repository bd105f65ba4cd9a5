/* A Responses request as a chat completions request, for providers that have only these.
 *
 * Each member has a row that says what becomes of it. What means the same in both goes over with its name;
 * what both have in another form is translated; what asks for a state that is not kept here, or for work that
 * only the Responses API's own servers do, is refused by name rather than answered as if it had not been
 * said. "store" is left out: nothing is stored here, and the answer says so. */
#include "protocol/responses/responses_request.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_input.h"
#include "protocol/responses/responses_tools.h"

enum fate {
    FATE_SAME,      /* the same member in both */
    FATE_TRANSLATE, /* see translate() */
    FATE_LEFT_OUT,  /* means nothing to a chat, and its absence changes no answer */
    FATE_STATE,     /* needs a state that is not kept here */
    FATE_FALSE,     /* must be false */
    FATE_OTHER_API, /* a chat's word for what this API says otherwise */
};

enum member {
    INPUT,
    INSTRUCTIONS,
    INCLUDE,
    TOOLS,
    TOOL_CHOICE,
    PARALLEL,
    TEXT,
    REASONING,
    MAX_OUTPUT_TOKENS,
    TOP_LOGPROBS,
    MODEL,
    TRUNCATION,
    ROWS_READ
};

#define NO_ECHO ECHO_MEMBERS

/* `other`: what to say instead. The first rows are those that are read; their order is that of `member`. */
static const struct row {
    const char *name;
    enum fate fate;
    enum responses_echo echo;
    const char *other;
} rows[] = {
    [INPUT] = {"input", FATE_TRANSLATE, NO_ECHO, NULL},
    [INSTRUCTIONS] = {"instructions", FATE_TRANSLATE, ECHO_INSTRUCTIONS, NULL},
    [INCLUDE] = {"include", FATE_TRANSLATE, NO_ECHO, NULL},
    [TOOLS] = {"tools", FATE_TRANSLATE, ECHO_TOOLS, NULL},
    [TOOL_CHOICE] = {"tool_choice", FATE_TRANSLATE, ECHO_TOOL_CHOICE, NULL},
    [PARALLEL] = {"parallel_tool_calls", FATE_TRANSLATE, ECHO_PARALLEL_TOOL_CALLS, NULL},
    [TEXT] = {"text", FATE_TRANSLATE, ECHO_TEXT, NULL},
    [REASONING] = {"reasoning", FATE_TRANSLATE, ECHO_REASONING, NULL},
    [MAX_OUTPUT_TOKENS] = {"max_output_tokens", FATE_TRANSLATE, ECHO_MAX_OUTPUT_TOKENS, NULL},
    [TOP_LOGPROBS] = {"top_logprobs", FATE_TRANSLATE, ECHO_TOP_LOGPROBS, NULL},
    [MODEL] = {"model", FATE_SAME, NO_ECHO, NULL},
    [TRUNCATION] = {"truncation", FATE_TRANSLATE, ECHO_TRUNCATION, NULL},
    {"metadata", FATE_SAME, ECHO_METADATA, NULL},
    {"prompt_cache_key", FATE_SAME, ECHO_PROMPT_CACHE_KEY, NULL},
    {"safety_identifier", FATE_SAME, ECHO_SAFETY_IDENTIFIER, NULL},
    {"service_tier", FATE_SAME, ECHO_SERVICE_TIER, NULL},
    {"stream", FATE_SAME, NO_ECHO, NULL},
    {"temperature", FATE_SAME, ECHO_TEMPERATURE, NULL},
    {"top_p", FATE_SAME, ECHO_TOP_P, NULL},
    {"user", FATE_SAME, ECHO_USER, NULL},
    {"max_tool_calls", FATE_LEFT_OUT, ECHO_MAX_TOOL_CALLS, NULL}, /* counts hosted tools only */
    {"store", FATE_LEFT_OUT, NO_ECHO, NULL},
    {"stream_options", FATE_LEFT_OUT, NO_ECHO, NULL}, /* about this API's events */
    {"background", FATE_FALSE, NO_ECHO, NULL},
    {"conversation", FATE_STATE, NO_ECHO, NULL},
    {"previous_response_id", FATE_STATE, NO_ECHO, NULL},
    {"prompt", FATE_STATE, NO_ECHO, NULL},
    {"messages", FATE_OTHER_API, NO_ECHO, "input"},
    {"max_tokens", FATE_OTHER_API, NO_ECHO, "max_output_tokens"},
    {"max_completion_tokens", FATE_OTHER_API, NO_ECHO, "max_output_tokens"},
    {"response_format", FATE_OTHER_API, NO_ECHO, "text.format"},
    {"reasoning_effort", FATE_OTHER_API, NO_ECHO, "reasoning.effort"},
    {"verbosity", FATE_OTHER_API, NO_ECHO, "text.verbosity"},
    {"functions", FATE_OTHER_API, NO_ECHO, "tools"},
    {"function_call", FATE_OTHER_API, NO_ECHO, "tool_choice"},
    {"logprobs", FATE_OTHER_API, NO_ECHO, "include"},
    {"n", FATE_OTHER_API, NO_ECHO, "one request for each answer"},
};

#define ROWS (sizeof rows / sizeof *rows)

struct translation {
    struct arena *arena;
    struct json_writer writer;
    struct responses_context *ask;
    struct json_value given[ROWS]; /* absent where not given, or null */
};

static struct place place_of(const struct translation *translation, const char *name)
{
    return (struct place){translation->arena, name, -1};
}

static size_t row_of(struct json_value name)
{
    size_t row = 0;
    while (row < ROWS && !json_name_is(name, rows[row].name))
        row++;
    return row;
}

/* Clients look for this code to send the whole conversation again (API reference, "Error codes"). */
static bool refuse_state(const struct place *place, struct failure *why)
{
    refuse_at(place, why, "nothing of earlier requests is kept here: send the whole input instead");
    if (strcmp(place->list, "previous_response_id") == 0)
        snprintf(why->code, sizeof why->code, "previous_response_not_found");
    return false;
}

/* What a row alone decides. */
static bool judge(const struct translation *translation, size_t index, struct json_value value,
                  struct failure *why)
{
    const struct row *row = &rows[index];
    struct place place = place_of(translation, row->name);
    switch (row->fate) {
    case FATE_STATE:
        return refuse_state(&place, why);
    case FATE_FALSE:
        return json_kind(value) == JSON_FALSE ||
               refuse_at(&place, why, "must be false: every answer is given at once");
    case FATE_OTHER_API:
        return refuse_at(&place, why, "belongs to Chat Completions; here say %s", row->other);
    default:
        return true;
    }
}

static void copy_unknown(struct translation *translation, const struct json_member *member)
{
    struct json_writer *writer = &translation->writer;
    if (!writer->first)
        write_text(writer, ",");
    writer->first = false;
    write_bytes(writer, member->name.at, member->name.length);
    write_text(writer, ":");
    write_bytes(writer, member->value.at, member->value.length);
}

/* Copies what is the same, keeps what is to be translated and to be repeated. */
static bool take_member(struct translation *translation, const struct json_member *member,
                        bool seen[static ROWS], struct failure *why)
{
    size_t index = row_of(member->name);
    if (index == ROWS) {
        copy_unknown(translation, member);
        return true;
    }
    const struct row *row = &rows[index];
    struct place place = place_of(translation, row->name);
    if (seen[index])
        return refuse_at(&place, why, "is given twice");
    seen[index] = true;
    if (json_kind(member->value) == JSON_NULL)
        return true;
    translation->given[index] = member->value;
    if (row->echo != NO_ECHO)
        translation->ask->echo[row->echo] = member->value;
    if (row->fate == FATE_SAME)
        write_value(&translation->writer, row->name, member->value);
    return judge(translation, index, member->value, why);
}

static bool take_members(struct translation *translation, struct json_value body, struct failure *why)
{
    bool seen[ROWS] = {false};
    struct json_value rest = json_members(body);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!take_member(translation, &member, seen, why))
            return false;
    translation->ask->model = translation->given[MODEL];
    return true;
}

static bool put_reasoning(struct translation *translation, struct failure *why)
{
    static const char *const names[] = {"effort"};
    struct place place = place_of(translation, "reasoning");
    struct json_value effort, reasoning = translation->given[REASONING];
    if (!reasoning.at)
        return true;
    if (!read_members(&place, reasoning, names, 1, &effort, why))
        return false;
    write_value(&translation->writer, "reasoning_effort", effort);
    return true;
}

/* Chat completions want both where this API wants either. The other values of "include" ask for more of what
 * hosted tools and encrypted reasoning give; without these there is nothing to add. */
static void put_logprobs(struct translation *translation)
{
    struct json_value top = translation->given[TOP_LOGPROBS];
    struct json_value rest = json_elements(translation->given[INCLUDE]), item;
    int64_t count = 0;
    bool wanted = json_integer(top, &count) && count > 0;
    while (json_next_element(&rest, &item))
        wanted = wanted || is_word(item, "message.output_text.logprobs");
    if (!wanted)
        return;
    json_put_bool(&translation->writer, "logprobs", true);
    write_value(&translation->writer, "top_logprobs", top);
}

static bool check_instructions(const struct translation *translation, struct failure *why)
{
    struct place place = place_of(translation, "instructions");
    struct json_value given = translation->given[INSTRUCTIONS];
    return !given.at || json_kind(given) == JSON_STRING || refuse_at(&place, why, "must be a string");
}

static bool check_truncation(const struct translation *translation, struct failure *why)
{
    struct place place = place_of(translation, "truncation");
    struct json_value given = translation->given[TRUNCATION];
    if (!given.at || is_word(given, "disabled"))
        return true;
    return refuse_at(&place, why, "only \"disabled\" is possible: items are not left out here");
}

static bool translate(struct translation *translation, enum responses_reasoning reasoning,
                      struct failure *why)
{
    struct json_value *given = translation->given;
    struct tools_ask tools = {given[TOOLS], given[TOOL_CHOICE], given[PARALLEL]};
    /* the older name: the only one that all providers without this API know, and their rules rename it */
    write_value(&translation->writer, "max_tokens", given[MAX_OUTPUT_TOKENS]);
    put_logprobs(translation);
    return check_truncation(translation, why) && check_instructions(translation, why) &&
           put_reasoning(translation, why) &&
           text_write(&translation->writer, translation->arena, given[TEXT], why) &&
           tools_write(&translation->writer, translation->arena, &tools, why) &&
           input_write(&translation->writer, translation->arena, given[INSTRUCTIONS], given[INPUT], reasoning,
                       why);
}

bool responses_to_chat(struct arena *arena, struct json_value body, enum responses_reasoning reasoning,
                       struct buffer *chat, struct responses_context *ask, struct failure *why)
{
    *ask = (struct responses_context){.reasoning = reasoning};
    struct translation translation = {.arena = arena, .ask = ask, .writer = json_write_begin(chat)};
    if (!take_members(&translation, body, why) || !translate(&translation, reasoning, why))
        return false;
    json_write_end(&translation.writer);
    return translation.writer.whole || refuse_size(why);
}
