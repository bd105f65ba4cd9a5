/* Lists and lifts the breakers and cool-downs that the ledger notes. */
#include "ledger/health_list.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ledger/breaker.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_query.h"
#include "ledger/provider_health.h"

struct listing {
    struct breaker_view view;
    bool forget;
    const char *provider, *model;
    void (*visit)(void *context, const struct health_item *item);
    void *context;
};

/* A note of another version of the program has another size, and counts as empty. */
static void copy_note(void *note, size_t size, const void *bytes, size_t length)
{
    memset(note, 0, size);
    if (length == size)
        memcpy(note, bytes, size);
}

static void read_breaker(struct health_item *item, const struct breaker *breaker,
                         const struct breaker_view *view)
{
    item->failures = breaker->failures;
    item->open = !breaker_lets(breaker, view, &item->left_us);
}

static void read_note(struct health_item *item, const struct breaker_view *view, const void *bytes,
                      size_t size)
{
    struct provider_note provider;
    struct model_note model;
    struct cooldown cooldown;
    switch (item->kind) {
    case HEALTH_PROVIDER:
        copy_note(&provider, sizeof provider, bytes, size);
        read_breaker(item, &provider.breaker, view);
        break;
    case HEALTH_MODEL:
        copy_note(&model, sizeof model, bytes, size);
        read_breaker(item, &model.breaker, view);
        break;
    case HEALTH_COOLDOWN:
        copy_note(&cooldown, sizeof cooldown, bytes, size);
        item->open = !cooldown_lets(&cooldown, view, &item->left_us);
    }
}

static bool take_note(void *context, const char *name, const void *bytes, size_t size)
{
    const struct listing *listing = context;
    struct health_item item = {0};
    const char *provider, *model;
    size_t provider_length, model_length;
    if (!health_name_kind(name, &item.kind) || strlen(name) >= HEALTH_NAME_SIZE ||
        !health_name_matches(name, listing->provider, listing->model))
        return false;
    health_name_parts(name, &provider, &provider_length, &model, &model_length);
    snprintf(item.provider, sizeof item.provider, "%.*s", (int)provider_length, provider);
    snprintf(item.model, sizeof item.model, "%.*s", (int)model_length, model);
    read_note(&item, &listing->view, bytes, size);
    if (item.open || (item.failures && !listing->forget))
        listing->visit(listing->context, &item);
    return listing->forget;
}

static bool walk(struct ledger *ledger, struct listing *listing, const struct breaker_settings *rules)
{
    listing->view = (struct breaker_view){rules, &ledger->own, clock_wall_us()};
    return ledger_notes_walk(ledger, take_note, listing);
}

bool health_list(struct ledger *ledger, const struct breaker_settings *rules,
                 void (*visit)(void *context, const struct health_item *item), void *context)
{
    struct listing listing = {.visit = visit, .context = context};
    return walk(ledger, &listing, rules);
}

bool health_forget(struct ledger *ledger, const struct breaker_settings *rules, const char *provider,
                   const char *model, void (*visit)(void *context, const struct health_item *item),
                   void *context)
{
    struct listing listing = {
        .forget = true, .provider = provider, .model = model, .visit = visit, .context = context};
    return walk(ledger, &listing, rules);
}
