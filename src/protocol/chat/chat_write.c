/* Writes a conversation as a request for chat completions.
 *
 * Members that both dialects have keep their place and value. OpenAI's own clients may send members that
 * Penstock does not know, which the provider may, so these are kept too. Members that only serve the client's
 * own API are left out. */
#include "protocol/chat/chat_write.h"

#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json_number.h"
#include "protocol/conversation_build.h"
#include "protocol/custom_tool.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/provider_facts.h"

#define SMALL_BUDGET 4096 /* tokens of thinking that are a low, and a medium effort */
#define MEDIUM_BUDGET 16384

static const char *const names[SAID_COUNT] = {
    [SAID_MODEL] = "model",
    [SAID_STREAM] = "stream",
    [SAID_MAX_TOKENS] = "max_tokens", /* the older name, which the parameter rules of a preset rename */
    [SAID_TEMPERATURE] = "temperature",
    [SAID_TOP_P] = "top_p",
    [SAID_TOP_K] = "top_k",
    [SAID_STOP] = "stop",
    [SAID_SEED] = "seed",
    [SAID_N] = "n",
    [SAID_FREQUENCY_PENALTY] = "frequency_penalty",
    [SAID_PRESENCE_PENALTY] = "presence_penalty",
    [SAID_LOGIT_BIAS] = "logit_bias",
    [SAID_SERVICE_TIER] = "service_tier",
    [SAID_USER] = "user",
    [SAID_METADATA] = "metadata",
    [SAID_SAFETY_IDENTIFIER] = "safety_identifier",
};

/* ---- members ---- */

static void put_member(struct json_writer *writer, const struct conversation *conversation,
                       const struct provider_facts *facts, const struct said_member *member)
{
    bool is_openai = conversation->client != API_MESSAGES;
    if (member->which == SAID_OTHER) {
        struct json_member unknown = {member->name, member->value};
        if (is_openai)
            write_member(writer, &unknown);
        return;
    }
    if (member->which == SAID_TOP_K && !is_openai && !facts->top_k)
        return;
    if (names[member->which])
        write_value(writer, names[member->which], member->value);
}

/* The largest effort of Anthropic's models is the largest that OpenAI's older models have. */
static void put_effort(struct json_writer *writer, const struct conversation *conversation,
                       const struct provider_facts *facts)
{
    static const char *const above[] = {"xhigh", "max"};
    struct json_value effort = conversation->said[SAID_EFFORT];
    int64_t budget = json_largest_number(conversation->budget);
    if (conversation->client != API_MESSAGES) {
        write_value(writer, "reasoning_effort", effort);
        return;
    }
    if (!facts->effort || conversation->thinking == THINKING_OFF)
        return;
    if (effort.at && word_index(effort, above, 2) < 2)
        json_put_string(writer, "reasoning_effort", "high");
    else if (effort.at)
        write_value(writer, "reasoning_effort", effort);
    else if (conversation->thinking == THINKING_ON && budget > 0)
        json_put_string(writer, "reasoning_effort",
                        budget < SMALL_BUDGET    ? "low"
                        : budget < MEDIUM_BUDGET ? "medium"
                                                 : "high");
}

/* Chat completions need both members where the Responses API needs one. */
static void put_logprobs(struct json_writer *writer, const struct conversation *conversation)
{
    if (!conversation->logprobs)
        return;
    json_put_bool(writer, "logprobs", true);
    write_value(writer, "top_logprobs", conversation->top_logprobs);
}

static void put_form(struct json_writer *writer, const struct conversation *conversation)
{
    if (conversation->form == FORM_TEXT)
        return;
    struct json_writer format = json_put_object(writer, "response_format");
    if (conversation->form == FORM_JSON) {
        json_put_string(&format, "type", "json_object");
    } else {
        json_put_string(&format, "type", "json_schema");
        struct json_writer schema = json_put_object(&format, "json_schema");
        if (conversation->form_name.at)
            write_value(&schema, "name", conversation->form_name);
        else
            json_put_string(&schema, "name", "answer");
        write_value(&schema, "description", conversation->form_description);
        write_value(&schema, "schema", conversation->schema);
        if (conversation->strict.at)
            write_value(&schema, "strict", conversation->strict);
        else if (conversation->client == API_MESSAGES)
            json_put_bool(&schema, "strict", true);
        json_write_end(&schema);
    }
    json_write_end(&format);
}

