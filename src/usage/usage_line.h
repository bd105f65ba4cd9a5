/* One line of the usage log: what is known of a request, in the contract's order and names. */
#ifndef PENSTOCK_USAGE_USAGE_LINE_H
#define PENSTOCK_USAGE_USAGE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"
#include "usage/exchange_end.h"
#include "usage/exchange_facts.h"

struct buffer;

#define USAGE_LINE_MAX (256 * 1024)

/* One try at a provider. */
struct attempt {
    const char *provider, *model;
    int status;                 /* 0: no answer */
    enum failure_reason reason; /* FAILURE_NONE: it went well */
    int64_t duration_us;
};

/* What is known of one request; NULL, 0 or -1 where nothing is. */
struct record {
    struct exchange_facts facts;
    int status;
    const struct failure *failure; /* NULL: none */
    int provider_status;
    enum exchange_end end;
    struct attempt attempts[ATTEMPTS_MAX];
    size_t attempt_count;
    int64_t bytes_in, bytes_out, connect_us, ttfb_us;
    int64_t pid; /* of the process that served it */
};

/* Puts what a line begins with, its id, which is this record's alone; false when it did not fit. */
bool usage_line_begin(struct buffer *line, const char *id) MUST_CHECK;

/* Puts the line with its line feed; false when it did not fit. */
bool usage_line_put(struct buffer *line, const struct record *record) MUST_CHECK;

#endif
