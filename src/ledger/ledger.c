/* The ledger: what is open, what each client and run has used, and what all processes know in common.
 *
 * An exchange leaves three marks: it is open, it has claimed, it is settled with its line. Each is one
 * transaction, so whenever this process dies there is one truth about it, and whoever finds it finishes it
 * (sweep.c). The entry of a settled exchange stays until the next one of this process takes its place, or the
 * process rests: that saves a transaction, and whoever wants to know whether its line was written can look.
 */
#include "ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "config/settings.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_backlog.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_outcome.h"
#include "ledger/ledger_redis.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"
#include "ledger/quota.h"

#define SWEEP_EVERY_MS 2000
#define LONG_ANSWER 32768 /* tokens: what is set aside for an answer of which nothing at all is known */
#define LONGEST_ANSWER                                                                                       \
    100000000 /* whatever a provider says: times the highest price it is a number still                      \
               */

static int64_t now_in_ms(void)
{
    return clock_wall_us() / 1000;
}

struct ledger *ledger_open(const struct settings *settings)
{
    struct ledger *ledger = memory_alloc(1, sizeof *ledger);
    ledger->settings = settings;
    ledger->own = process_identity_self();
    ledger_remote_open(ledger);
    if (ledger_enter(ledger))
        ledger_lmdb_abort(ledger->lmdb);
    return ledger;
}

/* Every transaction pays what is owed first. */
static bool enter(struct ledger *ledger)
{
    if (!ledger_enter(ledger))
        return false;
    ledger_pay(ledger);
    return true;
}

static bool leave(struct ledger *ledger)
{
    if (!ledger_leave(ledger))
        return false;
    ledger_forget_debts(ledger);
    return true;
}

/* An entry that is not settled stays for whoever sweeps: this process ends in its middle. */
void ledger_rest(struct ledger *ledger)
{
    struct ledger_key key = ledger_own_key(ledger);
    bool over = ledger->is_open && ledger->entry.facts.state == ENTRY_SETTLED;
    if ((!over && !ledger->debts) || !enter(ledger))
        return;
    if (over)
        ledger_lmdb_remove(ledger->lmdb, &key);
    if (leave(ledger) && over)
        ledger->is_open = false;
}

void ledger_close(struct ledger *ledger)
{
    ledger_rest(ledger);
    ledger_forget_debts(ledger);
    if (ledger->lmdb)
        ledger_lmdb_close(ledger->lmdb);
    ledger_remote_close(ledger);
    free(ledger);
}

const char *ledger_fault(const struct ledger *ledger)
{
    if (*ledger->fault)
        return ledger->fault;
    return ledger->redis ? ledger_redis_fault(ledger->redis) : NULL;
}

/* ---- a request comes ---- */

/* Somebody has to look for the dead now and then: who finds that it is time says so, and does it later. And a
 * ledger that was just made, or before the machine was started, is not to be relied on yet. */
static void look_at_basis(struct ledger *ledger, int64_t now_ms)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    ledger_load(ledger, &key, &basis, sizeof basis);
    ledger->lines_wait = basis.unlogged > 0;
    ledger->unfounded = !basis.since_ms || basis.boot != ledger->own.boot;
    if (now_ms >= basis.swept_ms && now_ms - basis.swept_ms < SWEEP_EVERY_MS)
        return;
    basis.swept_ms = now_ms;
    ledger_store(ledger, &key, &basis, sizeof basis);
    ledger->sweep_due = true;
}

void ledger_begin(struct ledger *ledger, const struct ledger_facts *facts)
{
    struct ledger_entry *entry = &ledger->entry;
    struct ledger_key key = ledger_own_key(ledger);
    uint64_t count = entry->facts.count + 1;
    *entry = (struct ledger_entry){
        .facts = {.owner = ledger->own,
                  .count = count,
                  .wall_us = facts->wall_us,
                  .tokens = -1,
                  .cost = -1,
                  .place = facts->place},
        .texts = {[ENTRY_REQUEST_ID] = facts->request_id,
                  [ENTRY_REMOTE_ADDR] = facts->remote_addr,
                  [ENTRY_ENDPOINT] = facts->endpoint},
    };
    ledger->is_open = true;
    ledger->is_settled = false;
    ledger_remote_name(ledger);
    if (!enter(ledger))
        return;
    look_at_basis(ledger, facts->wall_us / 1000);
    ledger_put_entry(ledger, &key, entry);
    leave(ledger);
}

