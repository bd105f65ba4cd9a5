/* The health of providers and their models, as all processes of this host share it.
 *
 * The ledger keeps a note for each provider that cannot be connected to, for each model that fails, and for
 * each model and key that cools down. An exchange reads the three notes of its target in one transaction, and
 * with a healthy target it writes nothing. The process whose result changes a note writes the line in the
 * error log, so that there is one line a change. */
#include "ledger/provider_health.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/health_name.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_query.h"

#define DAY_US INT64_C(86400000000)

/* Positions of the notes, and their bits. */
enum { PROVIDER, MODEL, COOLDOWN, NOTES };
#define BIT(note) (1u << (note))

_Static_assert(sizeof(struct provider_note) <= LEDGER_NOTE_MAX && sizeof(struct cooldown) <= LEDGER_NOTE_MAX,
               "the health of a target fits into notes");

/* The notes of a target and their names. */
struct notes {
    char names[NOTES][HEALTH_NAME_SIZE];
    struct ledger_note items[NOTES];
};

static void open_notes(struct notes *notes, struct provider_health *health)
{
    uint64_t where = health_digest(health->base_url, 0);
    health_name(notes->names[PROVIDER], HEALTH_PROVIDER, health->provider, NULL, where);
    health_name(notes->names[MODEL], HEALTH_MODEL, health->provider, health->model, where);
    health_name(notes->names[COOLDOWN], HEALTH_COOLDOWN, health->provider, health->model,
                health_digest_more(where, health->key));
    notes->items[PROVIDER] = (struct ledger_note){notes->names[PROVIDER], &health->provider_note,
                                                  sizeof health->provider_note};
    notes->items[MODEL] = (struct ledger_note){notes->names[MODEL], &health->model_note,
                                               sizeof health->model_note};
    notes->items[COOLDOWN] = (struct ledger_note){notes->names[COOLDOWN], &health->cooldown,
                                                  sizeof health->cooldown};
}

static struct breaker_view view_of(const struct provider_health *health)
{
    return (struct breaker_view){health->rules, &health->ledger->own, clock_wall_us()};
}

/* ---- questions ---- */

static long long seconds(int64_t left_us)
{
    return (left_us + 999999) / 1000000;
}

static bool refuse(struct failure *why, int64_t left_us)
{
    why->source = SOURCE_GATEWAY;
    why->retry_after_ms = (left_us + 999) / 1000;
    return false;
}

static bool check(const struct provider_health *health, const struct breaker_view *view, bool again,
                  struct failure *why)
{
    int64_t left_us;
    const char *model = health->model ? health->model : "";
    if (!again && !cooldown_lets(&health->cooldown, view, &left_us)) {
        fail(why, FAILURE_RATE_LIMIT, "the provider %.60s asks not to be asked for this model for %lld s",
             health->provider, seconds(left_us));
        return refuse(why, left_us);
    }
    if (!breaker_lets(&health->provider_note.breaker, view, &left_us)) {
        fail(why, FAILURE_UNAVAILABLE,
             "the provider %.60s could not be connected to too often and is left alone for %lld s",
             health->provider, seconds(left_us));
        return refuse(why, left_us);
    }
    if (!breaker_lets(&health->model_note.breaker, view, &left_us)) {
        fail(why, FAILURE_UNAVAILABLE,
             "the model %.100s of the provider %.60s has failed too often and is left alone for %lld s",
             model, health->provider, seconds(left_us));
        return refuse(why, left_us);
    }
    return true;
}

void provider_health_look(struct provider_health *health)
{
    struct notes notes;
    open_notes(&notes, health);
    health->probes_provider = health->probes_model = health->looks = false;
    health->known = ledger_notes_read(health->ledger, notes.items, NOTES);
}

struct taking {
    struct provider_health *health;
    struct breaker_view view;
    bool again, allowed;
    struct failure *why;
};

/* A request that has just observed the delay is no probe of the cool-down. */
static unsigned take(void *context)
{
    struct taking *taking = context;
    struct provider_health *health = taking->health;
    int64_t left_us;
    taking->allowed = check(health, &taking->view, taking->again, taking->why);
    if (!taking->allowed)
        return 0;
    if (!taking->again && cooldown_take(&health->cooldown, &taking->view, &left_us))
        health->looks = health->cooldown.look.since_us;
    if (breaker_take(&health->provider_note.breaker, &taking->view, &left_us))
        health->probes_provider = health->provider_note.breaker.probe.since_us;
    if (breaker_take(&health->model_note.breaker, &taking->view, &left_us))
        health->probes_model = health->model_note.breaker.probe.since_us;
    return health->looks * BIT(COOLDOWN) + health->probes_provider * BIT(PROVIDER) +
           health->probes_model * BIT(MODEL);
}

