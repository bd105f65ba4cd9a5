/* The answers that we give ourselves: the models, runs, our health and what is known of all requests. */
#include "pages/pages.h"

#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "pages/health.h"
#include "pages/metrics.h"
#include "pages/models.h"
#include "pages/run_models.h"
#include "pages/run_usage.h"
#include "pages/status_facts.h"
#include "pages/status_json.h"
#include "pages/status_page.h"
#include "routing/route.h"

static bool list_run_models(const struct local_question *asked, struct buffer *body, struct failure *why)
{
    bool embedding = asked->route->kind == ROUTE_RUN_EMBEDDING_MODELS;
    return run_models_list(asked->services, asked->client, asked->arena,
                           embedding ? RUN_MODELS_EMBEDDING : RUN_MODELS_CHAT, body) ||
           fail(why, FAILURE_UNAVAILABLE, "the list of models is too long to be sent");
}

static bool answer_about_run(const struct local_question *asked, struct buffer *body, struct failure *why)
{
    const struct services *services = asked->services;
    if (!run_usage_asked(asked->arena, asked->query, asked->run, why))
        return false;
    return asked->route->kind == ROUTE_RUN_RESET
               ? run_usage_forgive(services->ledger, *asked->run, body, why)
               : run_usage_put(services->ledger, &services->settings->runs, *asked->run, body, why);
}

/* They tell of all clients, and of money: a client's key alone is not enough. */
static bool may_look(const struct local_question *asked, struct failure *why)
{
    if (asked->services->settings->status_access == STATUS_OPEN || (asked->client && asked->client->status))
        return true;
    return fail(why, asked->client ? FAILURE_FORBIDDEN : FAILURE_UNAUTHORIZED,
                "%s is for clients whose entry in penstock.conf has status = true", asked->route->path);
}

static bool wants_json(const char *query)
{
    return strncmp(query, "json", 4) == 0 && (!query[4] || query[4] == '&' || query[4] == '=');
}

static bool answer_status(const struct local_question *asked, struct buffer *body,
                          struct local_answer *answer, struct failure *why)
{
    bool metrics = asked->route->kind == ROUTE_METRICS, json = !metrics && wants_json(asked->query);
    struct status_facts facts;
    if (!may_look(asked, why))
        return false;
    status_facts_read(&facts, asked->services, asked->arena, metrics ? STATUS_TOTALS : STATUS_DAY);
    bool whole = metrics ? metrics_put(&facts, body)
                 : json  ? status_json_put(&facts, body)
                         : status_page_put(&facts, asked->arena, body);
    status_facts_free(&facts);
    answer->type = metrics ? METRICS_TYPE : json ? answer->type : STATUS_PAGE_TYPE;
    return whole || fail(why, FAILURE_UNAVAILABLE, "there is more to tell than can be sent");
}

bool local_answer(const struct local_question *asked, struct buffer *body, struct local_answer *answer,
                  struct failure *why)
{
    struct models models = {.services = asked->services, .arena = asked->arena, .client = asked->client};
    bool known = true;
    *answer = (struct local_answer){.status = 200, .type = "application/json"};
    switch (asked->route->kind) {
    case ROUTE_MODELS:
        models_list(&models, body);
        break;
    case ROUTE_MODEL:
        known = models_one(&models, asked->rest, body, why);
        break;
    case ROUTE_HEALTH:
        answer->status = health_put(asked->services, body) ? 200 : 503;
        break;
    case ROUTE_STATUS:
    case ROUTE_METRICS:
        known = answer_status(asked, body, answer, why);
        break;
    case ROUTE_RUN_CHAT_MODELS:
    case ROUTE_RUN_EMBEDDING_MODELS:
        known = list_run_models(asked, body, why);
        break;
    case ROUTE_RUN_USAGE:
    case ROUTE_RUN_RESET:
        known = answer_about_run(asked, body, why);
        break;
    default:
        known = fail(why, FAILURE_NOT_FOUND, "%s is not answered here", asked->route->path);
    }
    answer->stale = models.stale;
    return known;
}
