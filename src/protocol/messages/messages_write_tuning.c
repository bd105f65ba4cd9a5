/* Writes what tunes the answer of a request of the Messages API: thinking, effort, form and sampling.
 *
 * Models differ in what they take, and refuse the rest even with its default value (Anthropic, "Extended
 * thinking", "Effort", "Migrating"; collected on 2026-11-29). A name that no row knows is taken for a model
 * of the fourth generation. */
#include <string.h>

#include "base/base.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "format/json_number.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/json_schema.h"
#include "protocol/messages/messages_write.h"
#include "protocol/provider_facts.h"
#include "protocol/signature.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BUDGET_LEAST 1024 /* API reference, "thinking.budget_tokens" */

enum sampling { SAMPLING_NONE, SAMPLING_ONE, SAMPLING_ALL };

/* What the models of a row take. */
static const struct abilities {
    const char *models; /* patterns */
    enum sampling sampling;
    bool thinks, adaptive, xhigh;
} abilities[] = {
    {"*claude-3-5*|*claude-3-haiku*|*claude-3-opus*|*claude-3-sonnet*|*claude-2*|*claude-instant*",
     SAMPLING_ALL, false, false, false},
    {"*claude-3-7*", SAMPLING_ALL, true, false, false},
    {"*claude-opus-4-6*|*claude-sonnet-4-6*|*claude-opus-4.6*|*claude-sonnet-4.6*", SAMPLING_ONE, true, true,
     false},
    {"*claude-opus-4-7*|*claude-opus-4-8*|*claude-opus-4.7*|*claude-opus-4.8*|*claude-opus-5*|*claude-sonnet-"
     "5*|"
     "*claude-haiku-5*|*claude-fable*|*claude-mythos*",
     SAMPLING_NONE, true, true, true},
    {NULL, SAMPLING_ONE, true, false, false},
};

static const struct abilities *abilities_of(const struct provider_facts *facts)
{
    const struct abilities *row = abilities;
    while (row->models && !pattern_matches(row->models, facts->model))
        row++;
    return row;
}

int64_t messages_max_tokens(const struct conversation *conversation, const struct provider_facts *facts)
{
    int64_t most = json_largest_number(conversation->said[SAID_MAX_TOKENS]);
    return most > 0 ? most : facts->max_tokens;
}

/* ---- thinking ---- */

static bool has_signed_thinking(const struct conversation *conversation, const struct turn *turn)
{
    enum signature_kind kind;
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind == PART_REASONING && signature_read(conversation, part->signature, &kind).at)
            return true;
    return false;
}

/* True if the turn that the model is to go on with has calls without its thinking, which the API refuses once
 * thinking is enabled. That turn began with the last message of the user that was no result. */
static bool lacks_thinking(const struct conversation *conversation)
{
    bool lacks = false;
    for (const struct turn *turn = conversation->turns; turn; turn = turn->next) {
        bool has_call = false, has_words = false;
        for (const struct part *part = turn->parts; part; part = part->next) {
            has_call = has_call || part->kind == PART_CALL;
            has_words = has_words || (part->kind != PART_RESULT && turn->role == TURN_USER);
        }
        if (has_words)
            lacks = false;
        else if (has_call && !has_signed_thinking(conversation, turn))
            lacks = true;
    }
    return lacks;
}

static const char *const efforts[] = {"low", "medium", "high", "xhigh", "max"};
static const int64_t budgets[] = {2048, 8192, 16384, 32000, 32000};

enum mode { MODE_SILENT, MODE_OFF, MODE_BUDGET, MODE_ADAPTIVE };

struct plan {
    enum mode mode;
    int64_t budget;
    size_t effort; /* index in `efforts`; COUNT(efforts): none */
};

static bool is_forced(const struct conversation *conversation)
{
    return conversation->tools &&
           (conversation->choice == CHOICE_REQUIRED || conversation->choice == CHOICE_TOOL);
}

static int64_t wanted_budget(const struct conversation *conversation, size_t effort)
{
    int64_t budget = json_largest_number(conversation->budget);
    if (budget > 0)
        return budget;
    return effort < COUNT(efforts) ? budgets[effort] : budgets[1];
}

/* Half of the limit is left for the answer, unless the client has given the budget itself. A forced tool and
 * thinking exclude each other, and the tool is what the client can do without least. */
