/* The facts that /status and /metrics show: the state of this host and the usage of its clients. */
#ifndef PENSTOCK_PAGES_STATUS_FACTS_H
#define PENSTOCK_PAGES_STATUS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool_facts.h"
#include "ledger/quota.h"
#include "ledger/series_table.h"

struct arena;
struct client_settings;
struct services;

#define STATUS_HOURS 24

struct status_client {
    const struct client_settings *client;
    struct client_account account;
    int64_t unpriced; /* requests without a known price: a sum of 0 in the account is not known to be 0 */
};

/* A provider with the breakers of itself and its models, and with the cool-downs of its models. */
struct status_provider {
    const char *name;
    int64_t failures; /* consecutive; the most of all */
    int64_t open_ms;  /* time that the last breaker stays open; 0: all are closed */
    int64_t cool_ms;  /* longest cool-down of its models; 0: none */
};

#define STATUS_BREAKERS 64

/* The breaker of a model that has failures; models beyond the room are one row with OTHER_MODELS as model. */
struct status_breaker {
    const char *provider, *model;
    int64_t failures; /* consecutive */
    bool open;
};
#define OTHER_MODELS "(others)"

struct status_facts {
    int64_t now_us;
    const char *mode; /* "cgi", "worker" or "pool" */
    bool has_pool;
    struct pool_facts pool;
    struct pool_worker *workers; /* of the pool */
    size_t worker_count;
    const char *ledger_fault, *log_fault; /* NULL: no fault */
    int64_t waiting, lost;                /* records; -1: unknown */
    struct series_table totals;           /* sums since the ledger began, for /metrics */
    struct series_table day;              /* the last STATUS_HOURS hours, with the current one */
    struct series hours[STATUS_HOURS];    /* the same hours one by one, the current one last */
    struct status_client *clients;        /* clients whose accounts could be read */
    size_t client_count;
    struct status_provider *providers; /* providers whose breakers could be read */
    size_t provider_count;
    struct status_breaker breakers[STATUS_BREAKERS];
    size_t breaker_count;
};

enum status_span { STATUS_TOTALS, STATUS_DAY };

/* Collects the facts. Of the tables `totals` and `day`, only the one that `span` selects is filled. The
 * caller frees the facts with status_facts_free(); the arena must outlive them. */
void status_facts_read(struct status_facts *facts, const struct services *services, struct arena *arena,
                       enum status_span span);
void status_facts_free(struct status_facts *facts);

/* Adds the breaker of a model. Names are copied to the arena. Open breakers have their rows before others. */
void status_facts_add_breaker(struct status_facts *facts, struct arena *arena,
                              const struct status_breaker *added);

#endif
