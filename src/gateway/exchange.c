/* Runs one exchange, from the request to its usage record. The program in outline.
 *
 * A step that fails stores its failure, and refuse() turns the failure into the response. The usage record is
 * always written, after the response has been sent so that the client does not wait for it. Then exchanges
 * that dead processes left open are recovered. */
#include "gateway/exchange.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "front/front.h"
#include "front/request.h"
#include "front/response.h"
#include "gateway/attempt_setup.h"
#include "gateway/attempts.h"
#include "gateway/exchange_accounting.h"
#include "gateway/exchange_internal.h"
#include "gateway/own_answers.h"
#include "ledger/recovery.h"
#include "pages/provider_models.h"
#include "protocol/error_response.h"
#include "protocol/model_request.h"
#include "protocol/runs/run_response.h"
#include "provider/provider.h"
#include "provider/provider_data.h"
#include "provider/upload.h"
#include "relay/relay.h"
#include "routing/access.h"
#include "routing/origin.h"
#include "routing/passthrough.h"
#include "routing/route.h"
#include "routing/run.h"
#include "routing/target.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

/* How long a provider may take to end its answer after the client has received all of it. The connection is
 * kept if the answer ends in time. */
#define LAST_BYTES_US 200000
/* A body usually arrives with its request. If no step needs it, the gateway reads what has
 * already arrived, and for a moment after the response. */
#define ARRIVED_MS 20
#define DRAIN_MS 250

/* A path without a route may be one of the provider that the setting passthrough names. */
static bool find_route(struct exchange *exchange, struct failure *why)
{
    const struct request *request = &exchange->request;
    bool found = route_find(request, &exchange->route, &exchange->path_rest, why);
    bool is_of_ours = exchange->route && !exchange->route->monitoring;
    if (is_of_ours || !*exchange->services->settings->passthrough ||
        !passthrough_find(request, &exchange->route))
        return found;
    return passthrough_check_method(request, exchange->route, why);
}

/* Finds the route of the request; a preflight has none. The exchange has a usage record from now on, unless
 * it is a preflight or its route leaves none. */
static bool open_request(struct exchange *exchange, struct failure *why)
{
    struct request *request = &exchange->request;
    const struct settings *settings = exchange->services->settings;
    bool opened = request_open(request, exchange->response.front, exchange->arena, settings, why);
    origin_put_headers(settings, request, &exchange->response);
    if (opened && origin_is_preflight(settings, request))
        return true;
    bool found = opened && find_route(exchange, why);
    if (trace_context_read(&exchange->trace, request->traceparent)) {
        exchange->record.facts.trace_id = exchange->trace.trace_id;
        exchange->record.facts.span_id = exchange->trace.parent_id;
    }
    if (!exchange->route || !exchange->route->monitoring)
        accounting_begin(exchange);
    return found;
}

/* Checks the client's key before reading the body, and its limits before waiting for the body: a client that
 * may have one request at a time holds one worker, however slowly it sends. A form is read later, while it is
 * passed on. The gateway's own pages need no body. */
static bool admit(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    const struct route *route = exchange->route;
    bool is_open = route->keyless || (route->monitoring && settings->status_access == STATUS_OPEN);
    if (!is_open && !access_check(settings, &exchange->request, route, &exchange->client, why))
        return false;
    if (!route->upstream)
        return true;
    if (route->kind == ROUTE_OTHER && !passthrough_check(&exchange->request, route, exchange->client, why))
        return false;
    bool waits = accounting_has_limits(exchange) &&
                 (route->unbuffered || !request_arrives(&exchange->request, settings, ARRIVED_MS));
    if (waits && !accounting_reserve_early(exchange, why))
        return false;
    return route->unbuffered || request_read(&exchange->request, settings, why);
}

static bool refuse_overload(const struct settings *settings, struct failure *why)
{
    fail(why, FAILURE_UNAVAILABLE, "all workers have been busy for %g s: come back later",
         (double)settings->queue_timeout_ms / 1000);
    why->retry_after_ms = settings->queue_timeout_ms;
    return false;
}

