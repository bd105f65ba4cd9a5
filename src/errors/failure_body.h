/* What the body of an error answer says, whatever its shape. */
#ifndef PENSTOCK_ERRORS_FAILURE_BODY_H
#define PENSTOCK_ERRORS_FAILURE_BODY_H

#include <stdint.h>

#include "base/failure.h"
#include "errors/failure_rules.h"
#include "format/json.h"

struct failure_body {
    struct failure_evidence evidence;  /* status and provider are the caller's to fill in */
    char sentence[EVIDENCE_TEXT_SIZE]; /* the main one, as it stands; "" for none */
    char type[FAILURE_WORD_SIZE], param[FAILURE_WORD_SIZE], code[FAILURE_WORD_SIZE];
    int status;       /* that it names itself, 0 if none */
    int64_t delay_ms; /* that it names itself, -1 if none */
};

/* Reads JSON of any known shape, a page of HTML, XML or plain text; fills everything but the evidence's
 * status and provider. */
void failure_body_read(struct failure_body *result, struct json_value body);

#endif
