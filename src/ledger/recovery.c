/* Finishes what processes that died in the middle of a request have left undone.
 *
 * A line that a dead process had ready may or may not have reached the log: it is looked for, from where the
 * log ended when the line was made. A line that nobody had ready is made here. */
#include "ledger/recovery.h"

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "ledger/ledger_entry.h"
#include "ledger/ledger_orphans.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"
#include "ledger/usage_outcome.h"
#include "usage/exchange_end.h"
#include "usage/price.h"
#include "usage/token_usage.h"
#include "usage/usage_line.h"
#include "usage/usage_log.h"
#include "usage/usage_log_entry.h"

#define BYTES_MAX (USAGE_LINE_MAX + 64 * 1024)
#define LINES_MAX 1000 /* at a time: a request may be waiting for its process */

static bool find_line(struct usage_log *log, const struct ledger_entry *dead, struct buffer *line)
{
    struct buffer begin;
    buffer_init(&begin, BYTES_MAX);
    bool found = dead->texts[ENTRY_REQUEST_ID] &&
                 usage_line_begin(&begin, dead->facts.wall_us, dead->texts[ENTRY_REQUEST_ID]) &&
                 usage_log_find(log, &dead->facts.place, begin.bytes, begin.length, line);
    buffer_free(&begin);
    return found;
}

static void read_outcome(const struct buffer *line, struct ledger_outcome *outcome)
{
    struct arena *arena = arena_create();
    char *copy = arena_copy(arena, line->bytes, line->length);
    struct usage_log_entry entry;
    struct json_value balance;
    if (usage_log_entry_read(copy, line->length - 1, arena, &entry, &balance) == LOG_LINE_ENTRY) {
        struct ledger_outcome read = usage_outcome(&entry);
        read.client = outcome->client;
        read.run = outcome->run;
        read.provider = outcome->provider;
        read.model = outcome->model;
        *outcome = read;
    }
    arena_destroy(arena);
}

/* A process may have written its line and not have reached the ledger any more. */
static bool find(void *context, const struct ledger_entry *dead, struct ledger_outcome *outcome,
                 struct buffer *line)
{
    if (!find_line(context, dead, line))
        return false;
    read_outcome(line, outcome);
    return true;
}

/* What is known of a request whose process died: how long it took and what came of it is not. */
static bool compose(const struct ledger_entry *dead, const struct ledger_outcome *outcome,
                    struct buffer *line)
{
    struct record record = {
        .wall_us = dead->facts.wall_us,
        .duration_us = -1,
        .request_id = dead->texts[ENTRY_REQUEST_ID],
        .client = dead->texts[ENTRY_CLIENT],
        .run_id = dead->texts[ENTRY_RUN],
        .remote_addr = dead->texts[ENTRY_REMOTE_ADDR],
        .endpoint = dead->texts[ENTRY_ENDPOINT],
        .requested_model = dead->texts[ENTRY_REQUESTED_MODEL],
        .provider = dead->texts[ENTRY_PROVIDER],
        .model = dead->texts[ENTRY_MODEL],
        .stream = dead->facts.stream,
        .end = END_CRASHED,
        .usage = token_usage_unknown(),
        .cost = outcome->cost,
        .bytes_in = -1,
        .bytes_out = -1,
        .connect_us = -1,
        .ttfb_us = -1,
        .pid = dead->facts.owner.pid,
    };
    if (outcome->cost != COST_UNKNOWN)
        record.usage.source = USAGE_ESTIMATED;
    return usage_line_put(line, &record);
}

/* False: there is nothing to do, or it cannot be done now. */
static bool sweep_one(struct ledger *ledger, struct usage_log *log, struct buffer *bytes)
{
    struct ledger_entry remains;
    struct orphan_ops ops = {.place = usage_log_place(log), .find = find, .compose = compose, .context = log};
    if (!ledger_orphans_take(ledger, &ops, &remains, bytes))
        return false;
    bool written = usage_log_write_once(log, &remains.facts.place, remains.line, remains.line_length);
    ledger_orphans_done(ledger, &remains, written);
    return written;
}

void recovery_run(struct ledger *ledger, struct usage_log *log)
{
    struct buffer bytes;
    buffer_init(&bytes, BYTES_MAX);
    for (int i = 0; i < LINES_MAX && sweep_one(ledger, log, &bytes); i++)
        continue;
    buffer_free(&bytes);
    ledger_remote_pay_kept(ledger);
    ledger_series_forget(ledger);
}

void recovery_run_when_due(struct ledger *ledger, struct usage_log *log)
{
    if (ledger_recovery_is_due(ledger))
        recovery_run(ledger, log);
}
