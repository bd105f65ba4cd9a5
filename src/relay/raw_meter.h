/* Measures an answer that passes raw: the usage in its events, and the length of its text. */
#ifndef PENSTOCK_RELAY_RAW_METER_H
#define PENSTOCK_RELAY_RAW_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/sse.h"
#include "usage/token_usage.h"

enum raw_kind { RAW_OTHER, RAW_TEXT, RAW_EVENTS };

struct raw_meter {
    enum raw_kind kind;
    struct sse_parser parser;
    struct token_usage usage;
    int64_t characters; /* code points of text; sound and pictures have none */
    bool finished;      /* the last event said that the answer is complete */
};

/* `type` is the Content-Type of the answer, NULL if there is none. */
void raw_meter_open(struct raw_meter *meter, const char *type, size_t event_max);
void raw_meter_close(struct raw_meter *meter);

/* Reads the next bytes of the answer. */
void raw_meter_take(struct raw_meter *meter, const char *bytes, size_t length);

#endif
