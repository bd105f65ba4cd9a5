/* The facts of one exchange that its usage record, its entry in the ledger and the reader of the log share.
 */
#include "usage/exchange_facts.h"

#include "usage/price.h"

struct exchange_facts exchange_facts_without_results(const struct exchange_facts *facts)
{
    struct exchange_facts open = *facts;
    open.duration_us = -1;
    open.usage = token_usage_unknown();
    open.cost = COST_UNKNOWN;
    return open;
}
