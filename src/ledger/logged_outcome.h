/* The outcome of an exchange, read from its line in the usage log. */
#ifndef PENSTOCK_LEDGER_LOGGED_OUTCOME_H
#define PENSTOCK_LEDGER_LOGGED_OUTCOME_H

#include <stdbool.h>

#include "ledger/ledger.h"

struct usage_log_entry;

struct ledger_outcome logged_outcome(const struct usage_log_entry *entry);

/* True if the request reset the errors of its run. */
bool logged_run_reset(const struct usage_log_entry *entry);

#endif
