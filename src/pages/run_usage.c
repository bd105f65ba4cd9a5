/* GET /api/usage and POST /api/reset-inference-errors: the account of a run, for the run API.
 *
 * A run does not belong to a client, because the client that reads the account is often not the client that
 * spends. */
#include "pages/run_usage.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/money.h"
#include "base/url.h"
#include "format/json_write.h"
#include "ledger/ledger.h"
#include "ledger/ledger_query.h"
#include "ledger/quota.h"
#include "routing/run.h"

#define RUN_NAME "evaluation_run_id"

/* Returns the first value of `name` in the query, "" if there is none. */
static const char *value_of(struct arena *arena, const char *query, const char *name)
{
    size_t length = strlen(name);
    while (*query) {
        size_t size = strcspn(query, "&");
        if (size > length && strncmp(query, name, length) == 0 && query[length] == '=')
            return url_percent_decode(arena, query + length + 1, size - length - 1);
        query += size + (query[size] == '&');
    }
    return "";
}

bool run_usage_find_run(struct arena *arena, const char *query, const char **run, struct failure *why)
{
    if (run_from_header(value_of(arena, query, RUN_NAME), run, why) && *run)
        return true;
    fail(why, FAILURE_BAD_REQUEST, "the query must name the run as " RUN_NAME "=ID");
    if (why)
        why->status = 422;
    return false;
}

static void put_usd(struct json_writer *writer, const char *name, bool known, int64_t billionths)
{
    char text[MONEY_TEXT_SIZE];
    money_print(billionths, text);
    if (known)
        json_put_raw(writer, name, text, strlen(text));
    else
        json_put_null(writer, name);
}

/* The remaining cost is negative if the last request cost more than was left. */
bool run_usage_put(struct ledger *ledger, const struct run_limits *limits, const char *run,
                   struct buffer *body, struct failure *why)
{
    struct run_account account;
    if (!ledger_run(ledger, run, limits, &account))
        return fail(why, FAILURE_UNAVAILABLE, "the gateway cannot reach its quota store");
    struct json_writer writer = json_write_begin(body);
    put_usd(&writer, "used_cost_usd", true, account.spent);
    put_usd(&writer, "remaining_cost_usd", limits->max_cost, limits->max_cost - account.spent);
    put_usd(&writer, "max_cost_usd", limits->max_cost, limits->max_cost);
    json_put_count(&writer, "inference_errors", account.errors);
    json_put_count(&writer, "max_inference_errors", limits->max_errors ? limits->max_errors : -1);
    json_write_end(&writer);
    return true;
}

bool run_usage_reset_errors(struct ledger *ledger, const char *run, struct buffer *body, struct failure *why)
{
    if (!ledger_run_reset_errors(ledger, run))
        return fail(why, FAILURE_UNAVAILABLE, "the gateway cannot reach its quota store");
    struct json_writer writer = json_write_begin(body);
    json_put_string(&writer, "status", "ok");
    json_write_end(&writer);
    return true;
}