bool ledger_lines_wait(const struct ledger *ledger)
{
    return ledger->lines_wait;
}

/* ---- it claims ---- */

static struct ledger_key guess_key(const struct ledger_entry *entry)
{
    struct ledger_key key = ledger_key_kind(KIND_GUESS);
    ledger_key_add_name(&key, entry->texts[ENTRY_PROVIDER]);
    ledger_key_add_name(&key, entry->texts[ENTRY_MODEL]);
    return key;
}

/* Without a bound of its own an answer is taken to be as long as the longest of late from that model, and a
 * quarter more. */
static int64_t guess_tokens(struct ledger *ledger)
{
    struct ledger_key key = guess_key(&ledger->entry);
    int64_t longest;
    ledger_load(ledger, &key, &longest, sizeof longest);
    return longest + (longest + 3) / 4;
}

/* The mark goes up at once and comes down slowly. */
static void learn_tokens(struct ledger *ledger, int64_t tokens)
{
    struct ledger_key key = guess_key(&ledger->entry);
    int64_t longest;
    ledger_load(ledger, &key, &longest, sizeof longest);
    int64_t faded = longest - longest / 32;
    int64_t mark = tokens > faded ? tokens : faded;
    if (mark > LONGEST_ANSWER)
        mark = LONGEST_ANSWER;
    if (mark != longest)
        ledger_store(ledger, &key, &mark, sizeof mark);
}

static struct reservation make_claim(struct ledger *ledger, const struct ledger_ask *ask)
{
    int64_t tokens = ask->completion_max;
    bool guessed = tokens < 0;
    if (guessed)
        tokens = guess_tokens(ledger);
    bool unknown = guessed && tokens == 0;
    if (unknown)
        tokens = LONG_ANSWER;
    int64_t cost = ask->prompt_cost + tokens * ask->completion_cost;
    return (struct reservation){
        .client = ask->client,
        .run = ask->run,
        .client_limits = ask->client_limits,
        .run_limits = ask->run_limits,
        .prompt_tokens = ask->prompt_tokens,
        .cost = cost,
        .cost_least = unknown ? ask->prompt_cost : cost,
    };
}

/* Both accounts are read, judged and written while everybody else waits. */
static void enter_accounts(struct ledger *ledger, const struct reservation *reservation, int64_t now_ms,
                           struct quota_status *quota_status, int64_t *reserved)
{
    struct ledger_accounts accounts;
    ledger_accounts_fetch(ledger, reservation->client, reservation->run, &accounts);
    quota_reserve(accounts.client, accounts.run, reservation, now_ms, quota_status, reserved);
    if (quota_status->verdict == LEDGER_GRANTED)
        ledger_accounts_put(ledger, &accounts);
}

static void describe(struct ledger_entry *entry, const struct ledger_ask *ask, int64_t now_ms)
{
    entry->texts[ENTRY_CLIENT] = ask->client;
    entry->texts[ENTRY_RUN] = ask->run;
    entry->texts[ENTRY_REQUESTED_MODEL] = ask->requested_model;
    entry->texts[ENTRY_PROVIDER] = ask->provider;
    entry->texts[ENTRY_MODEL] = ask->model;
    entry->facts.stream = ask->stream;
    entry->facts.claimed_ms = now_ms;
    entry->facts.prompt_tokens = ask->prompt_tokens;
    entry->facts.run_limits = ask->run_limits;
    entry->facts.guessed = ask->completion_max < 0;
}

static bool has_limits(const struct ledger_ask *ask)
{
    return (ask->client && quota_has_limits(&ask->client_limits)) ||
           (ask->run && (ask->run_limits.max_cost || ask->run_limits.max_errors));
}

