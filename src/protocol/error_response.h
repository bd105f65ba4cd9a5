/* The one error body (contract, section 4): what a failed request looks like to its client. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

struct failure;
struct heading;
struct json_writer;
struct reply;

/* What stands beside "error" for clients of older systems. */
enum refusal_detail {
    DETAIL_NONE,
    DETAIL_FIELDS,  /* the six fields of NeMo Gym's inference provider */
    DETAIL_SENTENCE /* the message, as the run gateway's own API has it */
};

/* What is known of the request besides its failure; NULL where nothing is. */
struct refusal {
    const struct failure *failure;
    const char *provider, *base_url, *model, *request_id;
    size_t attempts;
    struct secrets secrets; /* not to be seen in it */
    int auth_status;        /* instead of a provider's own 401 and 403; 0: those */
    enum refusal_detail detail;
};

/* Puts the member "error" with its whole object, and "detail" where it is wanted. */
void refusal_put(struct json_writer *writer, const struct refusal *refusal);

/* Answers with status, headers and body, those of `heading` (NULL: none) last, for a provider may send many;
 * what reply_header() has added before goes along. Not once an answer has begun. */
void refusal_send(struct reply *reply, const struct refusal *refusal, const struct heading *heading);

#endif