static bool read_form(struct exchange *exchange, struct failure *why)
{
    exchange->upload = arena_alloc(exchange->arena, sizeof *exchange->upload);
    if (exchange->route->kind == ROUTE_OTHER)
        return upload_open_any(exchange->upload, &exchange->request, exchange->services->settings, why);
    bool valid = upload_open(exchange->upload, &exchange->request, exchange->services->settings,
                             exchange->client, why);
    exchange->client_request.model = upload_model(exchange->upload);
    return valid;
}

static bool read_client_request(struct exchange *exchange, struct failure *why)
{
    const struct route *route = exchange->route;
    const struct request *request = &exchange->request;
    const char **run_id = &exchange->record.facts.run_id;
    if (!run_from_header(request->run, run_id, why))
        return false;
    if (route->unbuffered)
        return read_form(exchange, why);
    return dialect_read(route, exchange->arena, &request->body,
                        (unsigned)exchange->services->settings->json_depth, &exchange->client_request, run_id,
                        why);
}

/* Returns the model that the client has named. "PROVIDER/MODEL" names the provider if the client has brought
 * its own key for it. */
static const char *model_named(const struct exchange *exchange)
{
    const struct settings *settings = exchange->services->settings;
    const char *model = exchange->client_request.model, *data = exchange->request.provider_data;
    const struct provider_settings *provider = model && *data ? target_slash_provider(settings, model) : NULL;
    if (!provider || !provider_data_has_key(data, provider))
        return model;
    return target_for_own_key(settings, exchange->arena, model, provider);
}

/* The run gateway's API answers only for models that are listed. `name` is the name that the client used. */
static bool check_run_model(const struct exchange *exchange, const char *name, const struct target *target,
                            struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    if (!exchange->route->run_api || *settings->force_model || target->alias ||
        target_named_provider(settings, name) ||
        provider_models_may_have(settings, target->provider, exchange->arena, target->model))
        return true;
    fail(why, FAILURE_MODEL_NOT_FOUND, "there is no model \"%.100s\"", name);
    why->source = SOURCE_GATEWAY;
    return false;
}

static bool choose_passthrough(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    struct target *target = &exchange->setup.target;
    *target = (struct target){
        .provider = settings_provider(settings, settings->passthrough, strlen(settings->passthrough))};
    return attempt_set_target(exchange, target, why);
}

static bool choose_target(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    if (exchange->route->kind == ROUTE_OTHER)
        return choose_passthrough(exchange, why);
    const char *model = model_named(exchange);
    struct target *target = &exchange->setup.target;
    if (!model && !*settings->force_model && !exchange->route->model_optional)
        return model_request_lacks_model(why);
    return target_choose(settings, exchange->client, exchange->arena, model, target, why) &&
           check_run_model(exchange, model, target, why) && attempt_set_target(exchange, target, why);
}

static bool answer(struct exchange *exchange, struct failure *why)
{
    if (!open_request(exchange, why))
        return false;
    if (!exchange->route)
        return own_answer_preflight(exchange);
    if (!admit(exchange, why))
        return false;
    if (exchange->services->overloaded && !exchange->route->monitoring)
        return refuse_overload(exchange->services->settings, why);
    if (!exchange->route->upstream)
        return accounting_reserve_page(exchange, why) && own_answer_page(exchange, why);
    if (!read_client_request(exchange, why))
        return false;
    if (!choose_target(exchange, why)) {
        accounting_check_run(exchange, why); /* a blocked run takes precedence over an unknown model */
        return false;
    }
    if (exchange->route->kind == ROUTE_COUNT_TOKENS)
        return own_answer_count(exchange, why);
    if (exchange->route->kind == ROUTE_RESPONSES_COUNT)
        return own_answer_count_by_responses(exchange, why);
    if (!accounting_reserve(exchange, why))
        return false;
    return attempts_run(exchange, why);
}

