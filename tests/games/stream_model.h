/* What becomes of a stream, by the contract alone. */
#ifndef GAMES_STREAM_MODEL_H
#define GAMES_STREAM_MODEL_H

#include <stdbool.h>

#include "stream_scenario.h"

enum stream_outcome {
    STREAM_COMPLETE,
    STREAM_CUT,     /* reason upstream_cut */
    STREAM_TIMEOUT, /* reason timeout */
    STREAM_BAD,     /* reason bad_response */
    STREAM_FAILED   /* the provider's error */
};

struct stream_verdict {
    enum stream_outcome outcome;
    bool open;       /* rules leave open whether it is complete */
    bool begun;      /* its client has seen content before */
    bool half_begun; /* its client may have seen a finish_reason, but no content */
    bool moves_on;   /* with a second target, that one answers */
    bool may_move_on;
    int status;         /* where nothing has begun */
    const char *reason; /* NULL: any; of the failure */
    /* What the client must have seen, decoded; choice by choice. */
    char content[CHOICES_MAX][400], reasoning[CHOICES_MAX][400], calls[2][64];
    struct stream_counts counts; /* the provider's; 0: none, -1: no statement */
    unsigned usage_frames;       /* that came before the end */
};

void stream_judge(const struct stream_scenario *scenario, struct stream_verdict *verdict);

/* JSON text as characters. */
void stream_decode(const char *json, char *words, size_t size);

#endif