static struct plan make_plan(const struct conversation *conversation, const struct provider_facts *facts)
{
    static const char *const offs[] = {"none", "minimal"};
    const struct abilities *able = abilities_of(facts);
    struct json_value said = conversation->said[SAID_EFFORT];
    struct plan plan = {.effort = word_index(said, efforts, COUNT(efforts))};
    int64_t most = messages_max_tokens(conversation, facts);
    bool wanted = plan.effort < COUNT(efforts) || conversation->thinking == THINKING_ON ||
                  conversation->thinking == THINKING_ADAPTIVE;
    if (!able->thinks)
        return plan;
    if (conversation->thinking == THINKING_OFF || word_index(said, offs, COUNT(offs)) < COUNT(offs)) {
        plan.mode = MODE_OFF;
    } else if (wanted && !is_forced(conversation)) {
        bool explicit_budget = conversation->thinking == THINKING_ON;
        int64_t room = explicit_budget ? most - 1 : max_int64(most / 2, BUDGET_LEAST);
        plan.budget = min_int64(wanted_budget(conversation, plan.effort), room);
        if (able->adaptive && !explicit_budget)
            plan.mode = MODE_ADAPTIVE;
        else if (plan.budget >= BUDGET_LEAST && plan.budget < most && !lacks_thinking(conversation))
            plan.mode = MODE_BUDGET;
    }
    return plan;
}

static void put_thinking(struct json_writer *writer, const struct plan *plan)
{
    static const char *const types[] = {"", "disabled", "enabled", "adaptive"};
    if (plan->mode == MODE_SILENT)
        return;
    struct json_writer thinking = json_put_object(writer, "thinking");
    json_put_string(&thinking, "type", types[plan->mode]);
    if (plan->mode == MODE_BUDGET)
        json_put_count(&thinking, "budget_tokens", plan->budget);
    json_write_end(&thinking);
}

/* ---- the form ---- */

/* The API takes no limits of numbers, texts and lists in a schema, and wants objects closed (Anthropic,
 * "Structured outputs"). */
static void put_format(struct json_writer *config, const struct conversation *conversation)
{
    static const char *const dropped[] = {"$schema", NULL};
    static const char *const told[] = {"minimum",   "maximum",   "exclusiveMinimum", "exclusiveMaximum",
                                       "minLength", "maxLength", "multipleOf",       "minItems",
                                       "maxItems",  NULL};
    static const struct schema_rules rules = {.dropped = dropped, .told = told, .closed = true};
    struct json_writer format = json_put_object(config, "format");
    json_put_string(&format, "type", "json_schema");
    schema_write(&format, "schema", conversation->schema, &rules);
    json_write_end(&format);
}

static void put_config(struct json_writer *writer, const struct conversation *conversation,
                       const struct plan *plan, const struct abilities *able)
{
    bool has_effort = plan->mode == MODE_ADAPTIVE && plan->effort < COUNT(efforts);
    bool has_form = conversation->form == FORM_SCHEMA;
    if (!has_effort && !has_form)
        return;
    struct json_writer config = json_put_object(writer, "output_config");
    const char *effort = has_effort ? efforts[plan->effort] : NULL;
    if (has_effort)
        json_put_string(&config, "effort", plan->effort == 3 && !able->xhigh ? "max" : effort);
    if (has_form)
        put_format(&config, conversation);
    json_write_end(&config);
}

/* ---- sampling ---- */

/* The scale of this API ends at 1. Numbers are compared in thousandths, and read by their digits. */
static bool is_over_1(struct json_value number)
{
    const char *at = number.at;
    if (!number.length || *at == '0' || *at == '-')
        return false;
    if (*at != '1' || memchr(number.at, 'e', number.length) || memchr(number.at, 'E', number.length))
        return !memchr(number.at, '-', number.length);
    for (size_t i = 1; i < number.length; i++)
        if (at[i] != '.' && at[i] != '0')
            return true;
    return number.length > 1 && at[1] == '0';
}

static bool put_sampling(struct json_writer *writer, const struct conversation *conversation,
                         const struct plan *plan, const struct abilities *able, struct failure *why)
{
    struct json_value temperature = conversation->said[SAID_TEMPERATURE],
                      top_p = conversation->said[SAID_TOP_P];
    struct place place = {conversation->arena, "temperature", -1};
    if (is_over_1(temperature))
        return refuse_at(&place, why, "ends at 1 in this model's API");
    if (plan->mode == MODE_BUDGET || plan->mode == MODE_ADAPTIVE || able->sampling == SAMPLING_NONE)
        return true;
    write_value(writer, "temperature", temperature);
    if (able->sampling == SAMPLING_ALL || !temperature.at)
        write_value(writer, "top_p", top_p);
    write_value(writer, "top_k", conversation->said[SAID_TOP_K]);
    return true;
}

bool messages_write_tuning(struct json_writer *writer, const struct conversation *conversation,
                           const struct provider_facts *facts, struct failure *why)
{
    const struct abilities *able = abilities_of(facts);
    struct plan plan = make_plan(conversation, facts);
    put_thinking(writer, &plan);
    put_config(writer, conversation, &plan, able);
    return put_sampling(writer, conversation, &plan, able, why);
}
