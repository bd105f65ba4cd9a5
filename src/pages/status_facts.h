/* What /status and /metrics tell: how this host is, and what its clients have asked for. */
#ifndef PENSTOCK_PAGES_STATUS_FACTS_H
#define PENSTOCK_PAGES_STATUS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool_facts.h"
#include "config/limits.h"
#include "ledger/series_table.h"

struct arena;
struct client_settings;
struct services;

#define STATUS_HOURS 24

struct status_client {
    const struct client_settings *client;
    struct client_account account;
};

/* A provider that is left alone for a while, wholly or some models of it. */
struct status_provider {
    const char *name;
    int64_t failures; /* one after the other */
    int64_t open_ms;  /* how long it will not be asked; 0: it is */
    int64_t cool_ms;  /* how long some of its models will not be */
};

struct status_facts {
    int64_t now_us;
    const char *mode; /* "cgi", "worker" or "pool" */
    bool has_pool;
    struct pool_facts pool;
    const char *ledger_fault, *log_fault; /* NULL: all is well */
    int64_t waiting, lost;                /* records; -1: not known */
    struct series_table totals;           /* since the ledger began, for /metrics */
    struct series_table day;              /* the last STATUS_HOURS, the one that runs among them */
    struct series hours[STATUS_HOURS];    /* the same, each by itself, the one that runs last */
    struct status_client *clients;        /* those whose accounts are known */
    size_t client_count;
    struct status_provider *providers; /* all of the settings' */
    size_t provider_count;
};

enum status_span { STATUS_TOTALS, STATUS_DAY };

/* Collects them; of the two tables only that of `span`. Freed with status_facts_free(); the arena must live
 * as long. */
void status_facts_read(struct status_facts *facts, const struct services *services, struct arena *arena,
                       enum status_span span);
void status_facts_free(struct status_facts *facts);

#endif
