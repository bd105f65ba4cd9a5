/* The stage of one case: a folder, a fake provider with a script, and a gateway started in one of three
 * ways. */
#ifndef CASES_STAGE_H
#define CASES_STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "../kit/text.h"
#include "case.h"

struct answer;
struct talk;
struct variables;

struct programs {
    const char *penstock, *provider;
    const char *under; /* words that come before the gateway's command ("valgrind -q"), or NULL */
};

struct stage {
    const struct programs *programs;
    const struct test_case *test;
    enum way way;
    char *folder;
    unsigned port, refused;
    int refusing, listener, errors; /* descriptors */
    pid_t provider, gateway;
    const struct answer *answer; /* the last one heard, for ${heard NAME}; NULL: none yet */
    int line;                    /* of the part that is being compared, for ${said} */
    struct text complaints;      /* failures, a line each */
};

/* The provider's key in every case, unless its settings say otherwise. */
#define PROVIDER_KEY "sk-of-the-provider"

void stage_open(struct stage *stage, const struct programs *programs, const struct test_case *test,
                enum way way);

/* Sends one request in the stage's way. */
void stage_ask(struct stage *stage, struct talk *talk, struct variables *request, const struct text *body);

/* A counter of the provider's /_state. */
long stage_provider_counts(const struct stage *stage, const char *name);

/* Ends gateway and provider; reports a gateway that does not exit properly. */
void stage_close_programs(struct stage *stage);

/* Removes the folder. */
void stage_clear(struct stage *stage);

/* A path in the folder; freed with free(). */
char *stage_path(const struct stage *stage, const char *name);

/* Reports a failure in one line. */
void complain(struct stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ${port}, ${refused}, ${folder}, ${said}, ${heard NAME}; `context` is the stage. */
bool stage_lookup(void *context, const char *name, struct text *value);

#endif
