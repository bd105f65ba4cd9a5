/* A client and a provider that both speak the Responses API. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_NATIVE_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_NATIVE_H

#include "protocol/answer_writer.h"

struct arena;

/* Opens the state of `protocol_responses` (protocol.h), which must be opened anew for each attempt. */
void responses_native_open(struct answer_writer *writer, struct arena *arena);

#endif
