/* Estimates the cost of a request before it is sent. */
#ifndef PENSTOCK_PROVIDER_COST_ESTIMATE_H
#define PENSTOCK_PROVIDER_COST_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/api.h"
#include "format/json.h"
#include "usage/answer_estimate.h"

struct arena;
struct price;
struct prices;
struct settings;
struct target;

struct cost_question {
    const struct settings *settings;
    struct prices *prices;
    struct arena *arena;
    const struct target *target;
    enum request_shape shape;
    enum api client;        /* the API of the request; API_COUNT: another one */
    struct json_value body; /* absent for a form */
    int64_t length;         /* bytes of the body; -1: not known */
    int64_t form_answers;   /* the number of answers that a form asks for */
};

/* Money in billionths of a USD. What no text and no number of the request bounds is counted, and reckoned by
 * the ledger, which knows what the model has had before. */
struct cost_estimate {
    int64_t prompt_tokens;     /* estimated, without what is counted below */
    int64_t prompt_cost;       /* upper bound, without what is counted below; 0: no price is known */
    int64_t prompt_token_cost; /* cost of one token */
    int64_t plain_tokens;      /* what an estimate of the prompt would count besides the attachments */
    int64_t attachments;       /* pictures and files that are named by URL or id, or sent as a large form */
    int64_t hidden_tokens;     /* for what the provider adds to the prompt; 0: it adds nothing */
    int64_t completion_cost;   /* cost of one token */
    int64_t completion_max;    /* in tokens; -1: the request sets no bound */
    int64_t completion_usual;  /* of one answer without a bound; 0: not known */
    int64_t answers;           /* the number of answers that it asks for */
};

/* Estimates a request. If an alias has several targets, the most expensive one counts. */
struct cost_estimate cost_estimate_make(const struct cost_question *question);

/* Finds the price of the target's model. Returns false if it is not known. */
bool cost_find_price(struct prices *prices, const struct target *target, struct price *price);

#endif
