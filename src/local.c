/* The answers that we give ourselves: the models, runs and our health. */
#include "local.h"

#include "buffer.h"
#include "failure.h"
#include "gateway.h"
#include "health.h"
#include "models.h"
#include "route.h"
#include "run_models.h"
#include "run_usage.h"
#include "settings.h"

static bool list_run_models(const struct local_question *asked, struct buffer *body, struct failure *why)
{
    bool embedding = asked->route->kind == ROUTE_RUN_EMBEDDING_MODELS;
    return run_models_list(asked->gateway, asked->client, asked->arena,
                           embedding ? RUN_MODELS_EMBEDDING : RUN_MODELS_CHAT, body) ||
           fail(why, FAILURE_UNAVAILABLE, "the list of models is too long to be sent");
}

static bool answer_about_run(const struct local_question *asked, struct buffer *body, struct failure *why)
{
    const struct gateway *gateway = asked->gateway;
    if (!run_usage_asked(asked->arena, asked->query, asked->run, why))
        return false;
    return asked->route->kind == ROUTE_RUN_RESET
               ? run_usage_forgive(gateway->ledger, *asked->run, body, why)
               : run_usage_put(gateway->ledger, &gateway->settings->runs, *asked->run, body, why);
}

bool local_answer(const struct local_question *asked, struct buffer *body, struct local_answer *answer,
                  struct failure *why)
{
    struct models models = {.gateway = asked->gateway, .arena = asked->arena, .client = asked->client};
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
        answer->status = health_put(asked->gateway, body) ? 200 : 503;
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
