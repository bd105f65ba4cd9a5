/* Reads and writes the headers traceparent and tracestate (W3C Trace Context). */
#ifndef PENSTOCK_FORMAT_TRACE_CONTEXT_H
#define PENSTOCK_FORMAT_TRACE_CONTEXT_H

#include <stdbool.h>

#include "base/base.h"

#define TRACE_ID_LENGTH 32
#define SPAN_ID_LENGTH 16
#define TRACEPARENT_SIZE 56

struct trace_context {
    char trace_id[TRACE_ID_LENGTH + 1]; /* "": the request has no trace */
    char parent_id[SPAN_ID_LENGTH + 1]; /* the span of the sender */
    char span_id[SPAN_ID_LENGTH + 1];   /* a span of our own, below that of the sender */
    unsigned flags;
};

/* Reads traceparent (3.2) and makes up a span of our own. Returns false if the text is malformed, which
 * counts as absent; later versions may have more fields. */
bool trace_context_read(struct trace_context *trace, const char *traceparent);

/* Writes the traceparent that goes on to the next server. */
void trace_context_write(const struct trace_context *trace, char text[static TRACEPARENT_SIZE]);

/* True if tracestate (3.3) can be passed on unchanged. */
bool trace_state_is_valid(const char *tracestate) MUST_CHECK;

#endif
