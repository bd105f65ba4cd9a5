/* What tokens cost: the table of prices, and the sum for one request.
 *
 * Who pays hangs on this, so what providers leave unsaid or say with contradictions is reckoned to the side
 * of what they bill: tokens of reasoning that are in the total but not in the completion are output, and what
 * was read from a cache is never more than what it costs there. */
#include "usage/price.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/pattern.h"
#include "usage/price_file.h"
#include "usage/token_usage.h"

#define SAID_MAX 64
#define NAME_MAX 600
#define COST_UNIT 1000000000 /* of a USD */

enum { OWN, INSTALLED, FILES };

struct prices {
    const char *paths[FILES];
    struct price_file files[FILES];
    bool read;
    uint64_t said[SAID_MAX]; /* models without a price that were named already */
    size_t said_count;
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
        bool chosen = i == INSTALLED && errno == ENOENT; /* whoever wants no costs takes the file away */
        (chosen ? log_debug : log_warning)("cannot read the prices in %s: %s", path, strerror(errno));
    }
}

/* ---- the row that fits best ---- */

struct wanted {
    const char *provider, *preset, *model;
    char undated[NAME_MAX]; /* "": the name has no date */
};

/* Dates as they stand at the end of names: -2024-08-06, -20240806, @20240806, and the word for the newest. */
static void leave_date_out(const char *model, char undated[static NAME_MAX])
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

enum { FOR_NOBODY, FOR_ALL, FOR_PRESET, FOR_PROVIDER };
enum { FITS_NOT, FITS_PATTERN, FITS_UNDATED, FITS_EXACTLY };

static unsigned provider_rank(const struct price_row *row, const struct wanted *wanted)
{
    if (strcmp(row->provider, wanted->provider) == 0)
        return FOR_PROVIDER;
    if (wanted->preset && strcmp(row->provider, wanted->preset) == 0)
        return FOR_PRESET;
    return strcmp(row->provider, "*") == 0 ? FOR_ALL : FOR_NOBODY;
}

static unsigned model_rank(const struct price_row *row, const struct wanted *wanted)
{
    if (strcmp(row->model, wanted->model) == 0)
        return FITS_EXACTLY;
    if (*wanted->undated && strcmp(row->model, wanted->undated) == 0)
        return FITS_UNDATED;
    bool fits = strchr(row->model, '*') &&
                (pattern_matches(row->model, wanted->model) ||
                 (*wanted->undated && pattern_matches(row->model, wanted->undated)));
    return fits ? FITS_PATTERN : FITS_NOT;
}

/* 0: does not fit at all. Of two patterns the longer one says more. */
static size_t rank(const struct price_row *row, const struct wanted *wanted)
{
    unsigned provider = provider_rank(row, wanted);
    unsigned model = provider == FOR_NOBODY ? FITS_NOT : model_rank(row, wanted);
    return model == FITS_NOT ? 0 : ((size_t)provider << 2 | model) << 24 | strlen(row->model);
}

static const struct price_row *best_row(const struct price_file *file, const struct wanted *wanted)
{
    const struct price_row *best = NULL;
    size_t highest = 0;
    for (size_t i = 0; i < file->count; i++) {
        size_t here = rank(&file->rows[i], wanted);
        if (here > highest) {
            highest = here;
            best = &file->rows[i];
        }
    }
    return best;
}

/* FNV-1a: a collision would keep one line out of a log. */
static uint64_t digest(uint64_t sum, const char *text)
{
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 1099511628211u;
    return sum * 31;
}

static void say_once(struct prices *prices, const struct wanted *wanted)
{
    uint64_t mark = digest(digest(14695981039346656037u, wanted->provider), wanted->model);
    for (size_t i = 0; i < prices->said_count; i++)
        if (prices->said[i] == mark)
            return;
    if (prices->said_count == SAID_MAX) /* clients choose models' names: the log must not be theirs to fill */
        return;
    prices->said[prices->said_count++] = mark;
    log_warning("no price is known for %.200s at %s: what it costs is not counted", wanted->model,
                wanted->provider);
}

bool price_find(struct prices *prices, const char *provider, const char *preset, const char *model,
                struct price *price)
{
    struct wanted wanted = {.provider = provider, .preset = preset, .model = model};
    leave_date_out(model, wanted.undated);
    prices_read(prices);
    for (size_t i = 0; i < FILES; i++) {
        const struct price_row *row = best_row(&prices->files[i], &wanted);
        if (row) {
            *price = row->price;
            return true;
        }
    }
    say_once(prices, &wanted);
    return false;
}

/* ---- the sum ---- */

static double known(int64_t tokens)
{
    return tokens > 0 ? (double)tokens : 0;
}

/* What is billed as output. Some count reasoning apart from the completion (xAI, Gemini): either it is the
 * larger of the two, or the total has it. Where more was cached than there was prompt, the total tells
 * nothing. */
static double output_tokens(const struct token_usage *usage)
{
    double completion = known(usage->completion), reasoning = known(usage->reasoning);
    double rest = known(usage->total) - known(usage->prompt) - completion;
    if (reasoning > completion)
        return completion + reasoning;
    return rest > 0 && usage->cached <= usage->prompt ? completion + rest : completion;
}

int64_t price_cost(const struct price *price, const struct token_usage *usage)
{
    bool counted = usage->completion >= 0 || usage->total >= 0; /* embeddings have no completion */
    if (usage->source == USAGE_NONE || usage->prompt < 0 || !counted)
        return COST_UNKNOWN;
    double cached = known(usage->cached), written = known(usage->cache_write);
    double plain = known(usage->prompt) - cached - written;
    double cost = (plain > 0 ? plain : 0) * price->input +
                  cached * (price->cached >= 0 ? price->cached : price->input) +
                  written * (price->cache_write >= 0 ? price->cache_write : price->input) +
                  output_tokens(usage) * price->output;
    cost *= COST_UNIT / 1e6;
    return cost < 9e18 ? round_nearest(cost) : COST_UNKNOWN;
}

void cost_format(int64_t cost, char text[static COST_TEXT_SIZE])
{
    int length = snprintf(text, COST_TEXT_SIZE, "%" PRId64 ".%09" PRId64, cost / COST_UNIT, cost % COST_UNIT);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[length - 1] = '\0';
}
