/* What a line of the usage log came to, as the ledger counts it. */
#ifndef LOG_OUTCOME_H
#define LOG_OUTCOME_H

#include <stdbool.h>

#include "ledger/ledger_outcome.h"

struct log_entry;

/* The names are the entry's own. */
struct ledger_outcome log_outcome(const struct log_entry *entry);

/* Did it have the errors of its run forgotten? */
bool log_outcome_forgives(const struct log_entry *entry);

#endif
