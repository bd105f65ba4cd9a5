/* One request, from its first variable to its usage record: the program on one page.
 *
 * A step that cannot be taken says why, and refuse() makes that the answer. The record comes last, when the
 * web server has its answer, so that nobody waits for it; and it comes always. What dead processes have left
 * is seen to after that. */
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
#include "ledger/recovery.h"
#include "pages/pages.h"
#include "protocol/error_response.h"
#include "protocol/model_request.h"
#include "provider/upload.h"
#include "relay/relay_buffered.h"
#include "relay/relay_job.h"
#include "routing/access.h"
#include "routing/route.h"
#include "routing/run.h"
#include "routing/target.h"
#include "upstream/upstream.h"

#define LOCAL_ANSWER_MAX (32 * 1024 * 1024)
#define LAST_BYTES_US                                                                                        \
    200000 /* what an answer gets to end after its client has it, so that its connection can be kept */

/* The one way of a failure to the client while nothing of an answer has left. */
static void refuse(struct exchange *exchange)
{
    exchange->record.failure = &exchange->failure;
    exchange->record.end = exchange_end_of(&exchange->failure);
    if (exchange->request.client_left) {
        exchange->record.end = END_CLIENT_GONE;
        return;
    }
    struct response_headers headers = response_headers_of(exchange);
    struct error_response error_response = error_response_of(exchange);
    headers.refused = true;
    if (exchange->failure.reason == FAILURE_METHOD_NOT_ALLOWED)
        response_header(&exchange->response, "Allow", exchange->route->allow);
    if (exchange->failure.reason == FAILURE_UNAUTHORIZED)
        response_header(&exchange->response, "WWW-Authenticate", "Bearer");
    error_response_send(&exchange->response, &error_response, &headers);
}

static bool answer_locally(struct exchange *exchange, struct failure *why)
{
    struct buffer body;
    buffer_init(&body, LOCAL_ANSWER_MAX);
    struct response_headers headers = response_headers_of(exchange);
    struct local_question asked = {exchange->services,      exchange->arena,  exchange->route,
                                   exchange->rest,          exchange->client, exchange->request.query,
                                   &exchange->record.run_id};
    struct local_answer answer;
    bool known = local_answer(&asked, &body, &answer, why);
    headers.stale = answer.stale;
    if (known && exchange->route->aside)
        response_header(&exchange->response, "Cache-Control", "no-store");
    if (known)
        relay_answer_as(&exchange->response, &headers, answer.status, answer.type, body.bytes, body.length);
    buffer_free(&body);
    return known;
}

/* Who is to answer, and what the name that was asked for says besides. */
static bool choose_target(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    const struct model_request *asked = &exchange->client_request;
    struct target *target = &exchange->target;
    if (!asked->model && !*settings->force_model && !exchange->route->model_optional)
        return model_request_lacks_model(why);
    if (!target_choose(settings, exchange->client, exchange->arena, asked->model, target, why))
        return false;
    return attempt_add_parameters(exchange, why);
}

static bool take_request(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    struct request *request = &exchange->request;
    bool known = request_open(request, exchange->response.front, exchange->arena, settings, why) &&
                 route_find(request, &exchange->route, &exchange->rest, why);
    if (!exchange->route || !exchange->route->aside)
        accounting_begin(exchange);
    return known;
}

/* Nothing of a body is held, nor a form read at all, before it is known who sends it. */
static bool admit(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    const struct route *route = exchange->route;
    bool open = route->open || (route->aside && settings->status_access == STATUS_OPEN);
    if (!open && !access_check(settings, &exchange->request, &exchange->client, why))
        return false;
    return route->streamed || request_read(&exchange->request, settings, why);
}

static bool read_client_request(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->services->settings;
    struct request *request = &exchange->request;
    struct model_request *asked = &exchange->client_request;
    const char **run = &exchange->record.run_id;
    if (!run_from_header(request->run, run, why))
        return false;
    if (!exchange->route->streamed)
        return dialect_read(exchange->route, exchange->arena, &request->body, (unsigned)settings->json_depth,
                            asked, run, why);
    exchange->upload = arena_alloc(exchange->arena, sizeof *exchange->upload);
    bool good = upload_open(exchange->upload, request, settings, why);
    asked->model = upload_model(exchange->upload);
    return good;
}

static bool read_question(struct exchange *exchange, struct failure *why)
{
    bool good = read_client_request(exchange, why);
    exchange->target_request = exchange->client_request;
    return good;
}

static bool refuse_entry(const struct settings *settings, struct failure *why)
{
    fail(why, FAILURE_UNAVAILABLE, "all workers have been busy for %g s: come back later",
         (double)settings->queue_timeout_ms / 1000);
    why->retry_after_ms = settings->queue_timeout_ms;
    return false;
}

static bool answer(struct exchange *exchange, struct failure *why)
{
    if (!take_request(exchange, why))
        return false;
    if (!admit(exchange, why))
        return false;
    if (exchange->services->overloaded && !exchange->route->aside)
        return refuse_entry(exchange->services->settings, why);
    if (!exchange->route->upstream)
        return answer_locally(exchange, why);
    if (!read_question(exchange, why))
        return false;
    if (!choose_target(exchange, why))
        return accounting_check_run(exchange, why);
    if (!accounting_reserve(exchange, why))
        return false;
    return attempts_run(exchange, why);
}

static void begin(struct exchange *exchange, const struct services *services, struct front *front)
{
    *exchange = (struct exchange){.services = services, .arena = arena_create()};
    exchange->started_us = clock_monotonic_us();
    exchange->record.wall_us = clock_wall_us();
    exchange->record.connect_us = exchange->record.ttfb_us = -1;
    exchange->job = (struct relay_job){.settings = services->settings,
                                       .upstream = services->upstream,
                                       .response = &exchange->response,
                                       .stop = services->stop,
                                       .usage = usage_unknown()};
    const char *method = front->ops->variable(front, "REQUEST_METHOD");
    response_open(&exchange->response, front, method && strcmp(method, "HEAD") == 0);
}

static void end(struct exchange *exchange)
{
    bool urgent = accounting_is_urgent(exchange);
    if (urgent)
        accounting_record(exchange);
    exchange->response.front->ops->finish(exchange->response.front);
    if (exchange->recorded && !urgent)
        accounting_record(exchange);
    recovery_run_when_due(exchange->services->ledger, exchange->services->usage_log);
    bool worth_waiting = exchange->services->keep_connections && exchange->record.end == END_COMPLETE;
    upstream_settle(exchange->services->upstream, worth_waiting ? LAST_BYTES_US : 0);
    response_close(&exchange->response);
    arena_destroy(exchange->arena);
}

void exchange_run(const struct services *services, struct front *front)
{
    struct exchange exchange;
    begin(&exchange, services, front);
    bool answered = answer(&exchange, &exchange.failure);
    request_drop(&exchange.request, services->settings);
    if (answered) {
        bool forwarded = exchange.record.attempt_count > 0;
        exchange.record.end = forwarded ? exchange.job.end : END_COMPLETE;
        exchange.record.failure = exchange.job.failure.reason == FAILURE_NONE ? NULL : &exchange.job.failure;
    } else {
        refuse(&exchange);
    }
    end(&exchange);
}
