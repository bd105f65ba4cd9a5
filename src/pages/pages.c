/* The responses that the gateway makes itself: models, runs, health, status, metrics and a page for visitors.
 */
#include "pages/pages.h"

#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "pages/health.h"
#include "pages/home_page.h"
#include "pages/html.h"
#include "pages/metrics.h"
#include "pages/models.h"
#include "pages/run_models.h"
#include "pages/run_usage.h"
#include "pages/status_facts.h"
#include "pages/status_json.h"
#include "pages/status_page.h"
#include "routing/route.h"

static bool put_run_models(const struct page_request *request, struct buffer *body, struct failure *why)
{
    bool embedding = request->route->kind == ROUTE_RUN_EMBEDDING_MODELS;
    return run_models_list(request->services, request->client, request->arena,
                           embedding ? RUN_MODELS_EMBEDDING : RUN_MODELS_CHAT, body) ||
           fail(why, FAILURE_UNAVAILABLE, "the list of models is too large");
}

static bool put_run(const struct page_request *request, struct buffer *body, struct failure *why)
{
    const struct services *services = request->services;
    if (!run_usage_find_run(request->arena, request->query, request->run, why))
        return false;
    return request->route->kind == ROUTE_RUN_RESET
               ? run_usage_reset_errors(services->ledger, *request->run, body, why)
               : run_usage_put(services->ledger, &services->settings->runs, *request->run, body, why);
}

/* The pages show the spending of all clients, so a client's key alone is not sufficient. */
static bool may_see_status(const struct page_request *request, struct failure *why)
{
    if (request->services->settings->status_access == STATUS_OPEN ||
        (request->client && request->client->status))
        return true;
    return fail(why, request->client ? FAILURE_FORBIDDEN : FAILURE_UNAUTHORIZED,
                "%s is for clients whose entry in penstock.conf has status = true", request->route->path);
}

static bool wants_json(const char *query)
{
    return strncmp(query, "json", 4) == 0 && (!query[4] || query[4] == '&' || query[4] == '=');
}

static bool put_status(const struct page_request *request, struct buffer *body,
                       struct page_response *response, struct failure *why)
{
    bool metrics = request->route->kind == ROUTE_METRICS, json = !metrics && wants_json(request->query);
    struct status_facts facts;
    if (!may_see_status(request, why))
        return false;
    status_facts_read(&facts, request->services, request->arena, metrics ? STATUS_TOTALS : STATUS_DAY);
    bool fits = metrics ? metrics_put(&facts, body)
                : json  ? status_json_put(&facts, body)
                        : status_page_put(&facts, request->arena, body);
    status_facts_free(&facts);
    response->type = metrics ? METRICS_TYPE : json ? response->type : HTML_TYPE;
    return fits || fail(why, FAILURE_UNAVAILABLE, "the response is too large");
}

bool page_respond(const struct page_request *request, struct buffer *body, struct page_response *response,
                  struct failure *why)
{
    struct models models = {.services = request->services,
                            .arena = request->arena,
                            .client = request->client,
                            .anthropic = request->anthropic};
    bool answered = true;
    *response = (struct page_response){.status = 200, .type = "application/json"};
    switch (request->route->kind) {
    case ROUTE_MODELS:
        models_list(&models, body);
        break;
    case ROUTE_MODEL:
        answered = models_one(&models, request->rest, body, why);
        break;
    case ROUTE_HEALTH:
        response->status = health_put(request->services, body) ? 200 : 503;
        break;
    case ROUTE_HOME:
        response->type = HTML_TYPE;
        answered = home_page_put(request->request, body) ||
                   fail(why, FAILURE_UNAVAILABLE, "the page is too large");
        break;
    case ROUTE_STATUS:
    case ROUTE_METRICS:
        answered = put_status(request, body, response, why);
        break;
    case ROUTE_RUN_CHAT_MODELS:
    case ROUTE_RUN_EMBEDDING_MODELS:
        answered = put_run_models(request, body, why);
        break;
    case ROUTE_RUN_USAGE:
    case ROUTE_RUN_RESET:
        answered = put_run(request, body, why);
        break;
    default:
        answered = fail(why, FAILURE_NOT_FOUND, "%s is not a page of the gateway", request->route->path);
    }
    response->stale = models.stale;
    return answered;
}
