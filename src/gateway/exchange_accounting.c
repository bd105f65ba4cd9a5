/* Keeps an exchange's account in the ledger and writes its usage record.
 *
 * The exchange is in the ledger before any step can fail, and its line is in the ledger before it is in the
 * usage log. If a process is killed between two steps, recovery writes the line, so that every exchange has
 * exactly one line. */
#include "gateway/exchange_accounting.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/services.h"
#include "config/settings.h"
#include "gateway/exchange_internal.h"
#include "ledger/ledger.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/ledger_query.h"
#include "ledger/ledger_rebuild.h"
#include "ledger/quota.h"
#include "ledger/recovery.h"
#include "provider/cost_estimate.h"
#include "provider/upload.h"
#include "routing/access.h"
#include "routing/permission.h"
#include "routing/ratelimit.h"
#include "routing/route.h"
#include "routing/run.h"
#include "upstream/upstream.h"
#include "usage/answer_estimate.h"
#include "usage/exchange_end.h"
#include "usage/price.h"
#include "usage/price_file.h"
#include "usage/usage_line.h"
#include "usage/usage_log.h"

void accounting_begin(struct exchange *exchange)
{
    struct exchange_facts *facts = &exchange->record.facts;
    const struct services *services = exchange->services;
    struct usage_log_position place = usage_log_since(services->usage_log);
    exchange->record.pid = getpid();
    record_id_make(exchange->record_id, exchange->record.pid);
    facts->id = exchange->record_id;
    facts->request_id = exchange->request.id;
    facts->remote_addr = *exchange->request.remote_addr ? exchange->request.remote_addr : NULL;
    facts->endpoint = exchange->route ? exchange->route->path : NULL;
    exchange->has_record = true;
    exchange->ledger = ledger_begin(services->ledger, facts, &place);
    ledger_rebuild_if_needed(services->ledger, services->settings->usage_path, services->usage_log);
    ledger_checkpoint_write_when_due(services->ledger, services->usage_log);
}

/* ---- before the call ---- */

static enum request_shape shape_of(const struct route *route)
{
    bool pictures = strncmp(route->path, "/v1/images/", strlen("/v1/images/")) == 0;
    if (route->unbuffered)
        return pictures ? REQUEST_REDRAWS : REQUEST_TRANSCRIBES;
    if (pictures)
        return REQUEST_DRAWS;
    if (strcmp(route->path, "/v1/audio/speech") == 0)
        return REQUEST_SPEAKS;
    bool reads = route->kind == ROUTE_PASSTHROUGH || route->kind == ROUTE_RUN_EMBEDDING;
    return reads ? REQUEST_READS : REQUEST_GENERATES;
}

/* The limits of the client, or of the address of an anonymous one. */
static const struct client_limits *limits_of(const struct exchange *exchange)
{
    return exchange->client ? &exchange->client->limits : &exchange->services->settings->anonymous_limits;
}

/* Returns the address that stands for an anonymous client, NULL if its requests are not limited. */
static const char *address_of(const struct exchange *exchange)
{
    if (exchange->client || !quota_has_limits(limits_of(exchange)))
        return NULL;
    return access_address(exchange->arena, exchange->request.remote_addr);
}

static struct ledger_demand demand_of(const struct exchange *exchange)
{
    const struct services *services = exchange->services;
    const struct route *route = exchange->route;
    if (route->kind == ROUTE_OTHER) /* only requests are counted */
        return (struct ledger_demand){.address = address_of(exchange),
                                      .client_limits = *limits_of(exchange),
                                      .run_limits = services->settings->runs};
    struct cost_question question = {
        .settings = services->settings,
        .prices = services->prices,
        .arena = exchange->arena,
        .target = &exchange->setup.target,
        .shape = shape_of(route),
        .client = dialect_client_api(route),
        .body = exchange->setup.request.body.object,
        .length = exchange->upload ? exchange->upload->announced : (int64_t)exchange->request.body.length,
        .form_answers = exchange->upload ? upload_answers(exchange->upload) : 0,
    };
    struct cost_estimate estimate = cost_estimate_make(&question);
    return (struct ledger_demand){
        .address = address_of(exchange),
        .client_limits = *limits_of(exchange),
        .run_limits = services->settings->runs,
        .prompt_tokens = estimate.prompt_tokens,
        .prompt_cost = estimate.prompt_cost,
        .prompt_token_cost = estimate.prompt_token_cost,
        .plain_tokens = estimate.plain_tokens,
        .attachments = estimate.attachments,
        .attachment_tokens = services->settings->attachment_tokens,
        .hidden_tokens = estimate.hidden_tokens,
        .completion_cost = estimate.completion_cost,
        .completion_max = estimate.completion_max,
        .completion_usual = estimate.completion_usual,
        .answers = estimate.answers,
        .completion_is_reckoned = question.shape == REQUEST_SPEAKS,
    };
}

