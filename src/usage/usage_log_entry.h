/* One line of the usage log, read back. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_ENTRY_H
#define PENSTOCK_USAGE_USAGE_LOG_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/json.h"
#include "usage/exchange_facts.h"

struct arena;

/* What a line says of its request; a text that is null or
 * missing is NULL, a number -1. Lines of 0.1.0 have no id. */
struct usage_log_entry {
    struct exchange_facts facts; /* without the source of the usage */
    const char *ts;              /* facts.wall_us as it is written, in UTC */
    const char *reason, *source, *end;
    int64_t status, provider_status, ttfb_us;
};

enum usage_log_line {
    LOG_LINE_TORN,      /* no whole record */
    LOG_LINE_ENTRY,     /* one request */
    LOG_LINE_CHECKPOINT /* how the accounts stood when the log was begun anew */
};

/* Reads `line`, which has no line feed, and changes it: the entry's texts lie in it, or in the arena. A
 * balance is the value of the line's first member. */
enum usage_log_line usage_log_entry_read(char *line, size_t length, struct arena *arena,
                                         struct usage_log_entry *entry, struct json_value *balance);

/* Reads a time as the log has it, with its fraction: in microseconds since 1970, -1 if it is none. */
int64_t usage_log_time(const char *text);

#endif
