/* The prices of models, and the cost of one request.
 *
 * Budgets depend on the cost. Where a provider's counts are incomplete or contradict each other, the cost
 * follows what the provider bills: reasoning tokens that are in the total but not in the completion count as
 * output, and tokens read from a cache cost the cache's price. */
#include "usage/price.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/pattern.h"
#include "format/decimal.h"
#include "usage/price_file.h"
#include "usage/token_usage.h"

#define WARNED_MAX 64
#define NAME_MAX 600
#define COST_UNIT 1000000000 /* of a USD */

enum { OWN, INSTALLED, FILES };

struct prices {
    const char *paths[FILES];
    struct price_file files[FILES];
    bool read;
    uint64_t warned[WARNED_MAX]; /* hashes of the models without a price that were logged */
    size_t warned_count;
};

struct prices *prices_create(const char *own, const char *installed)
{
    struct prices *prices = memory_alloc(1, sizeof *prices);
    prices->paths[OWN] = own;
    prices->paths[INSTALLED] = installed;
    return prices;
}

void prices_free(struct prices *prices)
{
    if (!prices)
        return;
    for (size_t i = 0; i < FILES; i++)
        price_file_free(&prices->files[i]);
    free(prices);
}

static void log_mistake(void *context, const struct failure *why)
{
    (void)context;
    log_warning("%s", why->message);
}

void prices_read(struct prices *prices)
{
    if (prices->read)
        return;
    prices->read = true;
    for (size_t i = 0; i < FILES; i++) {
        const char *path = prices->paths[i];
        if (!path || !*path || price_file_read(&prices->files[i], path, log_mistake, NULL))
            continue;
        bool removed = i == INSTALLED && errno == ENOENT; /* by an administrator who wants no costs */
        (removed ? log_debug : log_warning)("cannot read the prices in %s: %s", path, strerror(errno));
    }
}

/* ---- the best row for a model ---- */

struct lookup {
    const char *provider, *preset, *model;
    char undated[NAME_MAX]; /* the model without its date; "" if it has none */
};

/* Removes a date from the end of the name: -2024-08-06, -20240806, @20240806 or -latest. */
static void remove_date(const char *model, char undated[static NAME_MAX])
{
    static const char *const ends[] = {"-####-##-##", "-########", "@########", "-latest"};
    size_t length = strlen(model);
    *undated = '\0';
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen(ends[i]);
        if (size >= length || length - size >= NAME_MAX)
            continue;
        const char *tail = model + length - size;
        size_t same = 0;
        while (same < size &&
               (ends[i][same] == '#' ? tail[same] >= '0' && tail[same] <= '9' : tail[same] == ends[i][same]))
            same++;
        if (same == size) {
            snprintf(undated, NAME_MAX, "%.*s", (int)(length - size), model);
            return;
        }
    }
}

enum { PROVIDER_OTHER, PROVIDER_ANY, PROVIDER_PRESET, PROVIDER_NAME };
enum { MODEL_OTHER, MODEL_PATTERN, MODEL_UNDATED, MODEL_EXACT };

static unsigned provider_rank(const struct price_row *row, const struct lookup *lookup)
{
    if (strcmp(row->provider, lookup->provider) == 0)
        return PROVIDER_NAME;
    if (lookup->preset && strcmp(row->provider, lookup->preset) == 0)
        return PROVIDER_PRESET;
    return strcmp(row->provider, "*") == 0 ? PROVIDER_ANY : PROVIDER_OTHER;
}

static unsigned model_rank(const struct price_row *row, const struct lookup *lookup)
{
    if (strcmp(row->model, lookup->model) == 0)
        return MODEL_EXACT;
    if (*lookup->undated && strcmp(row->model, lookup->undated) == 0)
        return MODEL_UNDATED;
    bool matches = strchr(row->model, '*') &&
                   (pattern_matches(row->model, lookup->model) ||
                    (*lookup->undated && pattern_matches(row->model, lookup->undated)));
    return matches ? MODEL_PATTERN : MODEL_OTHER;
}

/* 0: the row is for another model. Of two patterns the longer one is more specific. */
static size_t rank(const struct price_row *row, const struct lookup *lookup)
{
    unsigned provider = provider_rank(row, lookup);
    unsigned model = provider == PROVIDER_OTHER ? MODEL_OTHER : model_rank(row, lookup);
    return model == MODEL_OTHER ? 0 : ((size_t)provider << 2 | model) << 24 | strlen(row->model);
}

static const struct price_row *best_row(const struct price_file *file, const struct lookup *lookup)
{
    const struct price_row *best = NULL;
    size_t highest = 0;
    for (size_t i = 0; i < file->count; i++) {
        size_t row_rank = rank(&file->rows[i], lookup);
        if (row_rank > highest) {
            highest = row_rank;
            best = &file->rows[i];
        }
    }
    return best;
}

/* FNV-1a. A collision only suppresses one warning. */
static uint64_t hash(uint64_t sum, const char *text)
{
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 1099511628211u;
    return sum * 31;
}

