/* The interface of every harness, and how it reports a finding. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes one input; returns 0. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Reports a finding if `holds` is false: ends the program with `what` on standard error. */
void must(bool holds, const char *what);

/* The rest of an input that is read from its front. */
struct input {
    const char *at;
    size_t length;
};

/* The next line without its end, taken off the front; an empty one at the end of the input too. */
struct input input_line(struct input *rest);

/* A NUL-terminated copy, to be freed; what follows a NUL in it is lost. */
char *input_text(struct input input);

#endif
