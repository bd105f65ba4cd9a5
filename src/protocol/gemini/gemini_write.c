/* Writes a conversation as a request of Gemini's generateContent (Gemini API reference, "Generating
 * content").
 *
 * "parallel_tool_calls": false has no equal and is left out, as are members that concern the servers of other
 * APIs. */
#include "protocol/gemini/gemini_write.h"

#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "format/json_number.h"
#include "protocol/conversation_build.h"
#include "protocol/custom_tool.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/json_schema.h"
#include "protocol/provider_facts.h"
#include "protocol/refused_members.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Models that know only the older member for schemas, which takes a part of OpenAPI 3.0. */
#define OLDER_MODELS "*gemini-1*|*gemini-2.0*"

static const char *const dropped[] = {"$schema",
                                      "$id",
                                      "$ref",
                                      "$defs",
                                      "$comment",
                                      "definitions",
                                      "additionalProperties",
                                      "patternProperties",
                                      "unevaluatedProperties",
                                      "propertyNames",
                                      "const",
                                      "examples",
                                      "not",
                                      "if",
                                      "then",
                                      "else",
                                      "contains",
                                      "uniqueItems",
                                      "readOnly",
                                      "writeOnly",
                                      "deprecated",
                                      "strict",
                                      NULL};
static const char *const told[] = {"pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", NULL};
static const struct schema_rules older_rules = {.dropped = dropped, .told = told, .nullable = true};

static bool is_older(const struct provider_facts *facts)
{
    return pattern_matches(OLDER_MODELS, facts->model);
}

/* ---- tools ---- */

static bool put_declaration(struct json_writer *list, size_t *count, const struct conversation *conversation,
                            const struct provider_facts *facts, const struct tool *tool, struct failure *why)
{
    static const struct json_value custom = {CUSTOM_TOOL_SCHEMA, sizeof CUSTOM_TOOL_SCHEMA - 1};
    struct place place = {conversation->arena, "tools", tool->index};
    struct json_value schema = tool->custom ? custom : tool->schema, inside = json_members(schema);
    struct json_writer object = write_element(list, count);
    write_value(&object, "name", tool->name);
    write_value(&object, "description",
                tool->custom ? custom_tool_description(conversation->arena, tool) : tool->description);
    if (inside.length &&
        !schema_write_parameters(&object, is_older(facts) ? "parameters" : "parametersJsonSchema", schema,
                                 is_older(facts) ? &older_rules : &schema_rules_plain))
        return refuse_at(&place, why, "the parameters must be of the type object");
    json_write_end(&object);
    return true;
}

static void put_choice(struct json_writer *writer, const struct conversation *conversation)
{
    static const char *const modes[] = {[CHOICE_UNSET] = "AUTO",
                                        [CHOICE_AUTO] = "AUTO",
                                        [CHOICE_NONE] = "NONE",
                                        [CHOICE_REQUIRED] = "ANY",
                                        [CHOICE_TOOL] = "ANY"};
    if (conversation->choice == CHOICE_UNSET)
        return;
    struct json_writer config = json_put_object(writer, "toolConfig");
    struct json_writer calling = json_put_object(&config, "functionCallingConfig");
    json_put_string(&calling, "mode", modes[conversation->choice]);
    if (conversation->choice == CHOICE_TOOL) {
        json_put_name(&calling, "allowedFunctionNames");
        write_text(&calling, "[");
        write_bytes(&calling, conversation->chosen.at, conversation->chosen.length);
        write_text(&calling, "]");
    }
    json_write_end(&calling);
    json_write_end(&config);
}

static bool put_tools(struct json_writer *writer, const struct conversation *conversation,
                      const struct provider_facts *facts, struct failure *why)
{
    size_t count = 0, first = 0;
    if (!conversation->tools)
        return true;
    json_put_name(writer, "tools");
    write_text(writer, "[");
    struct json_writer group = write_element(writer, &first);
    json_put_name(&group, "functionDeclarations");
    write_text(&group, "[");
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (!tool->excluded && !put_declaration(&group, &count, conversation, facts, tool, why))
            return false;
    write_text(&group, "]");
    json_write_end(&group);
    write_text(writer, "]");
    put_choice(writer, conversation);
    return true;
}

/* ---- thinking ---- */

#define BUDGET_MODELS "*gemini-2.5*"
#define THOUGHTLESS_MODELS "*gemini-1*|*gemini-2.0*"
#define PRO_MODELS "*pro*"
#define PRO_LEAST 128 /* tokens of thinking that a Pro model cannot go below */

