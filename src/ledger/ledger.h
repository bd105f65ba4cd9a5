/* The ledger: what is open, what each client and run has used, and what all processes know in common.
 *
 * It is a cache of the usage log that no process holds in its own memory. The embedded store keeps it in
 * state_dir/ledger.mdb; with a Redis the accounts are there, for a whole fleet. A process has at most one
 * exchange open at a time. */
#ifndef PENSTOCK_LEDGER_LEDGER_H
#define PENSTOCK_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/quota.h"
#include "usage/usage_log.h"

struct ledger;
struct ledger_outcome;
struct settings;

/* Opened in each process by itself, never before a fork. Never NULL: one that cannot be used says so with
 * each call, is tried again, and does no harm meanwhile. */
struct ledger *ledger_open(const struct settings *settings);
void ledger_close(struct ledger *ledger);

/* Nobody asks for now: what is left of the last exchange is taken out, for its line may be out of sight when
 * this process dies. */
void ledger_rest(struct ledger *ledger);

/* Why it cannot be used now, NULL: it can. */
const char *ledger_fault(const struct ledger *ledger);

/* What is known of a request when it comes: enough for its record if this process dies. Texts may be NULL. */
struct ledger_facts {
    int64_t wall_us;
    const char *request_id, *remote_addr, *endpoint;
    struct usage_log_position place; /* of its line, or before it */
};
void ledger_begin(struct ledger *ledger, const struct ledger_facts *facts);

/* What a request may use, before it is sent. Money is in billionths of a USD. */
struct ledger_ask {
    const char *client, *run, *requested_model, *provider, *model; /* client, run: NULL none */
    struct client_limits client_limits;
    struct run_limits run_limits;
    bool stream;
    int64_t prompt_tokens;   /* counted by tokens_per_minute until the true number is known */
    int64_t prompt_cost;     /* 0: no price is known */
    int64_t completion_cost; /* of one token */
    int64_t completion_max; /* tokens; -1: the request sets no bound */
};

/* May it go on? Counts it and sets its money aside if so. `standing` has the numbers either way. */
enum ledger_verdict ledger_reserve(struct ledger *ledger, const struct ledger_ask *ask,
                                   struct quota_status *quota_status);

/* Settles the open exchange and keeps its line until that is in the usage log: append it right after, and
 * tell whether that worked. */
void ledger_settle(struct ledger *ledger, const struct ledger_outcome *outcome, const char *line,
                   size_t length);
void ledger_logged(struct ledger *ledger, bool written);

/* Did lines wait for the usage log when this request came? */
bool ledger_lines_wait(const struct ledger *ledger);

#endif