/* Returns the facts of the record and of the request. The record has a provider and a model only after an
 * attempt. */
static struct exchange_facts facts_of_request(const struct exchange *exchange)
{
    struct exchange_facts facts = exchange->record.facts;
    facts.client = exchange->client ? exchange->client->name : NULL;
    facts.requested_model = exchange->client_request.model;
    if (!facts.requested_model && exchange->upload)
        facts.requested_model = upload_model(exchange->upload);
    facts.stream = exchange->client_request.stream || exchange->setup.request.stream;
    return facts;
}

/* With log.required the gateway refuses requests that cannot be recorded. Only a write shows whether the
 * usage log works again, so lines that wait for the log are written first. */
static bool can_record(const struct exchange *exchange, struct failure *why)
{
    const struct services *services = exchange->services;
    if (!services->settings->log_required)
        return true;
    if (ledger_lines_wait(services->ledger))
        recovery_run(services->ledger, services->usage_log);
    return !usage_log_fault(services->usage_log) ||
           fail(why, FAILURE_UNAVAILABLE,
                "the gateway cannot write its usage log, which log.required demands");
}

/* Asks again if the dead have held what the request was refused for. */
static void reserve(struct exchange *exchange, const struct exchange_facts *facts,
                    const struct ledger_demand *demand)
{
    const struct services *services = exchange->services;
    struct quota_status *quota_status = &exchange->quota_status;
    enum quota_verdict verdict = ledger_reserve(exchange->ledger, facts, demand, quota_status);
    if (verdict != QUOTA_GRANTED && recovery_may_change(services->ledger, services->usage_log, verdict))
        ledger_reserve(exchange->ledger, facts, demand, quota_status);
    exchange->has_quota_status = true;
}

bool accounting_reserve(struct exchange *exchange, struct failure *why)
{
    if (!can_record(exchange, why))
        return false;
    struct exchange_facts facts = facts_of_request(exchange);
    if (!facts.client && !facts.run_id && !address_of(exchange))
        return true; /* the request has no account */
    struct ledger_demand demand = demand_of(exchange);
    facts.provider = exchange->setup.target.provider->name;
    facts.model = exchange->setup.target.model;
    reserve(exchange, &facts, &demand);
    return run_check(facts.run_id, &exchange->quota_status, why) && quota_check(&exchange->quota_status, why);
}

bool accounting_has_limits(const struct exchange *exchange)
{
    return !exchange->route->counts && quota_has_limits(limits_of(exchange));
}

bool accounting_reserve_early(struct exchange *exchange, struct failure *why)
{
    struct exchange_facts facts = facts_of_request(exchange);
    struct ledger_demand demand = {
        .early = true, .address = address_of(exchange), .client_limits = *limits_of(exchange)};
    facts.run_id = NULL;
    reserve(exchange, &facts, &demand);
    return quota_check(&exchange->quota_status, why);
}

static bool lists_models(const struct route *route)
{
    return route->kind == ROUTE_MODELS || route->kind == ROUTE_MODEL ||
           route->kind == ROUTE_RUN_CHAT_MODELS || route->kind == ROUTE_RUN_EMBEDDING_MODELS;
}

/* A list costs no money and no tokens, so a client whose budget is spent may still read it. */
bool accounting_reserve_page(struct exchange *exchange, struct failure *why)
{
    struct exchange_facts facts = facts_of_request(exchange);
    struct ledger_demand demand = {0};
    demand.address = address_of(exchange);
    if (!lists_models(exchange->route) || (!facts.client && !demand.address))
        return true;
    demand.client_limits = *limits_of(exchange);
    demand.client_limits.tokens_per_minute = 0;
    demand.client_limits.usd_per_day = demand.client_limits.usd_per_month = demand.client_limits.usd_total =
        0;
    facts.run_id = NULL;
    reserve(exchange, &facts, &demand);
    return quota_check(&exchange->quota_status, why);
}

/* A model that the provider may choose instead of the target's must not cost more than that: the exchange is
 * reckoned, and settled, by the target's price. */
