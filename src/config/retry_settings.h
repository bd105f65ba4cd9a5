/* What a name stands for, how often its targets are tried, and when one is left alone: settings. */
#ifndef PENSTOCK_CONFIG_RETRY_SETTINGS_H
#define PENSTOCK_CONFIG_RETRY_SETTINGS_H

#include <stdint.h>

#include "base/base.h"

/* A name that stands for models of providers. */
struct alias_settings {
    char *name;
    struct string_list targets; /* "PROVIDER:MODEL", the first one first; at least one */
    struct string_list larger;  /* those of them that take more than the others */
    int64_t hold_bytes;         /* of a stream's beginning, kept back; -1: all of it, 0: no bound */
    int64_t hold_ms;            /* and for how long; 0: no bound. None of both: up to the first content */
};

struct retry_settings {
    int64_t max_attempts, same_target; /* in all; at one target after the first */
    int64_t budget_ms;                 /* from the first failure; 0: no limit */
    int64_t max_wait_ms;               /* before one try */
};

struct breaker_settings {
    int64_t failures; /* one after the other; 0: it never opens */
    int64_t open_for_ms;
};

#endif