/* Turns the failure into the response. Nothing has been sent to the client yet. */
static void refuse(struct exchange *exchange)
{
    const struct failure *failure = &exchange->failure;
    exchange->record.failure = failure;
    /* A form that proves invalid while it is passed on is refused all the same. */
    bool attempted = exchange->record.attempt_count > 0 && failure->category != CATEGORY_REQUEST;
    exchange->record.end = exchange_end_of_failure(failure, attempted);
    if (exchange->request.client_left) {
        exchange->record.end = END_CLIENT_GONE;
        return;
    }
    struct response_headers headers = response_headers_of(exchange);
    struct error_response error_response = error_response_of(exchange);
    headers.refused = true;
    if (exchange->record.attempt_count)
        headers.cost = accounting_cost(exchange);
    if (failure->reason == FAILURE_MODEL_NOT_FOUND && exchange->route->run_api)
        error_response.sentence = run_response_no_model(
            exchange->arena, exchange->route->kind == ROUTE_RUN_EMBEDDING, exchange->client_request.model);
    if (failure->reason == FAILURE_METHOD_NOT_ALLOWED)
        response_header(&exchange->response, "Allow", exchange->route->allow);
    if (failure->status == STATUS_UPGRADE_REQUIRED)
        response_header(&exchange->response, "Upgrade", "websocket");
    if (failure->reason == FAILURE_UNAUTHORIZED)
        response_header(&exchange->response, "WWW-Authenticate", "Bearer");
    if (exchange->request.accept)
        response_header(&exchange->response, "Accept-Encoding", exchange->request.accept);
    error_response_send(&exchange->response, &error_response, &headers);
}

static void note_result(struct exchange *exchange)
{
    const struct relay_result *result = &exchange->result;
    exchange->record.end = exchange->record.attempt_count > 0 ? result->end : END_COMPLETE;
    exchange->record.failure = result->failure.reason == FAILURE_NONE ? NULL : &result->failure;
}

static void begin(struct exchange *exchange, const struct services *services, struct front *front)
{
    const char *method = front->ops->variable(front, "REQUEST_METHOD");
    *exchange = (struct exchange){.services = services, .arena = arena_create()};
    exchange->started_us = clock_monotonic_us();
    exchange->result.usage = token_usage_unknown();
    exchange->record.facts.wall_us = clock_wall_us();
    exchange->record.connect_us = exchange->record.ttfb_us = -1;
    response_open(&exchange->response, front, method && strcmp(method, "HEAD") == 0);
}

/* Ends the exchange in this order:
 *
 * 1. Write an urgent record. The client's next request depends on it, and may come as soon as this response
 *    ends.
 * 2. End the response. The client does not wait for other records and recovery, which follow.
 * 3. Read the rest of the provider's answer, if its connection is worth keeping. That takes time, so the
 *    record must be safe before.
 * 4. Free the memory, to which the upstream request refers until it has stopped. */
static void end(struct exchange *exchange)
{
    const struct services *services = exchange->services;
    struct front *front = exchange->response.front;
    bool is_urgent = accounting_is_urgent(exchange);
    if (is_urgent)
        accounting_record(exchange);

    front->ops->finish(front);
    if (exchange->has_record && !is_urgent)
        accounting_record(exchange);
    recovery_run_when_due(services->ledger, services->usage_log);

    bool is_worth_keeping = services->keep_connections && exchange->record.end == END_COMPLETE;
    upstream_settle(services->upstream, is_worth_keeping ? LAST_BYTES_US : 0);

    response_close(&exchange->response);
    arena_destroy(exchange->arena);
}

/* The response leaves before the wait for the body, which may never come. */
static void drain_after_response(struct exchange *exchange)
{
    response_flush(&exchange->response);
    (void)request_drain(&exchange->request, DRAIN_MS);
}

void exchange_run(const struct services *services, struct front *front)
{
    struct exchange exchange;
    begin(&exchange, services, front);
    bool answered = answer(&exchange, &exchange.failure);
    bool body_ended = request_drain(&exchange.request, ARRIVED_MS);
    if (answered)
        note_result(&exchange);
    else
        refuse(&exchange);
    if (!body_ended)
        drain_after_response(&exchange);
    end(&exchange);
}
