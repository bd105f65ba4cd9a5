/* Writes a conversation as a request of the Responses API (API reference, "Create a model response").
 *
 * The API has no place for sequences that stop the answer, so a client that gives some is told so, because
 * its answer would go on behind them. Nothing is stored at the provider. */
#include "protocol/responses/responses_write.h"

#include "base/base.h"
#include "base/failure.h"
#include "format/json_number.h"
#include "protocol/conversation_build.h"
#include "protocol/custom_tool.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/provider_facts.h"
#include "protocol/refused_members.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"
#define LOGPROBS "[\"message.output_text.logprobs\"]"
#define SMALL_BUDGET 4096 /* tokens of thinking that are a low, and a medium effort */
#define MEDIUM_BUDGET 16384

static const struct {
    enum said said;
    const char *name;
} same[] = {
    {SAID_MODEL, "model"},
    {SAID_STREAM, "stream"},
    {SAID_MAX_TOKENS, "max_output_tokens"},
    {SAID_TEMPERATURE, "temperature"},
    {SAID_TOP_P, "top_p"},
    {SAID_SERVICE_TIER, "service_tier"},
    {SAID_USER, "user"},
    {SAID_METADATA, "metadata"},
    {SAID_SAFETY_IDENTIFIER, "safety_identifier"},
    {SAID_PROMPT_CACHE_KEY, "prompt_cache_key"},
};

/* ---- tools ---- */

/* A schema is strict by default in this API, and only here. */
static void put_tool(struct json_writer *list, size_t *count, const struct conversation *conversation,
                     const struct tool *tool)
{
    struct json_writer object = write_element(list, count);
    json_put_string(&object, "type", "function");
    write_value(&object, "name", tool->name);
    write_value(&object, "description",
                tool->custom ? custom_tool_description(conversation->arena, tool) : tool->description);
    if (tool->custom)
        json_put_raw(&object, "parameters", CUSTOM_TOOL_SCHEMA, sizeof CUSTOM_TOOL_SCHEMA - 1);
    else if (tool->schema.at)
        write_value(&object, "parameters", tool->schema);
    else
        json_put_raw(&object, "parameters", NO_PARAMETERS, sizeof NO_PARAMETERS - 1);
    json_put_bool(&object, "strict", json_kind(tool->strict) == JSON_TRUE);
    json_write_end(&object);
}

static void put_tools(struct json_writer *writer, const struct conversation *conversation)
{
    static const char *const words[] = {
        [CHOICE_AUTO] = "auto", [CHOICE_NONE] = "none", [CHOICE_REQUIRED] = "required"};
    size_t count = 0;
    if (!conversation->tools)
        return;
    json_put_name(writer, "tools");
    write_text(writer, "[");
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (!tool->excluded)
            put_tool(writer, &count, conversation, tool);
    write_text(writer, "]");
    if (conversation->choice == CHOICE_TOOL) {
        struct json_writer choice = json_put_object(writer, "tool_choice");
        json_put_string(&choice, "type", "function");
        write_value(&choice, "name", conversation->chosen);
        json_write_end(&choice);
    } else if (conversation->choice != CHOICE_UNSET) {
        json_put_string(writer, "tool_choice", words[conversation->choice]);
    }
    write_value(writer, "parallel_tool_calls", conversation->parallel);
}

/* ---- the answer ---- */

static void put_effort(struct json_writer *writer, const struct conversation *conversation,
                       const struct provider_facts *facts)
{
    struct json_value effort = conversation->said[SAID_EFFORT];
    int64_t budget = json_largest_number(conversation->budget);
    bool is_anthropic = conversation->client == API_MESSAGES;
    const char *word = NULL;
    if (is_anthropic && (!facts->effort || conversation->thinking == THINKING_OFF))
        return;
    if (is_anthropic && is_word(effort, "max"))
        word = "high";
    else if (!effort.at && conversation->thinking == THINKING_ON && budget > 0)
        word = budget < SMALL_BUDGET ? "low" : budget < MEDIUM_BUDGET ? "medium" : "high";
    if (!word && !effort.at)
        return;
    struct json_writer reasoning = json_put_object(writer, "reasoning");
    if (word)
        json_put_string(&reasoning, "effort", word);
    else
        write_value(&reasoning, "effort", effort);
    json_write_end(&reasoning);
}

static void put_format(struct json_writer *text, const struct conversation *conversation)
{
    struct json_writer format = json_put_object(text, "format");
    if (conversation->form == FORM_JSON) {
        json_put_string(&format, "type", "json_object");
    } else {
        json_put_string(&format, "type", "json_schema");
        if (conversation->form_name.at)
            write_value(&format, "name", conversation->form_name);
        else
            json_put_string(&format, "name", "answer");
        write_value(&format, "description", conversation->form_description);
        write_value(&format, "schema", conversation->schema);
        write_value(&format, "strict", conversation->strict);
    }
    json_write_end(&format);
}

static void put_text(struct json_writer *writer, const struct conversation *conversation)
{
    struct json_value verbosity = conversation->said[SAID_VERBOSITY];
    if (conversation->form == FORM_TEXT && !verbosity.at)
        return;
    struct json_writer text = json_put_object(writer, "text");
    if (conversation->form != FORM_TEXT)
        put_format(&text, conversation);
    write_value(&text, "verbosity", verbosity);
    json_write_end(&text);
}

static void put_logprobs(struct json_writer *writer, const struct conversation *conversation)
{
    if (!conversation->logprobs)
        return;
    json_put_raw(writer, "include", LOGPROBS, sizeof LOGPROBS - 1);
    write_value(writer, "top_logprobs", conversation->top_logprobs);
}

bool responses_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                             struct buffer *out, struct failure *why)
{
    static const enum said refused[] = {SAID_STOP, SAID_FREQUENCY_PENALTY, SAID_PRESENCE_PENALTY,
                                        SAID_LOGIT_BIAS};
    struct json_writer writer = json_write_begin(out);
    if (!refused_members_check(conversation, refused, COUNT(refused), why))
        return false;
    for (size_t i = 0; i < COUNT(same); i++)
        write_value(&writer, same[i].name, conversation->said[same[i].said]);
    json_put_bool(&writer, "store", false);
    put_effort(&writer, conversation, facts);
    put_text(&writer, conversation);
    put_logprobs(&writer, conversation);
    put_tools(&writer, conversation);
    if (!responses_write_input(&writer, conversation, why))
        return false;
    json_write_end(&writer);
    return writer.ok || refuse_size(why);
}
