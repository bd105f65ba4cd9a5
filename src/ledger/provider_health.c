/* The health of providers, as all processes of this host share it: breakers and cool-downs.
 *
 * The ledger keeps one note for each provider, and one for each of its models that cools down. An exchange
 * with a healthy provider reads the first one and writes nothing. */
#include "ledger/provider_health.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/ledger_query.h"

#define NAME_SIZE 112 /* longer names are cut by the ledger */

_Static_assert(sizeof(struct provider_health_note) <= LEDGER_NOTE_MAX,
               "a provider's health fits into a note");

/* A name that is too long is replaced by its digest. */
static void name_note(char name[static NAME_SIZE], const char *kind, const char *provider, const char *what)
{
    char words[1024];
    int length = snprintf(words, sizeof words, "%s %s %s", kind, provider, what ? what : "");
    if (length < NAME_SIZE) {
        memcpy(name, words, (size_t)length + 1);
        return;
    }
    unsigned char digest[DIGEST_BYTES];
    char hex[DIGEST_HEX + 1];
    digest_sha256(words, strlen(words), digest);
    digest_print(digest, hex);
    snprintf(name, NAME_SIZE, "%s %s", kind, hex);
}

/* ---- changes of a note, each within a transaction ---- */

struct change {
    struct provider_health *health;
    enum breaker_news news;
    int64_t now_us, left_us, delay_ms;
    bool allowed;
};

static bool take_probe(void *note, void *context)
{
    struct provider_health_note *known = note;
    struct change *change = context;
    change->allowed = breaker_take(&known->breaker, change->health->rules, change->now_us, &change->left_us);
    change->health->probe = change->allowed && known->breaker.probe_us;
    return change->health->probe;
}

static bool hear(void *note, void *context)
{
    struct provider_health_note *known = note;
    const struct change *change = context;
    return breaker_hear(&known->breaker, change->health->rules, change->news, change->health->probe,
                        change->now_us);
}

static bool extend_cooling(void *note, void *context)
{
    struct provider_health_note *known = note;
    const struct change *change = context;
    int64_t until_us = change->now_us + change->delay_ms * 1000;
    bool later = until_us > known->cool_until_us;
    if (later)
        known->cool_until_us = until_us;
    return later;
}

static bool cool(void *note, void *context)
{
    const struct change *change = context;
    cooldown_set(note, change->now_us, change->delay_ms);
    return true;
}

/* A change is lost if the ledger is down, which the ledger logs itself. */
static void change_provider_note(struct provider_health *health, bool (*how)(void *, void *),
                                 struct change *change)
{
    char name[NAME_SIZE];
    name_note(name, "provider", health->provider, health->base_url);
    change->health = health;
    change->now_us = clock_wall_us();
    health->known = ledger_note_change(health->ledger, name, &health->note, sizeof health->note, how, change);
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

static bool check_breaker(struct provider_health *health, struct failure *why)
{
    struct change change = {0};
    change.allowed = breaker_lets(&health->note.breaker, health->rules, clock_wall_us(), &change.left_us);
    if (change.allowed && health->note.breaker.opened_us)
        change_provider_note(health, take_probe, &change);
    if (change.allowed || !health->known)
        return true;
    fail(why, FAILURE_UNAVAILABLE, "the provider %.60s has failed too often and is left alone for %lld s",
         health->provider, seconds(change.left_us));
    return refuse(why, change.left_us);
}

static bool check_cooldown(struct provider_health *health, struct failure *why)
{
    char name[NAME_SIZE];
    struct cooldown cooldown;
    int64_t now_us = clock_wall_us();
    if (!health->own_key || now_us >= health->note.cool_until_us)
        return true;
    name_note(name, "cool", health->provider, health->model);
    if (!ledger_note(health->ledger, name, &cooldown, sizeof cooldown))
        return true;
    int64_t left_us = cooldown_left_us(&cooldown, now_us);
    if (!left_us)
        return true;
    fail(why, FAILURE_RATE_LIMIT, "the provider %.60s asks not to be asked for this model for %lld s",
         health->provider, seconds(left_us));
    return refuse(why, left_us);
}

void provider_health_look(struct provider_health *health)
{
    char name[NAME_SIZE];
    name_note(name, "provider", health->provider, health->base_url);
    health->probe = false;
    health->known = ledger_note(health->ledger, name, &health->note, sizeof health->note);
}

bool provider_health_allows(struct provider_health *health, bool again, struct failure *why)
{
    provider_health_look(health);
    if (!health->known)
        return true;
    return (again || check_cooldown(health, why)) && check_breaker(health, why);
}

bool provider_health_is_open(const struct provider_health *health)
{
    int64_t ignored;
    return health->known && !breaker_lets(&health->note.breaker, health->rules, clock_wall_us(), &ignored);
}

void provider_health_left(const struct provider_health *health, int64_t *open_us, int64_t *cool_us)
{
    int64_t now_us = clock_wall_us(), cool = health->note.cool_until_us - now_us;
    *open_us = 0;
    if (health->known && breaker_lets(&health->note.breaker, health->rules, now_us, open_us))
        *open_us = 0;
    *cool_us = health->known && cool > 0 ? cool : 0;
}

/* ---- results ---- */

/* There is no breaker to close, and no failure to count. */
static bool changes_nothing(const struct provider_health *health, enum breaker_news news)
{
    if (health->probe || news == BREAKER_FAILED)
        return false;
    return news != BREAKER_SERVED || !health->note.breaker.failures;
}

void provider_health_report(struct provider_health *health, enum breaker_news news)
{
    struct change change = {.news = news};
    if (!health->known || !health->rules->failures || changes_nothing(health, news))
        return;
    change_provider_note(health, hear, &change);
    health->probe = false;
}

void provider_health_start_cooldown(struct provider_health *health, int64_t delay_ms)
{
    char name[NAME_SIZE];
    struct cooldown cooldown;
    struct change change = {.delay_ms = delay_ms};
    if (!health->known || !health->own_key || delay_ms <= 0)
        return;
    change_provider_note(health, extend_cooling, &change);
    name_note(name, "cool", health->provider, health->model);
    health->known = health->known &&
                    ledger_note_change(health->ledger, name, &cooldown, sizeof cooldown, cool, &change);
}