static const char *const efforts[] = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};
static const int64_t budgets[] = {0, 512, 1024, 8192, 24576, 24576, 24576};
static const char *const levels[] = {"minimal", "minimal", "low", "medium", "high", "high", "high"};

/* Returns the index of the effort that the client wants; COUNT(efforts): it has not said. */
static size_t wanted_effort(const struct conversation *conversation)
{
    size_t effort = word_index(conversation->said[SAID_EFFORT], efforts, COUNT(efforts));
    int64_t budget = json_largest_number(conversation->budget);
    if (conversation->thinking == THINKING_OFF)
        return 0;
    if (effort < COUNT(efforts) || conversation->thinking != THINKING_ON)
        return effort;
    for (effort = 1; effort + 3 < COUNT(efforts) && budgets[effort] < budget;)
        effort++;
    return effort;
}

/* Models before 2.5 do not think, 2.5 has a budget, and later ones a level; Pro models cannot be switched
 * off. */
static void put_thinking(struct json_writer *config, const struct conversation *conversation,
                         const struct provider_facts *facts)
{
    size_t effort = wanted_effort(conversation);
    bool adaptive = conversation->thinking == THINKING_ADAPTIVE, said = effort < COUNT(efforts);
    bool is_pro = pattern_matches(PRO_MODELS, facts->model);
    int64_t budget = json_largest_number(conversation->budget);
    if (pattern_matches(THOUGHTLESS_MODELS, facts->model) || (!said && !adaptive))
        return;
    struct json_writer thinking = json_put_object(config, "thinkingConfig");
    if (said && pattern_matches(BUDGET_MODELS, facts->model)) {
        if (conversation->thinking != THINKING_ON || budget <= 0)
            budget = budgets[effort];
        json_put_count(&thinking, "thinkingBudget", is_pro ? max_int64(budget, PRO_LEAST) : budget);
    } else if (said) {
        json_put_string(&thinking, "thinkingLevel", is_pro && effort < 2 ? "low" : levels[effort]);
    }
    if (!said || effort > 0)
        json_put_bool(&thinking, "includeThoughts", true);
    json_write_end(&thinking);
}

/* ---- the answer's form ---- */

static void put_form(struct json_writer *config, const struct conversation *conversation,
                     const struct provider_facts *facts)
{
    if (conversation->form == FORM_TEXT)
        return;
    json_put_string(config, "responseMimeType", "application/json");
    if (conversation->form == FORM_SCHEMA && json_kind(conversation->schema) == JSON_OBJECT)
        schema_write(config, is_older(facts) ? "responseSchema" : "responseJsonSchema", conversation->schema,
                     is_older(facts) ? &older_rules : &schema_rules_plain);
}

static void put_stop(struct json_writer *config, struct json_value stop)
{
    if (json_kind(stop) == JSON_STRING) {
        json_put_name(config, "stopSequences");
        write_text(config, "[");
        write_bytes(config, stop.at, stop.length);
        write_text(config, "]");
    } else if (json_kind(stop) == JSON_ARRAY) {
        write_value(config, "stopSequences", stop);
    }
}

static void put_config(struct json_writer *writer, const struct conversation *conversation,
                       const struct provider_facts *facts)
{
    static const struct {
        enum said said;
        const char *name;
    } same[] = {
        {SAID_MAX_TOKENS, "maxOutputTokens"},
        {SAID_TEMPERATURE, "temperature"},
        {SAID_TOP_P, "topP"},
        {SAID_TOP_K, "topK"},
        {SAID_SEED, "seed"},
        {SAID_FREQUENCY_PENALTY, "frequencyPenalty"},
        {SAID_PRESENCE_PENALTY, "presencePenalty"},
    };
    struct json_writer config = json_put_object(writer, "generationConfig");
    for (size_t i = 0; i < COUNT(same); i++)
        write_value(&config, same[i].name, conversation->said[same[i].said]);
    put_stop(&config, conversation->said[SAID_STOP]);
    put_form(&config, conversation, facts);
    put_thinking(&config, conversation, facts);
    json_write_end(&config);
}

bool gemini_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                          struct buffer *out, struct failure *why)
{
    static const enum said refused[] = {SAID_LOGIT_BIAS};
    struct json_writer writer = json_write_begin(out);
    if (!refused_members_check(conversation, refused, COUNT(refused), why) ||
        !gemini_write_contents(&writer, conversation, facts, why) ||
        !put_tools(&writer, conversation, facts, why))
        return false;
    put_config(&writer, conversation, facts);
    json_write_end(&writer);
    return writer.ok || refuse_size(why);
}