struct dearest {
    const struct exchange *exchange;
    struct price price;
};

static bool check_other_model(void *context, const char *member, const char *model, struct failure *why)
{
    const struct dearest *dearest = context;
    const struct exchange *exchange = dearest->exchange;
    struct target other = exchange->setup.target;
    struct price price;
    size_t prefix = strlen(other.provider->name);
    bool is_prefixed = model && strncmp(model, other.provider->name, prefix) == 0 && model[prefix] == ':';
    other.model = is_prefixed ? model + prefix + 1 : model;
    bool is_priced = cost_find_price(exchange->services->prices, &other, &price);
    bool is_allowed = is_priced ? price.input <= dearest->price.input && price.output <= dearest->price.output
                                : exchange->services->settings->unpriced == UNPRICED_ALLOW;
    if (is_allowed)
        return true;
    fail(why, FAILURE_FORBIDDEN,
         "the client \"%.60s\" has a limit in USD, and the model \"%.100s\" in \"%.40s\" %s",
         exchange->client->name, model ? model : "?", member,
         is_priced ? "costs more than the model of the request" : "has no known price");
    if (why)
        snprintf(why->param, sizeof why->param, "%s", member);
    return false;
}

bool accounting_price_is_known(const struct exchange *exchange, struct failure *why)
{
    const struct client_settings *client = exchange->client;
    const struct target *target = &exchange->setup.target;
    struct dearest dearest = {.exchange = exchange};
    if (!client || !quota_limits_money(&client->limits))
        return true;
    if (cost_find_price(exchange->services->prices, target, &dearest.price))
        return exchange->upload || permission_visit_models(exchange->arena, &exchange->setup.request.body,
                                                           check_other_model, &dearest, why);
    if (exchange->services->settings->unpriced == UNPRICED_ALLOW)
        return true;
    return fail(
        why, FAILURE_FORBIDDEN,
        "the client \"%.60s\" has a limit in USD, and no price is known for the model \"%.100s\" at %s",
        client->name, target->model ? target->model : "", target->provider->name);
}

bool accounting_reserve_attempt(struct exchange *exchange)
{
    if (!exchange->has_quota_status)
        return true;
    struct ledger_demand demand = demand_of(exchange);
    return ledger_reserve_attempt(exchange->ledger, &demand);
}

void accounting_check_run(const struct exchange *exchange, struct failure *why)
{
    const struct run_limits *limits = &exchange->services->settings->runs;
    const char *run = exchange->record.facts.run_id;
    struct run_account account;
    if (!run || !ledger_run(exchange->services->ledger, run, limits, &account))
        return;
    struct quota_status quota_status = quota_check_run(&account, limits, clock_wall_us() / 1000);
    (void)!run_check(run, &quota_status, why);
}

/* ---- at the end ---- */

/* The client may send its next request as soon as it has the answer to this one. By then its account must
 * hold what this request has used, and no longer what was reserved for it. */
bool accounting_is_urgent(const struct exchange *exchange)
{
    bool has_limits = exchange->has_quota_status && exchange->client &&
                      quota_has_limits(&exchange->client->limits);
    return exchange->has_record && (has_limits || exchange->record.facts.run_id);
}

/* True if the provider may have billed the last attempt although it failed: it had begun to answer, or was
 * still at work when the gateway gave up. */
static bool may_be_billed(const struct exchange *exchange, const struct attempt *attempt)
{
    const struct upstream *upstream = exchange->services->upstream;
    bool answered = attempt->status >= 200 && attempt->status < 300;
    switch (attempt->reason) {
    case FAILURE_NONE: /* it was answered, or the client left */
    case FAILURE_TIMEOUT:
    case FAILURE_UNAVAILABLE: /* the gateway is shutting down */
        return answered || (!attempt->status && upstream_has_sent(upstream));
    case FAILURE_UPSTREAM_CUT:
    case FAILURE_BAD_RESPONSE: /* what came is no answer, and may have been generated all the same */
        return answered;
    default: /* an error after content */
        return answered && exchange->result.characters;
    }
}

/* The time in which the provider may have generated tokens that have not come. An answer that has ended
 * shows all of them, and a stream those that have come. */
static int64_t unseen_us(const struct exchange *exchange, const struct attempt *attempt)
{
    const struct relay_result *result = &exchange->result;
    bool ended = attempt->reason == FAILURE_NONE && result->end != END_CLIENT_GONE;
    bool shown = (exchange->setup.request.stream || attempt->reason == FAILURE_BAD_RESPONSE) &&
                 result->characters;
    return ended || shown ? 0 : attempt->duration_us;
}

