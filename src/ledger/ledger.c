/* The ledger: which exchanges are open, what each client and run has used, and what all processes share.
 *
 * An exchange goes through three transactions: the first opens it, the second reserves, the third settles
 * it and keeps its line. Whenever its process dies, the file holds one of these states, and recovery.c
 * finishes it from there. The entry of an exchange that has ended stays in its slot until the next exchange
 * overwrites it or ledger_rest() removes it. This saves a transaction, and recovery can check whether the
 * line was written.
 *
 * If the accounts are in Redis, the file still holds the entries. Redis is never asked within a
 * transaction, so that no other process of this host waits for it. */
#include "ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/memory.h"
#include "config/settings.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_backlog.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_redis.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"
#include "ledger/model_memory.h"
#include "ledger/quota.h"

#define RECOVERY_EVERY_MS 2000
#define EXCESS_MAX 32768  /* tokens; a single wrong count does not close the model to small budgets */
#define SETTLE_ATTEMPTS 2 /* the map may have to grow in between */

static struct ledger *open_ledger(const struct settings *settings, bool looking)
{
    struct ledger *ledger = memory_alloc(1, sizeof *ledger);
    ledger->settings = settings;
    ledger->looking = looking;
    ledger->own = process_identity_self();
    ledger_remote_open(ledger);
    if (ledger_txn_begin(ledger))
        ledger_txn_abort(ledger);
    return ledger;
}

struct ledger *ledger_open(const struct settings *settings)
{
    return open_ledger(settings, false);
}

struct ledger *ledger_open_to_read(const struct settings *settings)
{
    return open_ledger(settings, true);
}

void ledger_wait_in(struct ledger *ledger, struct loop *loop)
{
    ledger->loop = loop;
    if (ledger->redis)
        ledger_redis_wait_in(ledger->redis, loop);
}

/* Each transaction of an exchange first enters the backlog. */
static bool begin(struct ledger *ledger)
{
    if (!ledger_txn_begin(ledger))
        return false;
    ledger_backlog_apply(ledger);
    return true;
}

static bool commit(struct ledger *ledger)
{
    if (!ledger_txn_commit(ledger))
        return false;
    ledger_backlog_clear(ledger);
    return true;
}

void ledger_rest(struct ledger *ledger)
{
    size_t leftovers = 0;
    for (size_t i = 0; i < ledger->slot_count; i++)
        leftovers += ledger->slots[i].leftover;
    if ((!leftovers && !ledger->backlog) || !begin(ledger))
        return;
    for (size_t i = 0; i < ledger->slot_count; i++) {
        struct ledger_key key = ledger_slot_key(ledger, i);
        if (ledger->slots[i].leftover)
            ledger_lmdb_remove(ledger->lmdb, &key);
    }
    if (!commit(ledger))
        return;
    for (size_t i = 0; i < ledger->slot_count; i++)
        ledger->slots[i].leftover = false;
}

/* An exchange that is still open stays in the file for recovery: this process ends in the middle of it. */
void ledger_close(struct ledger *ledger)
{
    ledger_rest(ledger);
    ledger_backlog_clear(ledger);
    if (ledger->lmdb)
        ledger_lmdb_close(ledger->lmdb);
    ledger_remote_close(ledger);
    free(ledger->slots);
    free(ledger);
}

const char *ledger_fault(const struct ledger *ledger)
{
    if (*ledger->fault)
        return ledger->fault;
    return ledger->redis ? ledger_redis_fault(ledger->redis) : NULL;
}

bool ledger_lines_wait(const struct ledger *ledger)
{
    return ledger->lines_wait;
}

/* ---- a request comes ---- */

