/* How the accounts stand, written into a usage log that begins.
 *
 * The log is the truth and the ledger its sum; but logs are rotated, and old ones thrown away. So each new
 * one begins with the sum of all that came before. One line has room for a limited number of accounts:
 * several lines make one balance, counted by "part". */
#include "ledger/ledger_checkpoint.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "format/json_write.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_series.h"
#include "usage/usage_log.h"

#define LINE_SIZE (128 * 1024)
#define ITEM_MAX (8 * 1024) /* of one account; its name may be escaped */

/* A number of a stored record, by its name in the line. */
struct number {
    const char *name;
    size_t offset;
};

#define CLIENT(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(struct client_account, name)                                                         \
    }
#define RUN(name)                                                                                            \
    {                                                                                                        \
#name, offsetof(struct run_account, name)                                                            \
    }
#define SUM(name)                                                                                            \
    {                                                                                                        \
#name, offsetof(struct series, name)                                                                 \
    }

static const struct number client_numbers[] = {CLIENT(day), CLIENT(month), CLIENT(spent_day),
                                               CLIENT(spent_month), CLIENT(spent_total)};
static const struct number run_numbers[] = {RUN(spent), RUN(errors), RUN(requests), RUN(error_ms),
                                            RUN(used_ms)};
static const struct number sum_numbers[] = {SUM(requests),          SUM(errors), SUM(prompt_tokens),
                                            SUM(completion_tokens), SUM(cost),   SUM(unpriced),
                                            SUM(duration_us)};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* One kind of account: how it is called in the line, and what of it is kept. */
struct sort {
    enum ledger_kind kind;
    const char *list;
    const char *names[3];
    size_t name_count;
    const struct number *numbers;
    size_t number_count, size;
};

static const struct sort sorts[] = {
    {KIND_CLIENT,
     "clients",
     {"client"},
     1,
     client_numbers,
     COUNT(client_numbers),
     sizeof(struct client_account)},
    {KIND_RUN, "runs", {"run_id"}, 1, run_numbers, COUNT(run_numbers), sizeof(struct run_account)},
    {KIND_SERIES,
     "sums",
     {"client", "provider", "model"},
     3,
     sum_numbers,
     COUNT(sum_numbers),
     sizeof(struct series)},
};

/* ---- writing ---- */

struct balance {
    struct ledger *ledger;
    struct usage_log *log;
    struct buffer line;
    int part;
    const char *list; /* that is open in the line; NULL: none */
    size_t items;     /* in that list */
};

static bool put(struct balance *balance, const char *text)
{
    return buffer_append(&balance->line, text, strlen(text));
}

static bool open_line(struct balance *balance)
{
    char now[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_us(), now);
    balance->list = NULL;
    return buffer_format(&balance->line, "{\"balance\":{\"ts\":\"%s\",\"part\":%d", now, balance->part++);
}

static bool close_line(struct balance *balance)
{
    bool whole = (!balance->list || put(balance, "]")) && put(balance, "}}\n");
    bool written = whole && usage_log_append(balance->log, balance->line.bytes, balance->line.length);
    buffer_consume(&balance->line, balance->line.length);
    return written;
}

/* Before an item: a new line where this one is full, the list where it is not open yet. */
static bool make_room(struct balance *balance, const char *list)
{
    bool full = balance->line.length > LINE_SIZE;
    if (full && !(close_line(balance) && open_line(balance)))
        return false;
    if (balance->list == list)
        return put(balance, ",");
    bool closed = !balance->list || put(balance, "]");
    balance->list = list;
    return closed && buffer_format(&balance->line, ",\"%s\":[", list);
}

/* The names lie behind each other in the key, the sums' behind eight bytes of the hour. */
static void put_names(struct json_writer *writer, const struct sort *sort, const struct ledger_key *key)
{
    const char *at = (const char *)key->bytes + (sort->kind == KIND_SERIES ? 9 : 1);
    for (size_t i = 0; i < sort->name_count; i++) {
        json_put_string(writer, sort->names[i], at);
        at += strlen(at) + 1;
    }
}

static bool put_account(struct balance *balance, const struct sort *sort, const struct ledger_key *key,
                        struct ledger_bytes value)
{
    if (!make_room(balance, sort->list))
        return false;
    struct json_writer writer = json_write_begin(&balance->line);
    put_names(&writer, sort, key);
    for (size_t i = 0; i < sort->number_count; i++) {
        int64_t number;
        memcpy(&number, (const char *)value.at + sort->numbers[i].offset, sizeof number);
        json_put_count(&writer, sort->numbers[i].name, number);
    }
    json_write_end(&writer);
    return writer.ok;
}