/* Nobody knows: without a limit that is no reason to refuse. */
static enum ledger_verdict judge_unseen(const struct ledger *ledger, const struct ledger_ask *ask,
                                        struct quota_status *quota_status)
{
    bool allowed = ledger->settings->ledger_down == LEDGER_DOWN_ALLOW || !has_limits(ask);
    *quota_status = (struct quota_status){.verdict = allowed ? LEDGER_GRANTED : LEDGER_DOWN,
                                          .retry_after_ms = 1000,
                                          .requests_left = -1,
                                          .tokens_left = -1};
    return quota_status->verdict;
}

/* Within a transaction. */
static void mark_claimed(struct ledger *ledger, bool claimed, int64_t reserved)
{
    struct ledger_entry *entry = &ledger->entry;
    struct ledger_key key = ledger_own_key(ledger);
    entry->facts.claimed = claimed;
    entry->facts.reserved = reserved;
    entry->facts.state = claimed ? ENTRY_CLAIMED : ENTRY_OPEN;
    ledger_put_entry(ledger, &key, entry);
}

static enum ledger_verdict reserve_here(struct ledger *ledger, const struct ledger_ask *ask, int64_t now_ms,
                                        struct quota_status *quota_status)
{
    int64_t reserved = 0;
    if (!enter(ledger))
        return judge_unseen(ledger, ask, quota_status);
    struct reservation reservation = make_claim(ledger, ask);
    enter_accounts(ledger, &reservation, now_ms, quota_status, &reserved);
    mark_claimed(ledger, quota_status->verdict == LEDGER_GRANTED && (ask->client || ask->run), reserved);
    if (leave(ledger))
        return quota_status->verdict;
    ledger->entry.facts.claimed = false;
    return judge_unseen(ledger, ask, quota_status);
}

/* The first mark: until the second one nothing can have been billed, and Redis may or may not have the claim.
 * Whoever finds this one only gives it back. */
static bool begin_claim(struct ledger *ledger, const struct ledger_ask *ask, int64_t now_ms,
                        struct reservation *reservation)
{
    if (!enter(ledger))
        return false;
    if (ledger_remote_rests(ledger, now_ms)) {
        ledger_lmdb_abort(ledger->lmdb);
        return false;
    }
    *reservation = make_claim(ledger, ask);
    mark_claimed(ledger, true, 0);
    return leave(ledger);
}

/* What Redis did not answer it may have granted all the same: it is settled as if it had. */
static void end_claim(struct ledger *ledger, int64_t since_ms, bool refused, int64_t reserved)
{
    ledger->entry.facts.claimed = !refused;
    ledger->entry.facts.reserved = reserved;
    if (!enter(ledger))
        return;
    mark_claimed(ledger, !refused, reserved);
    if (!ledger->answered)
        ledger_remote_note_gone(ledger, since_ms);
    leave(ledger);
}

/* Nobody of this host is kept waiting while Redis is asked. */
static enum ledger_verdict reserve_in_redis(struct ledger *ledger, const struct ledger_ask *ask,
                                            int64_t now_ms, struct quota_status *quota_status)
{
    struct reservation reservation;
    int64_t reserved = 0;
    ledger->answered = false;
    if (!begin_claim(ledger, ask, now_ms, &reservation)) {
        ledger->entry.facts.claimed = false;
        return judge_unseen(ledger, ask, quota_status);
    }
    ledger->answered = ledger_redis_reserve(ledger->redis, ledger->id, &reservation, LEDGER_REDIS_CLOCK,
                                            quota_status, &reserved);
    end_claim(ledger, now_ms, ledger->answered && quota_status->verdict != LEDGER_GRANTED, reserved);
    return ledger->answered ? quota_status->verdict : judge_unseen(ledger, ask, quota_status);
}

enum ledger_verdict ledger_reserve(struct ledger *ledger, const struct ledger_ask *ask,
                                   struct quota_status *quota_status)
{
    int64_t now_ms = now_in_ms();
    describe(&ledger->entry, ask, now_ms);
    return ledger->redis ? reserve_in_redis(ledger, ask, now_ms, quota_status)
                         : reserve_here(ledger, ask, now_ms, quota_status);
}