/* True if a request that goes to the target becomes a probe, which the notes must say. */
static bool needs_probe(const struct provider_health *health, int64_t now_us)
{
    return health->provider_note.breaker.opened_us || health->model_note.breaker.opened_us ||
           health->cooldown.asked_us > now_us;
}

bool provider_health_allows(struct provider_health *health, bool again, struct failure *why)
{
    struct taking taking = {.health = health, .again = again, .allowed = true, .why = why};
    struct notes notes;
    provider_health_look(health);
    taking.view = view_of(health);
    if (!health->known || !needs_probe(health, taking.view.now_us))
        return true;
    if (!check(health, &taking.view, again, why))
        return false;
    open_notes(&notes, health);
    health->known = ledger_notes_change(health->ledger, notes.items, NOTES, take, &taking);
    return taking.allowed || !health->known;
}

bool provider_health_would_allow(struct provider_health *health, struct failure *why)
{
    provider_health_look(health);
    struct breaker_view view = view_of(health);
    return !health->known || check(health, &view, false, why);
}

bool provider_health_is_open(const struct provider_health *health)
{
    int64_t ignored;
    struct breaker_view view = view_of(health);
    return health->known && (!breaker_lets(&health->provider_note.breaker, &view, &ignored) ||
                             !breaker_lets(&health->model_note.breaker, &view, &ignored));
}

/* ---- results ---- */

/* A result and what it changes. */
struct report {
    struct provider_health *health;
    struct breaker_view view;
    const struct failure *result; /* NULL: the answer has begun */
    enum breaker_news provider, model;
    bool provider_opened, provider_closed, model_opened, model_closed, refused, accepted, emptied, filled;
};

static bool hear(struct breaker *breaker, const struct breaker_view *view, enum breaker_news news, bool probe,
                 bool *opened, bool *closed)
{
    bool was_open = breaker->opened_us;
    bool changed = breaker_hear(breaker, view, news, probe);
    *opened = !was_open && breaker->opened_us;
    *closed = was_open && !breaker->opened_us;
    return changed;
}

/* Cools down for the delay of a rate limit. If a request that looked is refused without a delay, the rest of
 * the earlier delay applies. */
static bool hear_limit(struct report *report)
{
    const struct failure *result = report->result;
    struct cooldown *cooldown = &report->health->cooldown;
    bool limits = result && (result->reason == FAILURE_RATE_LIMIT || result->provider_status == 429);
    if (!limits || !result->retryable || result->source != SOURCE_PROVIDER)
        return false;
    int64_t delay_ms = result->retry_after_ms;
    if (delay_ms <= 0 && report->health->looks)
        delay_ms = (cooldown->asked_us - report->view.now_us) / 1000;
    if (delay_ms > 0)
        cooldown_set(cooldown, &report->view, delay_ms);
    return delay_ms > 0;
}

/* Returns true if the complaint changes; `*news` is then what the error log has to say. A complaint that is a
 * day old is made again. */
static bool complain(struct complaint *complaint, const struct report *report, bool applies, bool *begun,
                     bool *ended)
{
    const char *name = report->health->model ? report->health->model : "";
    uint64_t model = health_digest(name, 0);
    int64_t now_us = report->view.now_us;
    bool is_fresh = complaint->since_us && clock_left_us(complaint->since_us, DAY_US, now_us);
    if (applies && !is_fresh) {
        *complaint = (struct complaint){now_us, model};
        *begun = true;
    } else if (report->model == BREAKER_SERVED && complaint->since_us && complaint->model == model) {
        *complaint = (struct complaint){0};
        *ended = true;
    }
    return *begun || *ended;
}