/* Prefers a slot with a leftover, which is then overwritten. */
static size_t take_slot(struct ledger *ledger)
{
    size_t slot = ledger->slot_count;
    for (size_t i = 0; i < ledger->slot_count; i++)
        if (!ledger->slots[i].taken && (slot == ledger->slot_count || ledger->slots[i].leftover))
            slot = i;
    if (slot == ledger->slot_count) {
        ledger->slots = memory_resize(ledger->slots, slot + 1, sizeof *ledger->slots);
        ledger->slot_count++;
    }
    ledger->slots[slot] = (struct ledger_slot){.taken = true};
    return slot;
}

/* Periodically one process has to look for orphans. The first process that finds recovery due records this,
 * and looks for orphans once its request is answered. A ledger that was just made, or that was last found
 * sound before the machine was started, must be rebuilt before it can be relied on. */
static void check_meta(struct ledger *ledger, const struct usage_log_position *place, int64_t now_ms)
{
    struct ledger_meta meta = ledger_load_meta(ledger);
    ledger->checkpoint_due = place->head && place->head != meta.log_head;
    ledger->lines_wait = meta.unlogged > 0;
    ledger->rebuild_due = !ledger_is_sound(ledger, &meta);
    if (now_ms >= meta.recovered_ms && now_ms - meta.recovered_ms < RECOVERY_EVERY_MS)
        return;
    meta.recovered_ms = now_ms;
    ledger_store_meta(ledger, &meta);
    ledger->recovery_due = true;
}

/* Within a transaction. */
static void put_entry(const struct ledger_exchange *exchange)
{
    struct ledger_key key = ledger_slot_key(exchange->ledger, exchange->slot);
    ledger_put_entry(exchange->ledger, &key, &exchange->entry);
}

struct ledger_exchange *ledger_begin(struct ledger *ledger, const struct exchange_facts *facts,
                                     const struct usage_log_position *place)
{
    struct ledger_exchange *exchange = memory_alloc(1, sizeof *exchange);
    exchange->ledger = ledger;
    exchange->slot = take_slot(ledger);
    exchange->entry.facts = exchange_facts_without_results(facts);
    exchange->entry.status = (struct entry_status){
        .owner = ledger->own, .number = ++ledger->begun, .state = LEDGER_OPEN, .place = *place};
    ledger_remote_name(exchange);
    if (!begin(ledger))
        return exchange;
    check_meta(ledger, place, facts->wall_us / 1000);
    put_entry(exchange);
    exchange->stored = commit(ledger);
    return exchange;
}

/* ---- it reserves ---- */

static int64_t multiply(int64_t count, int64_t tokens)
{
    return tokens > 0 && count > MODEL_TOKENS_MAX / tokens ? MODEL_TOKENS_MAX : count * tokens;
}

/* The tokens of the parts of the prompt that the request does not show. For a reservation each attachment
 * counts as the largest that was seen, at least as `attachment_tokens`; so that an estimate is not always too
 * large, the largest that was seen is enough for it. */
static int64_t reckon(struct ledger_exchange *exchange, const struct ledger_demand *demand)
{
    struct ledger *ledger = exchange->ledger;
    const struct ledger_entry *entry = &exchange->entry;
    int64_t largest = demand->attachments ? model_recall(ledger, KIND_LARGEST, &entry->facts) : 0;
    int64_t hidden = demand->hidden_tokens ? model_recall(ledger, KIND_HIDDEN, &entry->facts) : 0;
    hidden = hidden ? hidden : demand->hidden_tokens;
    exchange->attachments = demand->attachments;
    exchange->hidden_tokens = hidden;
    exchange->answers = max_int64(demand->answers, 1);
    exchange->completion_max = demand->completion_max;
    exchange->plain_tokens = demand->plain_tokens;
    exchange->reckoned = multiply(demand->attachments, largest ? largest : demand->attachment_tokens) +
                         hidden;
    return multiply(demand->attachments, max_int64(largest, demand->attachment_tokens)) + hidden;
}

/* The tokens of the answers. `least` is enough for an exchange that is the only one with a reservation; 0:
 * all that is left will do. Pictures are as large as the request asks for, however small the last ones were.
 * Some models think beyond the bound of a request. */
