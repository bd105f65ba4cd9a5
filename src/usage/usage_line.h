/* One line of the usage log: a request's record, in the contract's order and names. */
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

/* One attempt at a provider. */
struct attempt {
    const char *provider, *model;
    int status;                 /* 0: no answer */
    enum failure_reason reason; /* FAILURE_NONE: it went well */
    int64_t duration_us;
};

/* The record of one request; NULL, 0 or -1 stand for unknown values. */
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

/* Appends the beginning of a line: the record's own id. Returns false if it did not fit. */
bool usage_line_begin(struct buffer *line, const char *id) MUST_CHECK;

/* Appends the line with its line feed. Returns false if it did not fit. */
bool usage_line_put(struct buffer *line, const struct record *record) MUST_CHECK;

#endif
