/* An exchange as the ledger stores it: enough for any process to finish it when its own process is dead. */
#ifndef PENSTOCK_LEDGER_LEDGER_ENTRY_H
#define PENSTOCK_LEDGER_LEDGER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/process_identity.h"
#include "ledger/ledger.h"
#include "ledger/quota.h"
#include "usage/exchange_facts.h"
#include "usage/usage_log.h"

/* The state of an exchange. The order matters: from LEDGER_SETTLED on, the exchange is over. */
enum ledger_state {
    LEDGER_OPEN,     /* its request is known */
    LEDGER_RESERVED, /* its reservation is in the accounts, or may be in the accounts in Redis */
    LEDGER_SETTLED,  /* the accounts have its outcome; its line is on its way to the usage log */
    LEDGER_OWED      /* the same, but the accounts are in Redis, which may not have the outcome yet */
};

#define LEDGER_PLACE_SLACK_US 1000000 /* the times of files are coarse */

/* Stored as it is. */
struct entry_status {
    struct process_identity owner;
    uint64_t number;     /* counts the owner's exchanges; owner and number identify the exchange */
    uint32_t state;      /* enum ledger_state */
    int64_t reserved_ms; /* since 1970: when the reservation was made; 0: there is none */
    int64_t reserved;    /* the reservation's money, and its tokens */
    int64_t prompt_tokens, answer_tokens;
    struct run_limits run_limits;
    struct usage_log_position place; /* position of its line, or a position before it */
    int64_t placed_us;               /* since 1970: no line was written before; 0: when the exchange began */
    struct ledger_outcome outcome;   /* valid once the exchange is over */
    bool unbounded;                  /* the request set no bound to the length of its answer */
    bool by_address;                 /* its client is an address, whose account holds no reservations */
};

struct ledger_entry {
    struct exchange_facts facts;
    struct entry_status status;
    const char *remote_id; /* its name in Redis, unique in the fleet; NULL: the accounts are in this file */
    const char *line;      /* line of the usage log, with its line feed; NULL: none yet */
    size_t line_length;
};

bool ledger_entry_is_over(const struct ledger_entry *entry);

size_t ledger_entry_size(const struct ledger_entry *entry);
void ledger_entry_write(const struct ledger_entry *entry, void *bytes);

/* The texts of the entry point into `bytes`. Returns false if `bytes` is not an entry of this version. */
bool ledger_entry_read(struct ledger_entry *entry, const void *bytes, size_t length) MUST_CHECK;

#endif