/* ---- tools ---- */

/* A tool whose argument is a text becomes a function with that text. */
static void put_custom(struct json_writer *function, struct arena *arena, const struct tool *tool)
{
    write_value(function, "description", custom_tool_description(arena, tool));
    json_put_raw(function, "parameters", CUSTOM_TOOL_SCHEMA, sizeof CUSTOM_TOOL_SCHEMA - 1);
}

static void put_tool(struct json_writer *list, size_t *count, const struct conversation *conversation,
                     const struct provider_facts *facts, const struct tool *tool)
{
    struct json_writer outer = write_element(list, count);
    json_put_string(&outer, "type", "function");
    struct json_writer function = json_put_object(&outer, "function");
    write_value(&function, "name", tool->name);
    if (tool->custom) {
        put_custom(&function, conversation->arena, tool);
    } else {
        write_value(&function, "description", tool->description);
        write_value(&function, "parameters", tool->schema);
        if (facts->strict)
            write_value(&function, "strict", tool->strict);
    }
    json_write_end(&function);
    json_write_end(&outer);
}

static void put_named(struct json_writer *object, struct json_value name)
{
    json_put_string(object, "type", "function");
    struct json_writer function = json_put_object(object, "function");
    write_value(&function, "name", name);
    json_write_end(&function);
}

/* Writes the tools that the model may choose from, also in nested form. */
static void put_allowed(struct json_writer *writer, const struct conversation *conversation)
{
    struct json_value rest = json_elements(json_get(conversation->allowed, "tools")), tool;
    size_t count = 0;
    struct json_writer choice = json_put_object(writer, "tool_choice");
    json_put_string(&choice, "type", "allowed_tools");
    struct json_writer allowed = json_put_object(&choice, "allowed_tools");
    write_value(&allowed, "mode", json_get(conversation->allowed, "mode"));
    json_put_name(&allowed, "tools");
    write_text(&allowed, "[");
    while (json_next_element(&rest, &tool)) {
        struct json_writer element = write_element(&allowed, &count);
        put_named(&element,
                  conversation_tool_name(conversation, json_get(tool, "namespace"), json_get(tool, "name")));
        json_write_end(&element);
    }
    write_text(&allowed, "]");
    json_write_end(&allowed);
    json_write_end(&choice);
}

static void put_choice(struct json_writer *writer, const struct conversation *conversation)
{
    static const char *const words[] = {
        [CHOICE_AUTO] = "auto", [CHOICE_NONE] = "none", [CHOICE_REQUIRED] = "required"};
    if (conversation->allowed.at) {
        put_allowed(writer, conversation);
    } else if (conversation->choice == CHOICE_TOOL) {
        struct json_writer object = json_put_object(writer, "tool_choice");
        put_named(&object, conversation->chosen);
        json_write_end(&object);
    } else if (conversation->choice != CHOICE_UNSET) {
        json_put_string(writer, "tool_choice", words[conversation->choice]);
    }
}

/* Providers refuse a choice and a parallelism of no tools. */
static void put_tools(struct json_writer *writer, const struct conversation *conversation,
                      const struct provider_facts *facts)
{
    size_t count = 0;
    if (!conversation->tools)
        return;
    json_put_name(writer, "tools");
    write_text(writer, "[");
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (!tool->excluded)
            put_tool(writer, &count, conversation, facts, tool);
    write_text(writer, "]");
    put_choice(writer, conversation);
    write_value(writer, "parallel_tool_calls", conversation->parallel);
}

bool chat_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                        struct buffer *out, struct failure *why)
{
    struct json_writer writer = json_write_begin(out);
    for (size_t i = 0; i < conversation->order_count; i++)
        put_member(&writer, conversation, facts, &conversation->order[i]);
    put_logprobs(&writer, conversation);
    put_effort(&writer, conversation, facts);
    put_form(&writer, conversation);
    write_value(&writer, "verbosity", conversation->said[SAID_VERBOSITY]);
    put_tools(&writer, conversation, facts);
    if (!chat_write_messages(&writer, conversation, facts, why))
        return false;
    json_write_end(&writer);
    return writer.ok || refuse_size(why);
}
