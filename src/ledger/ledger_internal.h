/* The ledger's own members, for the files that make it up. */
#ifndef PENSTOCK_LEDGER_LEDGER_INTERNAL_H
#define PENSTOCK_LEDGER_LEDGER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"
#include "base/process_identity.h"
#include "ledger/ledger_entry.h"
#include "ledger/ledger_key.h"
#include "ledger/ledger_lmdb.h"
#include "ledger/ledger_outcome.h"

struct ledger_debt;
struct ledger_redis;
struct settings;

/* One record of the table: since when it knows, and what is done now and then. */
struct ledger_meta {
    int64_t since_ms; /* 1970: when it was made, from the usage log or from nothing */
    uint64_t boot;    /* of the machine, at that time or when it was found sound after */
    int64_t swept_ms; /* when somebody looked for what dead processes have left */
    int64_t unlogged; /* lines kept because the usage log could not take them */
    int64_t lost;     /* lines that could not be kept either: they are on standard error */
    int64_t crashed;  /* exchanges of processes that died */
    int64_t owed;     /* exchanges that Redis has not got in its accounts */
    int64_t rest_ms;  /* Redis has not answered, and is left alone until then */
};

#define LEDGER_ID_SIZE 72

struct ledger {
    const struct settings *settings;
    struct ledger_lmdb *lmdb;   /* NULL: it cannot be opened now */
    struct ledger_redis *redis; /* has the accounts; NULL: the file has them */
    struct process_identity own;
    struct ledger_entry entry;     /* of the exchange that is open, or was last */
    bool is_open;                  /* it is in the table */
    bool is_settled;               /* the accounts have it */
    struct ledger_outcome outcome; /* of the exchange that is over */
    struct ledger_debt *debts;     /* what the ledger could not be told yet */
    size_t debt_count;
    int64_t lost;                        /* lines that there was no room for even there */
    int64_t tried_us;                    /* when opening was last tried; clock_monotonic_us() */
    int64_t looked_us;                   /* when it was last seen that the file is the one of its name */
    char fault[FAILURE_MESSAGE_SIZE];    /* "": none */
    char id[LEDGER_ID_SIZE];             /* of the exchange, in Redis */
    char process_id[LEDGER_ID_SIZE / 2]; /* the part of it that is this process's */
    bool answered;                       /* Redis has, for this exchange */
    bool sweep_due, lines_wait;
    bool unfounded; /* it has to be made from the usage log */
};

/* Between these two nobody else reads or writes. False: it is down, and `fault` says why. */
bool ledger_enter(struct ledger *ledger) MUST_CHECK;
bool ledger_leave(struct ledger *ledger);

/* A record of a known size; zeros where there is none, or one of another size. */
void ledger_load(struct ledger *ledger, const struct ledger_key *key, void *record, size_t size);
void ledger_store(struct ledger *ledger, const struct ledger_key *key, const void *record, size_t size);

void ledger_put_entry(struct ledger *ledger, const struct ledger_key *key, const struct ledger_entry *entry);
struct ledger_key ledger_own_key(const struct ledger *ledger);
struct ledger_key ledger_named_key(enum ledger_kind kind, const char *name);

#endif
