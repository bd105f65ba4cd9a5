/* Estimates the cost of a request before it is sent.
 *
 * The bound on costs must hold although not every model has a public tokenizer. A text never has more tokens
 * than bytes, so the length of the body bounds the cost of the prompt. Pictures and sound in the body have
 * fewer. For limits on tokens per minute, an estimate of four bytes per token is sufficient. The length of
 * the answer is bounded if the request sets a bound, or asks for pictures or speech. */
#include "provider/cost_estimate.h"

#include <string.h>

#include "base/base.h"
#include "base/failure.h"
#include "config/model_limits.h"
#include "config/preset.h"
#include "config/settings.h"
#include "format/json_number.h"
#include "routing/target.h"
#include "usage/price.h"
#include "usage/price_file.h"
#include "usage/request_bounds.h"
#include "usage/request_extent.h"
#include "usage/token_estimate.h"

#define HIDDEN_TOKENS 200000 /* the context of a large model */

/* ---- tokens ---- */

/* The provider's settings may drop or replace a bound of the request. */
static int64_t completion_max_at(const struct target *target, int64_t most)
{
    static const char *const bounds[] = {"max_tokens", "max_completion_tokens", "max_output_tokens"};
    const struct name_value_list *set = &target->provider->set;
    const struct string_list *drop = &target->provider->drop;
    for (size_t i = 0; i < drop->count; i++)
        for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++)
            if (strcmp(drop->items[i], bounds[k]) == 0)
                return -1;
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; most >= 0 && k < sizeof bounds / sizeof *bounds; k++) {
            struct json_value value = {set->items[i].value, strlen(set->items[i].value)};
            if (strcmp(set->items[i].name, bounds[k]) == 0)
                most = max_int64(most, min_int64(json_largest_number(value), REQUEST_TOKENS_MAX));
        }
    return most;
}

/* True if the request is converted to the API that requires a limit. Behind an alias another target may
 * answer, which does not need one. */
static bool gets_default_limit(const struct cost_question *question)
{
    const struct target *target = question->target;
    bool is_alone = !target->alias || target->alias->targets.count == 1;
    return is_alone && question->client < API_COUNT && question->client != API_MESSAGES &&
           api_list_choose(&target->provider->apis, question->client) == API_MESSAGES;
}

static int64_t completion_max(const struct cost_question *question, const struct request_bounds *bounds)
{
    int64_t most = bounds->completion;
    switch (question->shape) {
    case REQUEST_GENERATES:
        most = most < 0 && gets_default_limit(question)
                   ? model_default_limit(question->target->provider, question->target->model)
                   : most;
        return completion_max_at(question->target, most);
    case REQUEST_READS:
        return 0;
    case REQUEST_SPEAKS: /* twice the usual */
        return 2 * answer_media_tokens(question->shape, question->body);
    case REQUEST_TRANSCRIBES:
    case REQUEST_DRAWS:
    case REQUEST_REDRAWS:
        break;
    }
    return -1;
}

/* Of one answer that no number bounds; 0: as long as a text may be. */
static int64_t completion_usual(const struct cost_question *question, const struct request_bounds *bounds)
{
    switch (question->shape) {
    case REQUEST_DRAWS:
    case REQUEST_REDRAWS:
        return answer_media_tokens(question->shape, question->body) /
               (question->body.at ? bounds->answers : 1);
    default:
        return 0;
    }
}

/* The most that the prompt has, as far as its bytes bound it. */
static int64_t prompt_bound(const struct cost_question *question, const struct request_extent *extent)
{
    int64_t each = question->settings->attachment_tokens;
    if (!question->body.at)
        return extent->attachments ? 0 : question->length;
    int64_t media = extent->media < REQUEST_TOKENS_MAX / (each + 1) ? extent->media * each
                                                                    : REQUEST_TOKENS_MAX;
    return question->length - extent->written + min_int64(extent->media_bytes, media);
}

/* A form counts as one file, unless it is so small that its bytes are the better bound. */
static struct request_extent extent_of(const struct cost_question *question, bool hosted)
{
    if (question->body.at)
        return request_extent_read(question->body, hosted);
    bool small = question->length >= 0 && question->length <= question->settings->attachment_tokens;
    return (struct request_extent){.attachments = !small};
}

static int64_t prompt_tokens(const struct cost_question *question, const struct request_extent *extent)
{
    if (!question->body.at)
        return extent->attachments ? 0 : answer_form_tokens(question->length);
    return token_estimate_tokens(question->length - extent->written) +
           extent->media_bytes / MEDIA_BYTES_PER_TOKEN;
}

/* What is learned of an attachment from a prompt that a provider has counted is what an estimate lacks, so
 * both count the rest alike. */
static int64_t plain_tokens(const struct cost_question *question, const struct request_extent *extent)
{
    struct answer_facts facts = {.request = question->body, .form_bytes = max_int64(question->length, 0)};
    return extent->attachments ? answer_prompt_tokens(&facts) : 0;
}

/* ---- targets ---- */

bool cost_find_price(struct prices *prices, const struct target *target, struct price *price)
{
    return target->model &&
           price_find(prices, target->provider->name, target->provider->preset_name, target->model, price);
}

static void raise_prices(struct price *highest, const struct cost_question *question,
                         const struct target *target)
{
    struct price price;
    if (!cost_find_price(question->prices, target, &price))
        return;
    highest->input = max_double(highest->input, max_double(price.input, price.cache_write));
    highest->output = max_double(highest->output, price.output);
}

/* Sets `target` to the target of the alias at `index`. False if its name cannot be resolved. */
static bool target_of_alias(const struct cost_question *question, size_t index, struct target *target)
{
    const struct target_list *targets = &question->target->alias->targets;
    struct failure ignored;
    return target_find(question->settings, question->arena, targets->items[index], target, &ignored);
}

static bool speaks_responses(const struct target *target)
{
    return api_list_has(&target->provider->apis, API_RESPONSES);
}

/* OpenRouter searches for any model whose name ends so. */
static bool searches_by_itself(const struct target *target)
{
    return target->model && strstr(target->model, ":online");
}

struct cost_estimate cost_estimate_make(const struct cost_question *question)
{
    struct price highest = {0};
    struct target other;
    bool hosted = question->client != API_RESPONSES || speaks_responses(question->target);
    raise_prices(&highest, question, question->target);
    size_t count = question->target->alias ? question->target->alias->targets.count : 0;
    for (size_t i = 0; i < count; i++) {
        if (!target_of_alias(question, i, &other))
            continue;
        raise_prices(&highest, question, &other);
        hosted = hosted || speaks_responses(&other);
    }
    struct request_extent extent = extent_of(question, hosted);
    extent.hidden = extent.hidden || searches_by_itself(question->target);
    struct request_bounds bounds = request_bounds_read(question->body);
    if (!question->body.at)
        bounds.answers = max_int64(question->form_answers, 1);
    int64_t bound = prompt_bound(question, &extent);
    return (struct cost_estimate){
        .prompt_tokens = prompt_tokens(question, &extent),
        .prompt_cost = price_of_tokens(highest.input, bound),
        .prompt_token_cost = price_of_tokens(highest.input, 1),
        .plain_tokens = plain_tokens(question, &extent),
        .attachments = extent.attachments,
        .hidden_tokens = extent.hidden ? HIDDEN_TOKENS : 0,
        .completion_cost = price_of_tokens(highest.output, 1),
        .completion_max = completion_max(question, &bounds),
        .completion_usual = completion_usual(question, &bounds),
        .answers = bounds.answers,
    };
}
