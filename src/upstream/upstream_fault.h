/* libcurl's errors as our causes, each with a sentence that somebody can act on. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_FAULT_H
#define PENSTOCK_UPSTREAM_UPSTREAM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct tls_fault;

struct upstream_fault {
    int code;          /* CURLcode */
    long system_error; /* errno of the connection, 0 if none */
    const char *url;
    const char *words; /* libcurl's own, "" for none */
    const struct tls_fault *tls;
    bool begun; /* the answer had */
    int64_t connect_ms;
    size_t answer_max;
};

/* Always false, for `return upstream_explain(...)`. */
bool upstream_explain(const struct upstream_fault *fault, struct failure *why);

#endif
