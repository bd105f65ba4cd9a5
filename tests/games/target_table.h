/* One gateway's providers and aliases, drawn from dice: which targets fail, and how. */
#ifndef GAMES_TARGET_TABLE_H
#define GAMES_TARGET_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dice.h"

struct text;

enum target_fault {
    TARGET_WELL,
    TARGET_REFUSED,  /* no server listens */
    TARGET_500,      /* always */
    TARGET_500_ONCE, /* the first attempt of each request */
    TARGET_503,
    TARGET_429,       /* with a delay of half a second */
    TARGET_429_PLAIN, /* without a delay */
    TARGET_429_LONG,  /* with a delay of an hour */
    TARGET_RESET,     /* a TCP reset instead of an answer */
    TARGET_CLOSED,    /* the connection ends instead of an answer */
    TARGET_CUT,       /* the answer ends before its content */
    TARGET_CUT_LATE,  /* the answer ends after content; only behind an alias that holds it back */
    TARGET_SILENT,    /* no answer comes */
    TARGET_MUTE,      /* headers come, and no content */
    TARGET_KEY,       /* our key is refused: 401 */
    TARGET_KEY_403,
    TARGET_NO_MODEL, /* 404 */
    TARGET_NO_JSON,  /* 200 and a page */
    TARGET_EMPTY,    /* 200 and no choice */
    TARGET_ERROR_200,
    TARGET_MISTAKE, /* 400: the caller's mistake */
    TARGET_LONG,    /* 400: the prompt is too long */
    TARGET_FAULTS
};

#define PROVIDERS 4 /* p0 to p3; "gone" refuses */
#define ALIASES_MAX 6
#define TARGETS_EACH 6
#define TARGETS_MAX (ALIASES_MAX * TARGETS_EACH + PROVIDERS)

struct target_facts {
    enum target_fault fault;
    unsigned provider; /* PROVIDERS: "gone" */
    unsigned weight;   /* 0: none */
    bool larger;
    char model[32], name[48]; /* "503-7", "p1:503-7" */
};

struct alias_facts {
    size_t first, count; /* its targets */
    bool holds, weighted;
    bool has_well;    /* a target that answers */
    bool may_answer;  /* one that answers sometimes */
    bool has_mistake; /* one that finds the request at fault, so that the others are not asked */
};

struct target_table {
    bool plays_known;
    size_t alias_count, target_count;
    struct alias_facts aliases[ALIASES_MAX];
    struct target_facts targets[TARGETS_MAX];  /* the last PROVIDERS are the bystanders */
    unsigned seats, same_target, max_attempts; /* max_attempts 0: the default */
};

/* `plays_known`: with faults that are known to be mishandled. */
void target_table_draw(struct target_table *table, struct dice *dice, bool plays_known);

/* The settings of a gateway whose providers listen on `port`, and refuse on `refusing`. */
void target_table_settings(const struct target_table *table, unsigned port, unsigned refusing,
                           struct text *out);

/* In words, for a finding. */
void target_table_print_alias(const struct target_table *table, size_t alias, struct text *out);

/* The place of a target by provider and model; target_count: there is none. */
size_t target_table_find(const struct target_table *table, const char *provider, const char *model);

const char *target_fault_name(enum target_fault fault);

/* The plan that answers a request to the target; `hits`: requests of the same number that came here, with
 * this one. */
struct plan *target_answer(enum target_fault fault, bool stream, unsigned hits);

#endif
