/* The answers that we give ourselves: the models and our health. */
#include "local.h"

#include "buffer.h"
#include "failure.h"
#include "gateway.h"
#include "json_write.h"
#include "models.h"
#include "route.h"

/* Facts of this host only: a provider that is down does not make us ill. */
static void put_health(const struct gateway *gateway, struct buffer *body)
{
    struct json_writer writer = json_write_begin(body);
    json_put_string(&writer, "status", "ok");
    json_put_string(&writer, "version", PACKAGE_VERSION);
    json_put_string(&writer, "way", gateway->way);
    if (gateway->facts) {
        struct pool_facts facts = gateway->facts(gateway->facts_context);
        json_put_count(&writer, "workers", facts.workers);
        json_put_count(&writer, "idle", facts.idle);
        json_put_count(&writer, "busy", facts.busy);
        json_put_count(&writer, "max_workers", facts.max_workers);
        json_put_count(&writer, "generation", facts.generation);
    }
    json_write_end(&writer);
}

bool local_answer(const struct gateway *gateway, struct arena *arena, const struct route *route,
                  const char *rest, struct buffer *body, struct failure *why)
{
    switch (route->kind) {
    case ROUTE_MODELS:
        models_list(gateway, arena, body);
        return true;
    case ROUTE_MODEL:
        return models_one(gateway, arena, rest, body, why);
    case ROUTE_HEALTH:
        put_health(gateway, body);
        return true;
    case ROUTE_CHAT:
        break;
    }
    return fail(why, FAILURE_NOT_FOUND, "%s is not answered here", route->path);
}
