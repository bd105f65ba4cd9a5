/* What a line of the usage log came to, as the ledger counts it. */
#ifndef PENSTOCK_LEDGER_USAGE_OUTCOME_H
#define PENSTOCK_LEDGER_USAGE_OUTCOME_H

#include <stdbool.h>

#include "ledger/ledger_outcome.h"

struct usage_log_entry;

/* The names are the entry's own. */
struct ledger_outcome usage_outcome(const struct usage_log_entry *entry);

/* Did it have the errors of its run forgotten? */
bool usage_outcome_forgives(const struct usage_log_entry *entry);

#endif
