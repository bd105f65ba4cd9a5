/* The keys of the ledger's table: a kind, then numbers and names in an order that can be walked. */
#ifndef PENSTOCK_LEDGER_LEDGER_KEY_H
#define PENSTOCK_LEDGER_LEDGER_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger_lmdb.h"

struct process_identity;

enum ledger_kind {
    KIND_ADDRESS = 'a', /* address: struct client_account; "": how many addresses there are, int64_t */
    KIND_META = 'b',    /* one: struct ledger_meta */
    KIND_CLIENT = 'c',  /* name: struct client_account */
    KIND_LONGEST = 'g', /* provider, model: tokens of the longest recent answer */
    KIND_LARGEST = 'h', /* provider, model: tokens of the largest picture or file named by URL or id */
    KIND_EXCESS = 'e',  /* provider, model: tokens by which an answer was longer than its request allowed */
    KIND_HIDDEN = 'q',  /* provider, model: tokens of the longest prompt to which the provider has added */
    KIND_NOTE = 'n',    /* name: bytes that processes share under this name */
    KIND_OPEN = 'o',    /* process, slot: an open exchange of the process */
    KIND_OWED = 'p',    /* name in Redis: an exchange that Redis may not have in its accounts yet */
    KIND_RUN = 'r',     /* id: struct run_account */
    KIND_SERIES = 's',  /* hour, client, provider, model: struct series */
    KIND_SWEEP = 't',   /* one: the key of the run at which the search for expired runs goes on */
    KIND_UNLOGGED = 'u' /* process, count: an exchange whose line is not in the usage log yet */
};

struct ledger_key ledger_key_kind(enum ledger_kind kind);
/* Names are cut at 128 bytes each; NULL counts as an empty name. */
void ledger_key_add_name(struct ledger_key *key, const char *name);
/* Keys sort in the order of these numbers. */
void ledger_key_add_number(struct ledger_key *key, uint64_t number);
void ledger_key_add_process(struct ledger_key *key, const struct process_identity *process);

/* Advances the key to the smallest key after it. */
void ledger_key_next(struct ledger_key *key);

#endif
