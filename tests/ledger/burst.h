/* Many clients that ask at once, by any of the ways to run, and what became of them. */
#ifndef LEDGER_BURST_H
#define LEDGER_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/pool/service.h"

enum way { BY_POOL, BY_CGI, BY_WORKERS }; /* workers: of descriptor 0 */

#define ASKERS 32
#define BURST_LOG_REQUIRED "PENSTOCK_LOG_REQUIRED" /* in our environment: reaches CGI programs too */

struct burst {
    enum way way;
    const char *key, *run; /* NULL: none */
    const char *body;
    unsigned requests, askers; /* askers: at the same time; 0: ASKERS */
    bool shared_id;            /* all have one request id, and each its own run */
    bool may_break;            /* an answer that breaks off does not end the check */
};

/* Answers by kind; broken: none that is whole. A refusal of ours without Retry-After is `other`, and printed.
 */
struct tally {
    _Atomic unsigned served, limited, blocked, failed, unavailable, broken, other;
};

/* Starts provider and gateway with these settings; `way` CGI: the provider only. The provider's port. */
unsigned burst_stage_start(struct service *service, enum way way, const char *settings);
void burst_stage_stop(const struct service *service, enum way way);

/* Asks until all are answered; each request has an id of its own. Ends the check when an answer breaks off.
 */
void burst_play(const struct service *service, const struct burst *burst, struct tally *tally);

/* The highest number of requests that were at the provider at the same time. */
long burst_provider(unsigned port, const char *counter);

/* The log has so many lines, each id has one, and the ledger's sums are the log's. Returns
 * what was spent, in billionths of a USD. Call it when all has been stopped. */
int64_t burst_expect_truth(const struct service *service, size_t lines);

#endif