static int64_t answer_tokens(const struct ledger_exchange *exchange, const struct ledger_demand *demand,
                             int64_t *least)
{
    *least = demand->completion_max;
    if (demand->completion_max > 0)
        return demand->completion_max + model_recall(exchange->ledger, KIND_EXCESS, &exchange->entry.facts);
    if (demand->completion_max == 0)
        return 0;
    struct answer_lengths lengths = model_recall_answers(exchange->ledger, &exchange->entry.facts);
    *least = multiply(exchange->answers, lengths.expected);
    int64_t usual = demand->completion_usual ? demand->completion_usual : lengths.cautious;
    return multiply(exchange->answers, max_int64(lengths.expected, usual));
}

/* Within a transaction. */
static struct reservation reservation_for(struct ledger_exchange *exchange,
                                          const struct ledger_demand *demand)
{
    const struct ledger_entry *entry = &exchange->entry;
    int64_t reckoned = reckon(exchange, demand), least, tokens = answer_tokens(exchange, demand, &least);
    int64_t reckoned_cost = reckoned * demand->prompt_token_cost;
    int64_t prompt = demand->prompt_tokens + reckoned, prompt_cost = demand->prompt_cost + reckoned_cost;
    int64_t completion_cost = tokens * demand->completion_cost;
    return (struct reservation){
        .client = demand->address ? demand->address : entry->facts.client,
        .by_address = demand->address,
        .counted = exchange->counted,
        .run = entry->facts.run_id,
        .client_limits = demand->client_limits,
        .run_limits = demand->run_limits,
        .prompt_tokens = prompt,
        .tokens = prompt + tokens,
        .tokens_min = prompt + least,
        .cost = prompt_cost + completion_cost,
        .cost_min = prompt_cost + least * demand->completion_cost,
        .cost_reckoned = reckoned_cost + (demand->completion_is_reckoned ? completion_cost : 0),
    };
}

int64_t ledger_reckoned_tokens(const struct ledger_exchange *exchange)
{
    return exchange->reckoned;
}

static bool has_limits(const struct ledger_entry *entry, const struct ledger_demand *demand)
{
    return ((entry->facts.client || demand->address) && quota_has_limits(&demand->client_limits)) ||
           (entry->facts.run_id && (demand->run_limits.max_cost || demand->run_limits.max_errors));
}

static bool limits_money(const struct ledger_demand *demand)
{
    const struct client_limits *limits = &demand->client_limits;
    return limits->usd_per_day || limits->usd_per_month || limits->usd_total || demand->run_limits.max_cost;
}

/* Called if the accounts cannot be reached. If there are no limits to enforce, the request goes on. */
static enum quota_verdict judge_without_accounts(const struct ledger_exchange *exchange,
                                                 const struct ledger_demand *demand,
                                                 struct quota_status *quota_status)
{
    bool allowed = exchange->ledger->settings->ledger_down == LEDGER_DOWN_ALLOW ||
                   !has_limits(&exchange->entry, demand);
    *quota_status = (struct quota_status){.verdict = allowed ? QUOTA_GRANTED : QUOTA_UNKNOWN,
                                          .retry_after_ms = 1000,
                                          .requests_left = -1,
                                          .tokens_left = -1};
    return quota_status->verdict;
}

/* If what was reckoned is more than the whole limit, no waiting helps. */
static void note_alone(const struct reservation *reservation, struct quota_status *quota_status)
{
    enum quota_verdict verdict = quota_status->verdict;
    bool money = verdict == QUOTA_DAY || verdict == QUOTA_MONTH || verdict == QUOTA_TOTAL;
    if (money && reservation->cost_reckoned > quota_status->limit)
        quota_status->alone = reservation->cost_reckoned;
}

