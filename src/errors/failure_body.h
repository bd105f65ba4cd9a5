/* Reads the body of a provider's error answer, whatever its format. */
#ifndef PENSTOCK_ERRORS_FAILURE_BODY_H
#define PENSTOCK_ERRORS_FAILURE_BODY_H

#include <stdint.h>

#include "base/failure.h"
#include "errors/failure_judge.h"
#include "format/json.h"

struct failure_body {
    struct failure_evidence evidence;  /* the caller sets status and provider */
    char sentence[EVIDENCE_TEXT_SIZE]; /* the message, unchanged; "": no message */
    char type[FAILURE_WORD_SIZE], param[FAILURE_WORD_SIZE], code[FAILURE_WORD_SIZE];
    int status;       /* the status that the body names; 0: none */
    int64_t delay_ms; /* the delay that the body names; DELAY_UNKNOWN: none */
};

/* Reads JSON of any known shape, a page of HTML or XML, or plain text. Fills all but the evidence's status
 * and provider. */
void failure_body_read(struct failure_body *result, struct json_value body);

#endif
