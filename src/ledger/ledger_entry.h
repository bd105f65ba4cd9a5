/* An open exchange as the ledger holds it: enough to finish it when its process is dead. */
#ifndef PENSTOCK_LEDGER_LEDGER_ENTRY_H
#define PENSTOCK_LEDGER_LEDGER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/process_identity.h"
#include "ledger/quota.h"
#include "usage/usage_log.h"

enum entry_state {
    ENTRY_OPEN,    /* a request has come */
    ENTRY_CLAIMED, /* its claim may stand in the accounts */
    ENTRY_SETTLED, /* the accounts have it; its line is on its way to the usage log */
    ENTRY_OWED     /* the same, but the accounts are in Redis, which may not have it yet */
};

enum entry_text {
    ENTRY_REQUEST_ID,
    ENTRY_REMOTE_ADDR,
    ENTRY_ENDPOINT,
    ENTRY_CLIENT,
    ENTRY_RUN,
    ENTRY_REQUESTED_MODEL,
    ENTRY_PROVIDER,
    ENTRY_MODEL,
    ENTRY_ID, /* its name in Redis, which no other exchange of a fleet has; NULL: the accounts are here */
    ENTRY_TEXTS
};

/* What is stored as it stands. */
struct entry_facts {
    struct process_identity owner;
    uint64_t count; /* of the process's exchanges: with the owner, a name for this one */
    int64_t wall_us, claimed_ms, prompt_tokens, reserved, tokens, cost;
    struct run_limits run_limits;
    struct usage_log_position place;
    uint32_t state;                           /* enum entry_state */
    bool claimed, stream, run_error, guessed; /* guessed: nobody knew how long the answer would be */
};

struct ledger_entry {
    struct entry_facts facts;
    const char *texts[ENTRY_TEXTS]; /* NULL: unknown */
    const char *line;               /* of the usage log; NULL: none yet */
    size_t line_length;
};

size_t ledger_entry_size(const struct ledger_entry *entry);
void ledger_entry_write(const struct ledger_entry *entry, void *bytes);

/* The texts then lie within `bytes`; false when these are no entry. */
bool ledger_entry_read(struct ledger_entry *entry, const void *bytes, size_t length) MUST_CHECK;

#endif