/* Prepares the entry for the next put_entry(): its exchange holds this much in the accounts. */
static void note_reservation(struct ledger_entry *entry, int64_t now_ms, int64_t money, int64_t prompt_tokens,
                             int64_t answer_tokens)
{
    entry->status.state = LEDGER_RESERVED;
    entry->status.reserved_ms = now_ms;
    entry->status.reserved = money;
    entry->status.prompt_tokens = prompt_tokens;
    entry->status.answer_tokens = answer_tokens;
}

/* The same for an exchange that was refused, or could not be judged. A counted exchange remains counted. */
static void note_refusal(struct ledger_exchange *exchange, int64_t now_ms)
{
    bool is_counted = exchange->counted && !exchange->entry.status.by_address;
    note_reservation(&exchange->entry, is_counted ? now_ms : 0, 0, 0, 0);
    exchange->entry.status.state = is_counted ? LEDGER_RESERVED : LEDGER_OPEN;
}

/* Both accounts are read, judged and written in one transaction. */
static enum quota_verdict reserve_in_file(struct ledger_exchange *exchange,
                                          const struct ledger_demand *demand, int64_t now_ms,
                                          struct quota_status *quota_status)
{
    struct ledger *ledger = exchange->ledger;
    struct ledger_entry *entry = &exchange->entry;
    struct ledger_accounts accounts;
    int64_t reserved = 0;
    if (!begin(ledger))
        return judge_without_accounts(exchange, demand, quota_status);
    struct reservation reservation = reservation_for(exchange, demand);
    ledger_accounts_fetch(ledger, reservation.client, reservation.by_address, reservation.run, &accounts);
    quota_reserve(accounts.client, accounts.run, &reservation, now_ms, quota_status, &reserved);
    bool granted = quota_status->verdict == QUOTA_GRANTED;
    if (granted)
        ledger_accounts_put(ledger, &accounts);
    bool has_account = (accounts.client && !reservation.by_address) || accounts.run;
    note_alone(&reservation, quota_status);
    note_refusal(exchange, now_ms);
    if (granted && has_account)
        note_reservation(entry, now_ms, reserved, reservation.prompt_tokens, quota_status->answer_tokens);
    put_entry(exchange);
    exchange->stored = commit(ledger);
    if (exchange->stored)
        return quota_status->verdict;
    note_refusal(exchange, now_ms);
    return judge_without_accounts(exchange, demand, quota_status);
}

/* The file is updated before Redis is called, because from now on Redis may or may not hold a reservation.
 * Nothing has been sent to the provider yet, so recovery just releases the reservation. */
static bool announce_reservation(struct ledger_exchange *exchange, const struct ledger_demand *demand,
                                 int64_t now_ms, struct reservation *reservation)
{
    struct ledger *ledger = exchange->ledger;
    if (!begin(ledger))
        return false;
    if (ledger_remote_pauses(ledger, now_ms)) {
        ledger_txn_abort(ledger);
        return false;
    }
    *reservation = reservation_for(exchange, demand);
    note_reservation(&exchange->entry, now_ms, 0, reservation->prompt_tokens, 0);
    put_entry(exchange);
    exchange->stored = commit(ledger);
    if (!exchange->stored)
        note_refusal(exchange, now_ms);
    return exchange->stored;
}

static enum quota_verdict reserve_in_redis(struct ledger_exchange *exchange,
                                           const struct ledger_demand *demand, int64_t now_ms,
                                           struct quota_status *quota_status)
{
    struct ledger *ledger = exchange->ledger;
    struct reservation reservation;
    int64_t reserved = 0;
    exchange->redis_silent = true;
    if (!announce_reservation(exchange, demand, now_ms, &reservation))
        return judge_without_accounts(exchange, demand, quota_status);
    exchange->redis_silent = !ledger_redis_reserve(ledger->redis, exchange->remote_id, &reservation,
                                                   LEDGER_REDIS_CLOCK, quota_status, &reserved);
    bool refused = !exchange->redis_silent && quota_status->verdict != QUOTA_GRANTED;
    note_alone(&reservation, quota_status);
    if (refused)
        note_refusal(exchange, now_ms);
    else
        note_reservation(&exchange->entry, now_ms, reserved, reservation.prompt_tokens,
                         quota_status->answer_tokens);
    if (begin(ledger)) {
        put_entry(exchange);
        if (exchange->redis_silent)
            ledger_remote_pause(ledger, now_ms);
        commit(ledger);
    }
    if (exchange->redis_silent)
        return judge_without_accounts(exchange, demand, quota_status);
    return quota_status->verdict;
}

