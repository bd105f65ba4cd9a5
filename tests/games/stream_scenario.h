/* One stream of a provider, as frames and faults: drawn from dice, written as bytes, shrunk frame by frame.
 */
#ifndef GAMES_STREAM_SCENARIO_H
#define GAMES_STREAM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dice.h"

struct plan;
struct text;

#define FRAMES_MAX 40
#define CHOICES_MAX 3

enum frame_kind {
    FRAME_ROLE,
    FRAME_CONTENT,
    FRAME_REASONING,
    FRAME_CALL,      /* a piece of a tool call */
    FRAME_FINISH,    /* a finish_reason alone */
    FRAME_LAST,      /* content and a true finish_reason */
    FRAME_USAGE,     /* the counts */
    FRAME_NO_CHOICE, /* choices: [] and nothing else */
    FRAME_COMMENT,
    FRAME_FIELDS,  /* event:, id: and retry: without data */
    FRAME_GARBAGE, /* data that is no JSON */
    FRAME_ERROR,
    FRAME_BASE_RESP, /* MiniMax's error */
    FRAME_DONE,
    FRAME_KINDS
};

struct frame {
    uint8_t kind, choice, variant;
    uint8_t style;     /* enum frame_style */
    uint16_t pause_ms; /* before it */
};

/* How a frame is written; each means the same. */
enum frame_style {
    STYLE_PLAIN,
    STYLE_NO_BLANK,  /* data:{...} */
    STYLE_EVENT,     /* an event: line before */
    STYLE_ID,        /* an id: line behind */
    STYLE_TWO_LINES, /* the data in two lines */
    STYLE_USAGE,     /* usage: null in each chunk */
    STYLE_COUNTED,   /* the chunk counts the tokens so far */
    STYLES
};

enum stream_stop { STOP_END, STOP_CLOSE, STOP_RESET, STOP_SILENCE };

/* Plain data: the provider's process reads it from shared memory. */
struct stream_scenario {
    bool responses;   /* requested through /v1/responses */
    bool alias;       /* a second target would answer well */
    bool held;        /* the alias holds all of the answer back */
    bool undelimited; /* neither chunks nor a length: its end is that of the connection */
    bool one_index;   /* all tool calls bear index 0 */
    bool wants_usage; /* stream_options.include_usage */
    bool json;        /* the same answer as one JSON document */
    bool mark;        /* a byte order mark comes first */
    uint8_t choices;  /* `n` of the request */
    uint8_t line_end; /* 0: LF, 1: CRLF, 2: CR */
    uint8_t stop;     /* enum stream_stop */
    uint8_t cut;      /* hundredths of the last frame that are not sent; a document's, where it is one */
    uint32_t split;   /* seed of the borders between writes; 0: a write for each frame */
    uint8_t count;
    struct frame frames[FRAMES_MAX];
};

/* Facts about frames, for generator and model alike. */
extern const char *const stream_texts[8];     /* JSON text of content, by variant */
extern const char *const stream_finishes[16]; /* finish_reasons: the first 8 are ends, the others are none */
#define FINISH_ENDS 8
#define ERROR_VARIANTS 8
#define BASE_RESP_VARIANTS 4

/* Pieces of tool calls by variant: first of call 0, its arguments, first of call 1, its arguments. */
extern const char *const stream_arguments[8];

struct stream_counts {
    long prompt, completion;
};

/* The counts of a usage frame; zeros where it has none. */
struct stream_counts stream_counts_of(const struct frame *frame);

/* True if the chunk counts the tokens so far. */
bool stream_frame_counts(const struct frame *frame);

void stream_scenario_draw(struct stream_scenario *scenario, struct dice *dice);

/* The plan that plays it. */
struct plan *stream_scenario_plan(const struct stream_scenario *scenario);

/* What "upstream says" in a case file. */
void stream_scenario_print(const struct stream_scenario *scenario, struct text *out);

/* The request's body; `mark` stands in its text. */
void stream_scenario_request(const struct stream_scenario *scenario, const char *mark, struct text *body);

#endif
