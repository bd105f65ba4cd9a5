/* Reads a response's stream as a client does, and checks that its events are consistent. */
#ifndef RESPONSES_KIT_H
#define RESPONSES_KIT_H

#include <stddef.h>

#include "format/json.h"

struct arena;

#define HEARD_MAX 4096

struct heard_event {
    const char *type;
    struct json_value data;
};

struct heard {
    struct arena *arena;
    size_t count;
    struct heard_event events[HEARD_MAX];
    const char *fault; /* what is wrong with the bytes; NULL: nothing */
};

/* Reads the events of a complete stream; they live as long as the arena. */
void heard_read(struct heard *heard, struct arena *arena, const char *bytes, size_t length);

/* The first breach of the protocol, or NULL. Checks that numbers and each item's events are in order, that
 * deltas add up to the done text, and that the last event has exactly the items that were done. */
const char *heard_fault(const struct heard *heard);

/* The types one after the other, without "response.", a run of the same one as "type*". */
const char *heard_types(const struct heard *heard);

/* The response in the last event. */
struct json_value heard_response(const struct heard *heard);

/* A value's text, with "#" for random parts (ids, times). */
const char *masked(struct arena *arena, struct json_value value);

#endif
