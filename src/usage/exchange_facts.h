/* The facts of one exchange that its usage record, its entry in the ledger and the reader of the log share.
 */
#ifndef PENSTOCK_USAGE_EXCHANGE_FACTS_H
#define PENSTOCK_USAGE_EXCHANGE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "usage/token_usage.h"

/* The client, the target, the duration, the usage and the cost. A new member of the usage record changes
 * three files: this struct, the writer (usage_line.c) and the reader (usage_log_entry.c). A text that the
 * record of a dead process must have also needs an entry in the list of ledger_entry.c. Members that only the
 * writer and the reader need, such as attempts, are in their own structs. */
struct exchange_facts {
    int64_t wall_us;     /* when the request arrived, since 1970 */
    int64_t duration_us; /* -1: unknown */
    const char *id;      /* of the record: ours, and unique */
    const char *request_id, *client, *run_id, *remote_addr, *endpoint; /* NULL: unknown, or none */
    const char *requested_model, *provider, *model;
    const char *trace_id, *span_id; /* W3C Trace Context, in hexadecimal digits; NULL: no trace */
    bool stream;
    struct token_usage usage;
    int64_t cost; /* in billionths of a USD; COST_UNKNOWN */
};

/* Returns the facts as they are while the exchange is open or after its process has died: the results are
 * unknown. */
struct exchange_facts exchange_facts_without_results(const struct exchange_facts *facts);

#endif
