/* One request of the money game: who asks for what, and what the provider generates and says of it. */
#ifndef GAMES_MONEY_REQUEST_H
#define GAMES_MONEY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dice.h"

struct text;

#define MONEY_MARK "number-"
#define MONEY_CLIENTS 24
#define FIRST_PATIENT 16 /* clients that never leave, to the last one */
#define LAST_PATIENT 21
#define MONEY_WORD "letters " /* a token: an estimate by four letters counts at least as many */
#define FORM_BYTES 300        /* of a token of sound */
#define FRAME_TOKENS 5        /* of a stream's frame */
#define NO_MAX_TOKENS 120     /* that every answer has whose request states no maximum */
#define IMAGE_TOKENS 400      /* of each picture that is made */
#define PICTURE_TOKENS 900    /* of each picture that is sent */
#define ATTACHMENT_MOST 50000

enum money_route {
    MONEY_CHAT,
    MONEY_RESPONSES,
    MONEY_COMPLETIONS,
    MONEY_EMBEDDINGS,
    MONEY_IMAGES,
    MONEY_FORM,
    MONEY_ROUTES
};

/* How the request states its maximum. */
enum money_bound {
    BOUND_NUMBER,
    BOUND_NEW_NAME, /* max_completion_tokens */
    BOUND_BOTH,     /* two that differ: the larger counts */
    BOUND_FLOAT,
    BOUND_POWER, /* 2e2 */
    BOUND_TEXT,
    BOUND_NONE,
    BOUND_TWICE,  /* to be refused */
    BOUND_FOLDED, /* to be refused */
    BOUNDS
};

/* What the provider says of the tokens. */
enum money_usage {
    USAGE_WHOLE,
    USAGE_FLOATS,
    USAGE_LATE, /* a stream's, some time after its end; else whole */
    USAGE_ABSENT,
    USAGE_NULL,
    USAGE_BARE, /* {} */
    USAGE_HALF, /* one of two counts */
    USAGE_ZEROS,
    USAGES
};

enum money_fate {
    FATE_WELL,
    FATE_ERROR_200,   /* an error under 200, with usage */
    FATE_CUT,         /* the answer breaks off in its middle */
    FATE_500,         /* fails, without tokens */
    FATE_LEAVES,      /* the client leaves in the middle */
    FATE_LEAVES_LAST, /* the client leaves after the finish and before the usage, which is late */
    FATES
};

struct money_request {
    enum money_route route;
    enum money_bound bound;
    enum money_usage usage;
    enum money_fate fate;
    unsigned client, model; /* places */
    bool stream;
    unsigned n, n_form; /* n_form 0: absent, 1: a number, 2: a float, 3: a text */
    long maximum;       /* of one choice; -1: none */
    unsigned words, pictures;
    long prompt, completion; /* what the provider counts */
    unsigned gap_ms;         /* between frames; before a document */
};

struct money_model {
    const char *name;
    long input, output; /* billionths of a USD a token */
};
extern const struct money_model money_models[4];

/* Plays what is known to go wrong, too. */
extern bool money_plays_known;

void money_request_draw(struct money_request *request, struct dice *dice);
const char *money_request_url(const struct money_request *request);

/* The type of its body; NULL: JSON. */
const char *money_request_type(const struct money_request *request);
void money_request_body(const struct money_request *request, long number, struct text *body);

/* True if the provider says in numbers what it has used. */
bool money_has_counts(const struct money_request *request);

/* How many frames of content a stream has. */
unsigned money_request_frames(const struct money_request *request);

/* True if the gateway must refuse it, whatever is left. */
bool money_request_is_bad(const struct money_request *request);

/* Money that so many tokens cost, in billionths of a USD. */
int64_t money_cost(unsigned model, long prompt, long completion);

/* The most that a careful reader of the request may set aside; -1: there is no bound. */
int64_t money_request_most(const struct money_request *request, size_t body_length);

/* The prices of the models, as a file of prices. */
void money_prices(struct text *out);

#endif