/* A new key begins without complaints. */
static bool hear_complaints(struct report *report)
{
    struct provider_note *note = &report->health->provider_note;
    const struct failure *result = report->result;
    enum failure_reason reason = result && result->source == SOURCE_PROVIDER ? result->reason : FAILURE_NONE;
    if (!report->health->own_key)
        return false;
    if (note->key != report->health->key) {
        note->refused = note->empty = (struct complaint){0};
        note->key = 0;
    }
    bool key_changed = complain(&note->refused, report, reason == FAILURE_AUTHENTICATION, &report->refused,
                                &report->accepted);
    bool account_changed = complain(&note->empty, report, reason == FAILURE_QUOTA_EXHAUSTED, &report->emptied,
                                    &report->filled);
    bool any = note->refused.since_us || note->empty.since_us;
    note->key = any ? report->health->key : 0;
    return key_changed || account_changed;
}

/* Applies the result to the notes as they are now. */
static unsigned apply(void *context)
{
    struct report *report = context;
    struct provider_health *health = report->health;
    bool provider = hear(&health->provider_note.breaker, &report->view, report->provider,
                         health->probes_provider, &report->provider_opened, &report->provider_closed);
    bool model = hear(&health->model_note.breaker, &report->view, report->model, health->probes_model,
                      &report->model_opened, &report->model_closed);
    report->refused = report->accepted = report->emptied = report->filled = false;
    provider = hear_complaints(report) || provider;
    bool cooling = hear_limit(report) || (health->looks && cooldown_hear(&health->cooldown, report->model));
    return provider * BIT(PROVIDER) + model * BIT(MODEL) + cooling * BIT(COOLDOWN);
}

/* Words for the model in a sentence of the error log. */
static const char *model_words(const struct report *report, char words[static 256])
{
    snprintf(words, 256, report->health->model ? "the model %.200s of " : "%s",
             report->health->model ? report->health->model : "");
    return words;
}

static void log_breakers(const struct report *report)
{
    const struct provider_health *health = report->health;
    const char *cause = report->result ? report->result->message : "";
    double open_s = (double)health->rules->open_for_ms / 1000;
    char model[256];
    model_words(report, model);
    if (report->provider_opened)
        log_error("the provider %s could not be connected to %lld times in a row and is left alone for %g s: "
                  "%s",
                  health->provider, (long long)health->provider_note.breaker.failures, open_s, cause);
    if (report->provider_closed)
        log_warning("the provider %s can be connected to again", health->provider);
    if (report->model_opened)
        log_error("%sthe provider %s has failed %lld times in a row and is left alone for %g s: %s", model,
                  health->provider, (long long)health->model_note.breaker.failures, open_s, cause);
    if (report->model_closed)
        log_warning("%sthe provider %s answers again", model, health->provider);
}

static void log_complaints(const struct report *report)
{
    const struct provider_health *health = report->health;
    const char *cause = report->result ? report->result->message : "";
    char model[256];
    model_words(report, model);
    if (report->refused)
        log_error("the provider %s refuses its API key (status %d, asked for %s): %s", health->provider,
                  report->result->provider_status, health->model ? health->model : "no model", cause);
    if (report->accepted)
        log_warning("the provider %s accepts its API key again", health->provider);
    if (report->emptied)
        log_error("%sthe provider %s: no money or quota is left (status %d): %s", model, health->provider,
                  report->result->provider_status, cause);
    if (report->filled)
        log_warning("%sthe provider %s: there is money or quota again", model, health->provider);
}

/* Tries the change on the notes as this exchange has read them, so that a result that changes nothing costs
 * no transaction. */
static bool changes_something(const struct report *report)
{
    struct provider_health copy = *report->health;
    struct report trial = *report;
    trial.health = &copy;
    return apply(&trial) != 0;
}

static void make_report(struct report *report)
{
    struct provider_health *health = report->health;
    struct notes notes;
    if (!health->known)
        return;
    report->view = view_of(health);
    if (changes_something(report)) {
        open_notes(&notes, health);
        health->known = ledger_notes_change(health->ledger, notes.items, NOTES, apply, report);
        if (health->known) {
            log_breakers(report);
            log_complaints(report);
        }
    }
    health->probes_provider = health->probes_model = health->looks = false;
}

void provider_health_report(struct provider_health *health, const struct failure *result, bool reached)
{
    struct report report = {
        .health = health, .result = result, .provider = BREAKER_SERVED, .model = BREAKER_BEGUN};
    if (result) {
        report.provider = breaker_judge_provider(result, reached);
        report.model = breaker_judge_model(result, reached);
    }
    make_report(&report);
}

void provider_health_withdraw(struct provider_health *health)
{
    struct report report = {.health = health, .provider = BREAKER_UNKNOWN, .model = BREAKER_UNKNOWN};
    make_report(&report);
}