/* ---- it is over ---- */

static void complete(struct ledger_entry *entry, const struct ledger_outcome *outcome, const char *line,
                     size_t length)
{
    ledger_note_outcome(entry, outcome);
    entry->texts[ENTRY_CLIENT] = outcome->client;
    entry->texts[ENTRY_RUN] = outcome->run;
    entry->texts[ENTRY_PROVIDER] = outcome->provider;
    entry->texts[ENTRY_MODEL] = outcome->model;
    entry->facts.state = ENTRY_SETTLED;
    entry->facts.place = outcome->place;
    entry->line = line;
    entry->line_length = length;
}

/* Within a transaction. */
static void settle(struct ledger *ledger)
{
    struct ledger_entry *entry = &ledger->entry;
    const struct ledger_outcome *outcome = &ledger->outcome;
    int64_t now_ms = now_in_ms();
    ledger_settle_accounts(ledger, entry, now_ms);
    ledger_series_add(ledger, outcome, now_ms);
    if (entry->facts.guessed && outcome->completion_tokens > 0)
        learn_tokens(ledger, outcome->completion_tokens);
}

static void settle_here(struct ledger *ledger)
{
    struct ledger_key key = ledger_own_key(ledger);
    for (int tries = 0; tries < 2 && !ledger->is_settled; tries++) { /* the map may have to grow */
        if (!enter(ledger))
            return;
        ledger_put_entry(ledger, &key, &ledger->entry);
        settle(ledger);
        ledger->is_settled = leave(ledger);
    }
}

/* The file has it already, as owed: it is lost neither with this process nor with Redis. */
static void settle_in_redis(struct ledger *ledger)
{
    struct ledger_key key = ledger_own_key(ledger);
    if (!ledger->answered || !ledger_remote_pay(ledger, &ledger->entry))
        return;
    ledger->entry.facts.state = ENTRY_SETTLED;
    if (!ledger->is_settled || !enter(ledger))
        return;
    ledger_put_entry(ledger, &key, &ledger->entry);
    leave(ledger);
}

void ledger_settle(struct ledger *ledger, const struct ledger_outcome *outcome, const char *line,
                   size_t length)
{
    complete(&ledger->entry, outcome, line, length);
    ledger->outcome = *outcome; /* its names are the caller's, too */
    if (ledger_remote_owes(ledger, &ledger->entry))
        ledger->entry.facts.state = ENTRY_OWED;
    settle_here(ledger);
    if (ledger->entry.facts.state == ENTRY_OWED)
        settle_in_redis(ledger);
}

static bool is_owed(const struct ledger *ledger)
{
    return ledger->entry.facts.state == ENTRY_OWED;
}

/* What is left to do when not all went well, in one transaction. */
static bool make_up(struct ledger *ledger, bool written)
{
    struct ledger_key key = ledger_own_key(ledger);
    if (!enter(ledger))
        return false;
    if (!ledger->is_settled)
        settle(ledger);
    if (!written)
        ledger_keep_line(ledger, &ledger->entry);
    else if (is_owed(ledger))
        ledger_remote_keep(ledger, &ledger->entry);
    ledger_lmdb_remove(ledger->lmdb, &key);
    ledger->is_open = !leave(ledger);
    return !ledger->is_open;
}

void ledger_logged(struct ledger *ledger, bool written)
{
    bool can_be_looked_for = ledger->entry.facts.place.inode != 0;
    bool settled = ledger->is_settled, done = settled && written && !is_owed(ledger);
    bool well = done && can_be_looked_for;
    if (!well && !make_up(ledger, written) && !done)
        ledger_owe(ledger, settled ? NULL : &ledger->outcome, !written);
    ledger->entry.line = NULL; /* the caller's again, as the texts are */
    ledger->entry.line_length = 0;
    memset(ledger->entry.texts, 0, sizeof ledger->entry.texts);
}
