/* The facts of one exchange that its usage record, its entry in the ledger and the reader of the log share.
 */
#ifndef PENSTOCK_USAGE_EXCHANGE_FACTS_H
#define PENSTOCK_USAGE_EXCHANGE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "usage/token_usage.h"

/* Who asked what of whom, how long it took, and what it came to. A new member of the usage line takes three
 * places: this struct, the writer (usage_line.c) and the reader (usage_log_entry.c). A text takes a fourth,
 * the list in ledger_entry.c, if the record of a process that died is to have it. Members that only the
 * writer and the reader need, such as attempts, stand in their own structs. */
struct exchange_facts {
    int64_t wall_us;                                                   /* since 1970: when the request came */
    int64_t duration_us;                                               /* -1: unknown */
    const char *request_id, *client, *run_id, *remote_addr, *endpoint; /* NULL: unknown, or none */
    const char *requested_model, *provider, *model;
    bool stream;
    struct token_usage usage;
    int64_t cost; /* in billionths of a USD; COST_UNKNOWN */
};

/* The same exchange while it is open, or after its process has died: its results are unknown. */
struct exchange_facts exchange_facts_without_results(const struct exchange_facts *facts);

#endif
