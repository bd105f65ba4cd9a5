/* The checks of the ledger, by what they are about. */
#ifndef LEDGER_CHECKS_H
#define LEDGER_CHECKS_H

#include <stdbool.h>

#include "tests/pool/checks.h"

extern bool ledger_whole; /* as large as issue 5 asks for; else a tenth or so */

/* Each list ends with a NULL name. */
extern const struct check burst_checks[], broken_checks[], signal_checks[];

#endif