enum quota_verdict ledger_reserve(struct ledger_exchange *exchange, const struct exchange_facts *facts,
                                  const struct ledger_demand *demand, struct quota_status *quota_status)
{
    struct ledger_entry *entry = &exchange->entry;
    int64_t now_ms = clock_wall_us() / 1000;
    entry->facts = exchange_facts_without_results(facts);
    entry->status.by_address = demand->address;
    entry->status.run_limits = demand->run_limits;
    entry->status.unbounded = demand->completion_max < 0;
    enum quota_verdict verdict = (exchange->ledger->redis ? reserve_in_redis : reserve_in_file)(
        exchange, demand, now_ms, quota_status);
    exchange->counted = exchange->counted || (demand->early && verdict == QUOTA_GRANTED);
    return verdict;
}

/* Redis is not asked: its reservations are for one attempt. */
bool ledger_reserve_attempt(struct ledger_exchange *exchange, const struct ledger_demand *demand)
{
    struct ledger *ledger = exchange->ledger;
    struct ledger_entry *entry = &exchange->entry;
    struct ledger_accounts accounts;
    int64_t reserved = 0;
    if (entry->status.state != LEDGER_RESERVED || !limits_money(demand))
        return true;
    if (ledger->redis || !begin(ledger))
        return false;
    struct reservation reservation = reservation_for(exchange, demand);
    ledger_accounts_fetch(ledger, reservation.client, reservation.by_address, reservation.run, &accounts);
    bool granted = quota_reserve_more(accounts.client, accounts.run, &reservation, clock_wall_us() / 1000,
                                      &reserved);
    if (!granted) {
        ledger_txn_abort(ledger);
        return false;
    }
    ledger_accounts_put(ledger, &accounts);
    entry->status.reserved += reserved;
    put_entry(exchange);
    if (commit(ledger))
        return true;
    entry->status.reserved -= reserved;
    return false;
}

/* ---- it is over ---- */

static void learn_excess(const struct ledger_exchange *exchange, const struct token_usage *usage)
{
    int64_t billed = max_int64(usage->completion, usage->total - max_int64(usage->prompt, 0));
    int64_t excess = billed - exchange->completion_max;
    if (exchange->completion_max > 0 && excess > 0)
        model_learn(exchange->ledger, KIND_EXCESS, &exchange->entry.facts, min_int64(excess, EXCESS_MAX));
}

/* Remembers the recent maximum of the answers, which falls by 1/32 with each, and the maximum of the other
 * two, as far as the provider has counted them. */
static void learn(const struct ledger_exchange *exchange)
{
    struct ledger *ledger = exchange->ledger;
    const struct ledger_entry *entry = &exchange->entry;
    const struct token_usage *usage = &entry->facts.usage;
    if (entry->status.unbounded && usage->completion > 0)
        model_learn_answer(ledger, &entry->facts, usage->completion / max_int64(exchange->answers, 1));
    if (usage->source != USAGE_PROVIDER || usage->prompt <= 0)
        return;
    learn_excess(exchange, usage);
    if (exchange->hidden_tokens)
        model_learn(ledger, KIND_HIDDEN, &entry->facts, usage->prompt);
    else if (exchange->attachments)
        model_learn(ledger, KIND_LARGEST, &entry->facts,
                    max_int64(usage->prompt - exchange->plain_tokens, 1) / exchange->attachments);
}