static void warn_once(struct prices *prices, const struct lookup *lookup)
{
    uint64_t model_hash = hash(hash(14695981039346656037u, lookup->provider), lookup->model);
    for (size_t i = 0; i < prices->warned_count; i++)
        if (prices->warned[i] == model_hash)
            return;
    if (prices->warned_count == WARNED_MAX) /* clients choose the names: do not let them fill the log */
        return;
    prices->warned[prices->warned_count++] = model_hash;
    log_warning("no price for %.200s at %s: its cost is not counted", lookup->model, lookup->provider);
}

bool price_look_up(struct prices *prices, const char *provider, const char *preset, const char *model,
                   struct price *price)
{
    struct lookup lookup = {.provider = provider, .preset = preset, .model = model};
    remove_date(model, lookup.undated);
    prices_read(prices);
    for (size_t i = 0; i < FILES; i++) {
        const struct price_row *row = best_row(&prices->files[i], &lookup);
        if (row) {
            *price = row->price;
            return true;
        }
    }
    return false;
}

bool price_find(struct prices *prices, const char *provider, const char *preset, const char *model,
                struct price *price)
{
    struct lookup lookup = {.provider = provider, .model = model};
    if (price_look_up(prices, provider, preset, model, price))
        return true;
    warn_once(prices, &lookup);
    return false;
}

bool price_knows_provider(struct prices *prices, const char *provider, const char *preset)
{
    struct lookup lookup = {.provider = provider, .preset = preset};
    prices_read(prices);
    for (size_t i = 0; i < FILES; i++)
        for (size_t k = 0; k < prices->files[i].count; k++)
            if (provider_rank(&prices->files[i].rows[k], &lookup) != PROVIDER_OTHER)
                return true;
    return false;
}

/* ---- the cost ---- */

#define TOKENS_MAX INT64_C(1000000000) /* no product below overflows */
#define MILLION 1000000

/* Money in billionths of a USD, and the millionths of a billionth that are left over. Prices are decimal
 * fractions, which a double does not hold exactly, so they become integers first. */
struct amount {
    int64_t whole, rest;
};

static void add_tokens(struct amount *amount, int64_t tokens, double price)
{
    int64_t per_million = round_nearest(max_double(price, 0) * COST_UNIT);
    amount->whole += tokens * (per_million / MILLION);
    amount->rest += tokens * (per_million % MILLION);
}

int64_t price_of_tokens(double price, int64_t tokens)
{
    struct amount amount = {0};
    add_tokens(&amount, min_int64(max_int64(tokens, 0), TOKENS_MAX), price);
    return amount.whole + (amount.rest + MILLION - 1) / MILLION;
}

static int64_t known_or_0(int64_t tokens)
{
    return max_int64(tokens, 0);
}

/* The tokens billed as output. Some providers do not count reasoning in the completion (xAI, Gemini): then it
 * is the larger of the two, or the total includes it. */
static int64_t output_tokens(const struct token_usage *usage)
{
    int64_t completion = known_or_0(usage->completion), reasoning = known_or_0(usage->reasoning);
    int64_t rest = known_or_0(usage->total) - known_or_0(usage->prompt) - completion;
    if (reasoning > completion)
        return completion + reasoning;
    return rest > 0 ? completion + rest : completion;
}

static bool is_plausible(const struct token_usage *usage)
{
    int64_t largest = max_int64(max_int64(usage->prompt, usage->completion),
                                max_int64(usage->total, usage->reasoning));
    return max_int64(largest, max_int64(usage->cached, usage->cache_write)) <= TOKENS_MAX / 2;
}

int64_t price_cost(const struct price *price, const struct token_usage *counts)
{
    struct amount amount = {0};
    struct token_usage usage = *counts;
    bool has_counts = usage.completion >= 0 || usage.total >= 0; /* embeddings have no completion */
    if (usage.source == USAGE_NONE || usage.prompt < 0 || !has_counts || !is_plausible(&usage))
        return COST_UNKNOWN;
    token_usage_reconcile(&usage, 0);
    int64_t cached = known_or_0(usage.cached), written = known_or_0(usage.cache_write);
    add_tokens(&amount, usage.prompt - cached - written, price->input);
    add_tokens(&amount, cached, price->cached >= 0 ? price->cached : price->input);
    add_tokens(&amount, written, price->cache_write >= 0 ? price->cache_write : price->input);
    add_tokens(&amount, output_tokens(&usage), price->output);
    return amount.whole + (amount.rest + MILLION / 2) / MILLION;
}

void cost_format(int64_t cost, char text[static COST_TEXT_SIZE])
{
    size_t length = decimal_write(cost / COST_UNIT, text);
    int64_t rest = cost % COST_UNIT;
    if (rest)
        text[length++] = '.';
    for (int64_t place = COST_UNIT / 10; rest; rest %= place, place /= 10)
        text[length++] = (char)('0' + rest / place);
    text[length] = '\0';
}
