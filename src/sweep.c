/* Finishes what processes that died in the middle of a request have left undone.
 *
 * A line that a dead process had ready may or may not have reached the log: it is looked for, from where the
 * log ended when the line was made. A line that nobody had ready is made here. */
#include "sweep.h"

#include <stdbool.h>

#include "buffer.h"
#include "ledger_entry.h"
#include "ledger_remains.h"
#include "ledger_series.h"
#include "log.h"
#include "price.h"
#include "usage.h"
#include "usage_line.h"
#include "usage_log.h"

#define BYTES_MAX (USAGE_LINE_MAX + 64 * 1024)

/* What is known of a request whose process died: how long it took and what came of it is not. */
static bool compose(const struct ledger_entry *dead, struct buffer *line)
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
        .usage = usage_unknown(),
        .cost = dead->facts.cost,
        .bytes_in = -1,
        .bytes_out = -1,
        .connect_us = -1,
        .ttfb_us = -1,
        .pid = dead->facts.owner.pid,
    };
    if (dead->facts.cost != COST_UNKNOWN)
        record.usage.source = USAGE_ESTIMATED;
    return usage_line_put(line, &record);
}

void sweep(struct ledger *ledger, struct usage_log *log)
{
    struct ledger_entry remains;
    struct buffer bytes;
    buffer_init(&bytes, BYTES_MAX);
    while (!usage_log_fault(log) && ledger_remains_take(ledger, &remains, &bytes, compose)) {
        bool there = usage_log_holds(log, &remains.facts.place, remains.line, remains.line_length);
        if (!there && !usage_log_append(log, remains.line, remains.line_length))
            break; /* it stays under our name, and is found when we are gone */
        ledger_remains_done(ledger);
    }
    buffer_free(&bytes);
    ledger_series_forget(ledger);
}

void sweep_when_due(struct ledger *ledger, struct usage_log *log)
{
    if (ledger_sweep_is_due(ledger))
        sweep(ledger, log);
}