/* Within a transaction. */
static void settle_in_accounts(const struct ledger_exchange *exchange)
{
    const struct ledger_entry *entry = &exchange->entry;
    int64_t now_ms = clock_wall_us() / 1000;
    ledger_settle_accounts(exchange->ledger, entry, now_ms);
    ledger_series_add(exchange->ledger, &entry->facts, &entry->status.outcome, now_ms);
    learn(exchange);
}

/* True if a checkpoint has been written to another log since the line was placed. The checkpoint does not
 * include the exchange, so the line must not be in a log before it. */
static bool is_misplaced(struct ledger *ledger, const struct usage_log_position *place)
{
    uint64_t head = ledger_load_meta(ledger).log_head;
    return head && head != place->head;
}

static void settle_in_file(struct ledger_exchange *exchange, bool *misplaced)
{
    exchange->stored = false;
    for (int attempt = 0; attempt < SETTLE_ATTEMPTS && !exchange->stored; attempt++) {
        if (!begin(exchange->ledger))
            return;
        *misplaced = is_misplaced(exchange->ledger, &exchange->entry.status.place);
        put_entry(exchange);
        settle_in_accounts(exchange);
        exchange->stored = commit(exchange->ledger);
    }
}

/* The file holds the exchange as owed, so it survives the death of this process and of Redis. */
static void settle_in_redis(struct ledger_exchange *exchange)
{
    if (!ledger_remote_settle(exchange->ledger, &exchange->entry))
        return;
    exchange->entry.status.state = LEDGER_SETTLED;
    if (!exchange->stored || !begin(exchange->ledger))
        return;
    put_entry(exchange);
    commit(exchange->ledger);
}

bool ledger_settle(struct ledger_exchange *exchange, const struct exchange_facts *facts,
                   const struct ledger_outcome *outcome, const struct ledger_line *line)
{
    struct ledger_entry *entry = &exchange->entry;
    entry->facts = *facts;
    entry->status.outcome = *outcome;
    entry->status.place = line->place;
    entry->status.placed_us = clock_wall_us() - LEDGER_PLACE_SLACK_US;
    entry->line = line->bytes;
    entry->line_length = line->length;
    bool owed = ledger_remote_owes(exchange->ledger, entry);
    entry->status.state = owed ? LEDGER_OWED : LEDGER_SETTLED;
    bool misplaced = false;
    settle_in_file(exchange, &misplaced);
    if (owed && !exchange->redis_silent)
        settle_in_redis(exchange);
    return !misplaced;
}

/* Does all remaining steps in one transaction, and removes the entry. */
static bool finish(const struct ledger_exchange *exchange, bool logged)
{
    struct ledger *ledger = exchange->ledger;
    struct ledger_key key = ledger_slot_key(ledger, exchange->slot);
    if (!begin(ledger))
        return false;
    if (!exchange->stored)
        settle_in_accounts(exchange);
    if (!logged)
        ledger_unlogged_put(ledger, &exchange->entry);
    else if (exchange->entry.status.state == LEDGER_OWED)
        ledger_remote_keep(ledger, &exchange->entry);
    ledger_lmdb_remove(ledger->lmdb, &key);
    return commit(ledger);
}

void ledger_end(struct ledger_exchange *exchange, bool logged)
{
    struct ledger *ledger = exchange->ledger;
    const struct entry_status *status = &exchange->entry.status;
    bool complete = exchange->stored && status->state == LEDGER_SETTLED && logged;
    bool can_be_found = status->place.inode !=
                        0; /* by recovery, which would otherwise write the line again */
    bool removed = (!complete || !can_be_found) && finish(exchange, logged);
    if (!complete && !removed)
        ledger_backlog_add(ledger, &exchange->entry, !exchange->stored, !logged);
    ledger->slots[exchange->slot] = (struct ledger_slot){.leftover = !removed};
    free(exchange);
}
