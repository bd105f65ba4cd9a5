/* What the ledger could not be told while it was down, and lines that wait for the usage log.
 *
 * A ledger that is down fails no request, so exchanges end that it does not know of. Their process remembers
 * them, and enters them with its next transaction that succeeds. Should the process die before, what the
 * ledger has of them is an open exchange: whoever sweeps finds its line in the log (sweep.c). */
#include "ledger/ledger_backlog.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_outcome.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"

#define DEBTS_MAX 256
#define UNLOGGED_MAX 10000

struct ledger_debt {
    struct ledger_debt *next;
    struct ledger_outcome outcome; /* its names are those of the entry */
    bool unsettled, unlogged;
    int64_t since_ms; /* 1970 */
    size_t size;
    char entry[];
};

void ledger_owe(struct ledger *ledger, const struct ledger_outcome *outcome, bool unlogged)
{
    struct ledger_entry entry = ledger->entry;
    if (ledger->debt_count == DEBTS_MAX) {
        ledger->lost += unlogged;
        return;
    }
    if (!unlogged)
        entry.line_length = 0;
    size_t size = ledger_entry_size(&entry);
    struct ledger_debt *debt = memory_alloc(1, sizeof *debt + size);
    debt->unsettled = outcome != NULL;
    debt->unlogged = unlogged;
    debt->since_ms = clock_wall_us() / 1000;
    if (outcome)
        debt->outcome = *outcome;
    debt->size = size;
    ledger_entry_write(&entry, debt->entry);
    debt->next = ledger->debts;
    ledger->debts = debt;
    ledger->debt_count++;
}

/* A ledger that was made anew since has read the line. */
static bool is_known(struct ledger *ledger, const struct ledger_debt *debt)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    ledger_load(ledger, &key, &basis, sizeof basis);
    return !debt->unlogged && basis.since_ms > debt->since_ms;
}

static void pay(struct ledger *ledger, const struct ledger_debt *debt)
{
    struct ledger_entry entry;
    struct ledger_outcome outcome = debt->outcome;
    if (!ledger_entry_read(&entry, debt->entry, debt->size))
        return;
    outcome.client = entry.texts[ENTRY_CLIENT];
    outcome.run = entry.texts[ENTRY_RUN];
    outcome.provider = entry.texts[ENTRY_PROVIDER];
    outcome.model = entry.texts[ENTRY_MODEL];
    int64_t ended_ms = entry.facts.wall_us / 1000 + outcome.duration_us / 1000;
    if (debt->unsettled && !is_known(ledger, debt)) {
        ledger_settle_accounts(ledger, &entry, ended_ms);
        ledger_series_add(ledger, &outcome, ended_ms);
    }
    if (debt->unlogged)
        ledger_keep_line(ledger, &entry);
    else if (entry.facts.state == ENTRY_OWED)
        ledger_remote_keep(ledger, &entry);
}

static void count_lost(struct ledger *ledger)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    ledger_load(ledger, &key, &basis, sizeof basis);
    basis.lost += ledger->lost;
    ledger_store(ledger, &key, &basis, sizeof basis);
}

void ledger_pay(struct ledger *ledger)
{
    for (const struct ledger_debt *debt = ledger->debts; debt; debt = debt->next)
        pay(ledger, debt);
    if (ledger->lost)
        count_lost(ledger);
}

void ledger_forget_debts(struct ledger *ledger)
{
    while (ledger->debts) {
        struct ledger_debt *debt = ledger->debts;
        ledger->debts = debt->next;
        free(debt);
    }
    ledger->debt_count = 0;
    ledger->lost = 0;
}

/* The process and its count are a name for an exchange of its own; of one that it has taken over, the count
 * is another's. */
static struct ledger_key line_key(const struct ledger_entry *entry)
{
    struct ledger_key key = ledger_key_kind(KIND_UNLOGGED);
    ledger_key_add_process(&key, &entry->facts.owner);
    ledger_key_add_number(&key, entry->facts.count);
    ledger_key_add_number(&key, (uint64_t)entry->facts.wall_us);
    return key;
}

/* The log had no room for it: wherever it was to go, it is not there. */
void ledger_keep_line(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct ledger_key basis_key = ledger_key_kind(KIND_META), key = line_key(entry);
    struct ledger_meta basis;
    struct ledger_entry kept = *entry;
    kept.facts.place = (struct usage_log_position){0};
    ledger_load(ledger, &basis_key, &basis, sizeof basis);
    if (basis.unlogged < UNLOGGED_MAX) {
        basis.unlogged++;
        ledger_put_entry(ledger, &key, &kept);
    } else {
        basis.lost++;
    }
    ledger_store(ledger, &basis_key, &basis, sizeof basis);
}
