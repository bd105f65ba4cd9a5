/* Splits inputs and reports findings, for all harnesses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

struct input input_line(struct input *rest)
{
    const char *stop = rest->length ? memchr(rest->at, '\n', rest->length) : NULL;
    struct input line = {rest->at, stop ? (size_t)(stop - rest->at) : rest->length};
    size_t taken = stop ? line.length + 1 : line.length;
    rest->at += taken;
    rest->length -= taken;
    if (line.length && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

char *input_text(struct input input)
{
    char *text = malloc(input.length + 1);
    must(text, "there is memory");
    if (input.length)
        memcpy(text, input.at, input.length);
    text[input.length] = '\0';
    return text;
}
