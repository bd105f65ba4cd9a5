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

struct backlog_item;
struct ledger_redis;
struct settings;

/* One record of the table: when the ledger was made, its counters, and the times of its periodic work. */
struct ledger_meta {
    int64_t since_ms;       /* since 1970: when the ledger was made, from the usage log or from nothing */
    uint64_t boot;          /* boot of the machine at that time, or when the ledger was last found sound */
    int64_t recovered_ms;   /* since 1970: when a process last looked for orphans */
    int64_t unlogged;       /* lines that are kept because the usage log could not take them */
    int64_t lost;           /* lines that could not be kept either, and went to standard error */
    int64_t crashed;        /* exchanges of processes that died */
    int64_t owed;           /* exchanges that Redis does not have in its accounts */
    uint64_t log_head;      /* usage_log_head() of the log that goes on from these accounts; 0: unknown */
    int64_t redis_retry_ms; /* since 1970: Redis did not answer, and is not asked before this time */
    uint64_t layout;        /* ledger_layout() of the program that made the accounts */
};

/* Where the entry of an open exchange lies in the table, under the key of its process. The entry of an
 * exchange that is over and logged stays there until the next exchange overwrites it, which saves a
 * transaction. */
struct ledger_slot {
    bool taken;    /* by an open exchange */
    bool leftover; /* not taken, but the table may hold an entry here */
};

#define LEDGER_ID_SIZE 72

struct ledger {
    const struct settings *settings;
    struct ledger_lmdb *lmdb;   /* NULL: the file cannot be opened now */
    struct ledger_redis *redis; /* holds the accounts; NULL: the file holds them */
    struct loop *loop;          /* in which calls of Redis wait; NULL: they block */
    struct process_identity own;
    uint64_t begun; /* number of exchanges so far */
    struct ledger_slot *slots;
    size_t slot_count;
    struct backlog_item *backlog; /* exchanges that the file does not have yet */
    size_t backlog_count;
    int64_t lost;                        /* lines that the backlog had no room for */
    int64_t tried_us;                    /* when opening was last tried; clock_monotonic_us() */
    int64_t looked_us;                   /* when orphans were last looked for before a refusal */
    int64_t checked_us;                  /* when the name of the file was last checked */
    char fault[FAILURE_MESSAGE_SIZE];    /* "": none */
    char process_id[LEDGER_ID_SIZE / 2]; /* this process's part of remote ids; "": not made yet */
    bool looking;                        /* the file is only read; if `lmdb` is NULL, there may be none yet */
    bool recovering;                     /* a task of this process runs recovery, which may wait for Redis */
    bool recovery_due;                   /* this process has to look for orphans */
    bool lines_wait;                     /* seen by the last ledger_begin() */
    bool rebuild_due;                    /* the file has to be rebuilt from the usage log */
    bool checkpoint_due;                 /* the usage log was begun anew, and does not say so */
};

struct ledger_exchange {
    struct ledger *ledger;
    struct ledger_entry entry;
    int64_t attachments, hidden_tokens, answers, completion_max; /* of the demand */
    int64_t plain_tokens;                                        /* of the demand */
    int64_t reckoned;                                            /* tokens reckoned for them */
    bool counted;      /* the request is counted in its client's account: a demand was early, and granted */
    bool stored;       /* the entry and its accounts in the file are up to date */
    bool redis_silent; /* Redis did not answer, or was not asked: settling there is left to recovery */
    size_t slot;
    char remote_id[LEDGER_ID_SIZE];
};

/* A transaction on the file: no other process reads or writes until it ends. Returns false if the ledger is
 * down; `fault` is the reason. */
bool ledger_txn_begin(struct ledger *ledger) MUST_CHECK;
bool ledger_txn_commit(struct ledger *ledger);
void ledger_txn_abort(struct ledger *ledger);

/* Load and store a record of a known size. Loads zeros if there is no record of that size. */
void ledger_load(struct ledger *ledger, const struct ledger_key *key, void *record, size_t size);
void ledger_store(struct ledger *ledger, const struct ledger_key *key, const void *record, size_t size);

struct ledger_meta ledger_load_meta(struct ledger *ledger);
void ledger_store_meta(struct ledger *ledger, const struct ledger_meta *meta);

/* Identifies the form in which this program stores accounts. */
uint64_t ledger_layout(void);

/* False: the accounts have to be rebuilt from the usage log first, because the file was just made, was last
 * written before the machine was started, or is of a version that stores accounts in another form. */
bool ledger_is_sound(const struct ledger *ledger, const struct ledger_meta *meta) MUST_CHECK;

void ledger_put_entry(struct ledger *ledger, const struct ledger_key *key, const struct ledger_entry *entry);
struct ledger_key ledger_slot_key(const struct ledger *ledger, size_t slot);
struct ledger_key ledger_named_key(enum ledger_kind kind, const char *name);

#endif