static struct ledger_key first_key(const struct sort *sort)
{
    struct ledger_key key = ledger_key_kind(sort->kind);
    if (sort->kind == KIND_SERIES)
        ledger_key_add_number(&key, SERIES_TOTALS);
    return key;
}

static bool put_sort(struct balance *balance, const struct sort *sort)
{
    struct ledger_key first = first_key(sort), key = first;
    struct ledger_bytes value;
    struct ledger_lmdb *lmdb = balance->ledger->lmdb;
    bool whole = true;
    while (whole && ledger_lmdb_seek(lmdb, &key, &value) &&
           memcmp(key.bytes, first.bytes, first.length) == 0) {
        if (value.length == sort->size)
            whole = put_account(balance, sort, &key, value);
        ledger_key_next(&key);
    }
    return whole;
}

void ledger_checkpoint_name(int64_t wall_us, const char *request_id, char name[static PENDING_NAME_SIZE])
{
    char ts[CLOCK_TEXT_SIZE];
    clock_format(wall_us, ts);
    snprintf(name, PENDING_NAME_SIZE, "%s %s", ts, request_id);
}

/* Settled, and on its way to the log: the line may come behind this one, or have come before. */
static bool put_pending(struct balance *balance, enum ledger_kind kind)
{
    struct ledger_key key = ledger_key_kind(kind);
    struct ledger_bytes value;
    bool whole = true;
    for (; whole && ledger_lmdb_seek(balance->ledger->lmdb, &key, &value) && key.bytes[0] == kind;
         ledger_key_next(&key)) {
        struct ledger_entry entry;
        if (!ledger_entry_read(&entry, value.at, value.length) || entry.status.state != LEDGER_SETTLED ||
            !entry.facts.request_id)
            continue;
        char name[PENDING_NAME_SIZE];
        ledger_checkpoint_name(entry.facts.wall_us, entry.facts.request_id, name);
        whole = make_room(balance, "pending") && json_quote(&balance->line, name, strlen(name));
    }
    return whole;
}

static bool has_accounts(struct ledger *ledger)
{
    for (size_t i = 0; i < COUNT(sorts); i++) {
        struct ledger_key key = ledger_key_kind(sorts[i].kind);
        struct ledger_bytes value;
        if (ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == sorts[i].kind)
            return true;
    }
    return false;
}

void ledger_checkpoint_write(struct ledger *ledger, struct usage_log *log)
{
    struct balance balance = {.ledger = ledger, .log = log};
    if (!ledger_txn_begin(ledger))
        return;
    buffer_init(&balance.line, LINE_SIZE + ITEM_MAX);
    bool whole = usage_log_is_empty(log) && has_accounts(ledger) && open_line(&balance);
    for (size_t i = 0; whole && i < COUNT(sorts); i++)
        whole = put_sort(&balance, &sorts[i]);
    whole = whole && put_pending(&balance, KIND_OPEN) && put_pending(&balance, KIND_UNLOGGED);
    if (whole)
        close_line(&balance);
    buffer_free(&balance.line);
    ledger_txn_abort(ledger);
}

/* ---- reading ---- */

static bool read_account(struct ledger *ledger, const struct sort *sort, struct arena *arena,
                         struct json_value account)
{
    struct ledger_key key = first_key(sort);
    for (size_t i = 0; i < sort->name_count; i++)
        ledger_key_add_name(&key, json_string(arena, json_get(account, sort->names[i]), NULL));
    char *record = ledger_lmdb_put(ledger->lmdb, &key, sort->size);
    if (!record)
        return false;
    memset(record, 0, sort->size);
    for (size_t i = 0; i < sort->number_count; i++) {
        int64_t number;
        if (json_integer(json_get(account, sort->numbers[i].name), &number))
            memcpy(record + sort->numbers[i].offset, &number, sizeof number);
    }
    return true;
}

bool ledger_checkpoint_read(struct ledger *ledger, struct arena *arena, struct json_value balance)
{
    for (size_t i = 0; i < COUNT(sorts); i++) {
        struct json_value rest = json_elements(json_get(balance, sorts[i].list)), account;
        while (json_next_element(&rest, &account))
            if (!read_account(ledger, &sorts[i], arena, account))
                return false;
    }
    return true;
}

bool ledger_checkpoint_begins(struct json_value balance)
{
    int64_t part;
    return json_integer(json_get(balance, "part"), &part) && part == 0;
}

struct json_value ledger_checkpoint_pending(struct json_value balance)
{
    return json_get(balance, "pending");
}
