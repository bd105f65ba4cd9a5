/* How an exchange ended, in the words of the usage log. */
#ifndef PENSTOCK_USAGE_EXCHANGE_END_H
#define PENSTOCK_USAGE_EXCHANGE_END_H

#include <stdbool.h>

struct failure;

enum exchange_end {
    END_COMPLETE,
    END_CLIENT_GONE,
    END_UPSTREAM_CUT,
    END_TIMEOUT,
    END_REFUSED, /* by the gateway itself */
    END_ERROR,
    END_CRASHED /* the process that served it died */
};

/* The end of an exchange that failed this way. It is not refused if a provider was asked (`attempted`). */
enum exchange_end exchange_end_of_failure(const struct failure *failure, bool attempted);

/* The word in the usage log, as "client_gone". */
const char *exchange_end_name(enum exchange_end end);

#endif