/* Estimates what the provider has not counted, because a client could otherwise evade its budget: by leaving
 * early, or with a provider that counts nothing. */
static struct token_usage usage_of(const struct exchange *exchange)
{
    const struct record *record = &exchange->record;
    struct token_usage usage = exchange->result.usage;
    if (!record->attempt_count || exchange->route->counts || exchange->route->kind == ROUTE_OTHER)
        return usage;
    const struct attempt *attempt = &record->attempts[record->attempt_count - 1];
    if (usage.source == USAGE_NONE && !may_be_billed(exchange, attempt))
        return usage;
    struct answer_facts facts = {
        .shape = shape_of(exchange->route),
        .request = exchange->setup.request.body.object,
        .form_bytes = exchange->upload ? exchange->request.body_read : 0,
        .form_answers = exchange->upload ? upload_answers(exchange->upload) : 0,
        .reckoned = ledger_reckoned_tokens(exchange->ledger),
        .characters = exchange->result.characters,
        .unseen_us = unseen_us(exchange, attempt),
    };
    int64_t shown = facts.request.at ? (int64_t)facts.request.length : facts.form_bytes;
    token_usage_reconcile(&usage, shown + facts.reckoned);
    answer_estimate(&usage, &facts);
    return usage;
}

static int64_t cost_of(const struct exchange *exchange, const struct token_usage *usage)
{
    struct price price;
    bool is_known = usage->source != USAGE_NONE &&
                    cost_find_price(exchange->services->prices, &exchange->setup.target, &price);
    return is_known ? price_cost(&price, usage) : COST_UNKNOWN;
}

int64_t accounting_attempt_cost(const struct exchange *exchange)
{
    struct token_usage usage = usage_of(exchange);
    return cost_of(exchange, &usage);
}

/* Includes failed attempts, because providers may bill them too. */
static int64_t total_cost(const struct exchange *exchange, const struct token_usage *usage)
{
    int64_t last = cost_of(exchange, usage), before = exchange->wasted_cost;
    if (!before)
        return last;
    return last > INT64_MAX - before ? INT64_MAX : before + (last > 0 ? last : 0);
}

int64_t accounting_cost(const struct exchange *exchange)
{
    struct token_usage usage = usage_of(exchange);
    return total_cost(exchange, &usage);
}

static void complete_record(struct exchange *exchange)
{
    struct record *record = &exchange->record;
    record->facts = facts_of_request(exchange);
    record->facts.usage = usage_of(exchange);
    record->facts.cost = total_cost(exchange, &record->facts.usage);
    record->facts.duration_us = clock_monotonic_us() - exchange->started_us;
    record->status = exchange->response.status;
    record->bytes_in = exchange->request.body_read;
    record->bytes_out = exchange->response.bytes;
    if (!record->attempt_count)
        return;
    const struct upstream_answer *answer = upstream_answer(exchange->services->upstream);
    record->provider_status = answer->head.status;
    record->connect_us = answer->head.connect_us;
    record->ttfb_us = answer->head.first_byte_us;
}

static struct ledger_outcome outcome_of(const struct record *record)
{
    const struct failure *failure = record->failure;
    return (struct ledger_outcome){
        .reason = failure ? failure->reason : FAILURE_NONE,
        .answered = record->attempt_count && !failure && record->end == END_COMPLETE,
        .run_error = record->facts.run_id && failure && run_error_counts(failure, record->facts.provider),
    };
}

void accounting_record(struct exchange *exchange)
{
    const struct services *services = exchange->services;
    struct buffer line;
    buffer_init(&line, USAGE_LINE_MAX);
    complete_record(exchange);
    if (!usage_line_put(&line, &exchange->record))
        log_error("a usage record is longer than %d bytes and was cut", USAGE_LINE_MAX);
    struct ledger_outcome outcome = outcome_of(&exchange->record);
    struct ledger_line ledger_line = {line.bytes, line.length, usage_log_place(services->usage_log)};
    if (!ledger_settle(exchange->ledger, &exchange->record.facts, &outcome, &ledger_line))
        usage_log_forget_place(services->usage_log);
    ledger_end(exchange->ledger, usage_log_append(services->usage_log, line.bytes, line.length));
    exchange->ledger = NULL;
    buffer_free(&line);
}
