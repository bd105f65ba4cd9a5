/* The usage log: one JSON line a request, never two, never none. */
#ifndef USAGE_LOG_H
#define USAGE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "usage.h"

#define ATTEMPTS_MAX 8

/* One try at a provider. */
struct attempt {
    const char *provider, *model;
    int status;                 /* 0: no answer */
    enum failure_reason reason; /* FAILURE_NONE: it went well */
    int64_t duration_us;
};

/* What is known of one request; NULL, 0 or -1 where nothing is. */
struct record {
    int64_t wall_us, start_us;
    const char *request_id, *client, *run_id, *remote_addr, *endpoint, *requested_model, *provider, *model;
    bool stream;
    int status;
    const struct failure *failure; /* NULL: none */
    int provider_status;
    enum exchange_end end;
    struct attempt attempts[ATTEMPTS_MAX];
    size_t attempt_count;
    struct usage usage;
    int64_t cost; /* in billionths of a USD; COST_UNKNOWN */
    int64_t bytes_in, bytes_out, connect_us, ttfb_us;
};

struct usage_log;

/* The log at `path` ("": standard error); opened now if it can be, else with a record. Never NULL. */
struct usage_log *usage_log_open(const char *path);
void usage_log_close(struct usage_log *log);

/* Appends the record in one write(); to standard error when the file cannot be written. Opens the path anew
 * when it no longer names the open file. */
void usage_log_append(struct usage_log *log, const struct record *record);

#endif
