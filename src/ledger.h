/* The ledger: what is open, what each client and run has used, and what all processes know in common.
 *
 * It is a cache of the usage log that no process holds in its own memory. The embedded store keeps it in
 * state_dir/ledger.mdb; with a Redis the accounts are there, for a whole fleet. A process has at most one
 * exchange open at a time. */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allowance.h"
#include "failure.h"

struct ledger;
struct settings;

/* Opened in each process by itself, never before a fork. Never NULL: one that cannot be used says so with
 * each call, is tried again, and does no harm meanwhile. */
struct ledger *ledger_open(const struct settings *settings);
void ledger_close(struct ledger *ledger);

/* Why it cannot be used now, NULL: it can. */
const char *ledger_fault(const struct ledger *ledger);

/* What is known of a request when it comes: enough for its record if this process dies. Texts may be NULL. */
struct ledger_facts {
    int64_t wall_us;
    const char *request_id, *remote_addr, *endpoint;
};
void ledger_begin(struct ledger *ledger, const struct ledger_facts *facts);

/* What a request may use at most, before it is sent. */
struct ledger_ask {
    const char *client, *run; /* NULL: none; limits hold for those that are named */
    struct client_limits client_limits;
    struct run_limits run_limits;
    const char *requested_model, *provider, *model;
    bool stream;
    int64_t prompt_tokens;       /* counted by tokens_per_minute until the true number is known */
    int64_t prompt_cost;         /* in billionths of a USD, as all money here; 0: no price is known */
    int64_t completion_cost;     /* of one token */
    int64_t completion_most;     /* tokens; -1: the request sets no bound */
};

/* May it go on? Counts and reserves if so. `standing` has the numbers either way. */
enum ledger_verdict ledger_reserve(struct ledger *ledger, const struct ledger_ask *ask,
                                   struct standing *standing);

/* What it has used in the end. */
struct ledger_outcome {
    const char *client, *run, *provider, *model; /* NULL: none */
    enum failure_reason reason;                  /* FAILURE_NONE: it went well */
    bool run_error;                              /* counts against the run's max_inference_errors */
    int64_t prompt_tokens, completion_tokens;    /* -1: unknown */
    int64_t cost;                                /* COST_UNKNOWN: counts as nothing */
    int64_t duration_us;
};

/* Settles the open exchange and keeps its `line` until ledger_logged(); append it to the usage log between.
 */
void ledger_settle(struct ledger *ledger, const struct ledger_outcome *outcome, const char *line,
                   size_t length);
void ledger_logged(struct ledger *ledger);

#endif
