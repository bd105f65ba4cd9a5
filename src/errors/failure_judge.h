/* The reason of a provider's refusal, judged by what its answer says. */
#ifndef PENSTOCK_ERRORS_FAILURE_JUDGE_H
#define PENSTOCK_ERRORS_FAILURE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

#define EVIDENCE_CODES_MAX 24
#define EVIDENCE_CODE_SIZE 96
#define EVIDENCE_TEXT_SIZE 4096

/* What an answer says of itself, in lower case. */
struct failure_evidence {
    int status;           /* of the answer, or the one named by an error under a 2xx; 0: no answer */
    const char *provider; /* its preset, or its name; "" if unknown */
    bool empty, html;     /* the body */
    bool has_delay;       /* the answer says when to retry */
    char codes[EVIDENCE_CODES_MAX][EVIDENCE_CODE_SIZE]; /* types, codes, reasons; blanks and dashes as '_' */
    size_t code_count;
    char text[EVIDENCE_TEXT_SIZE]; /* its sentences, a line each */
    char param[FAILURE_WORD_SIZE];
};

struct failure_verdict {
    enum failure_reason reason;
    enum failure_category category;
    bool retryable;
    bool permanent; /* the answer itself shows that retrying is useless */
};

/* Judges by the codes first, then by the sentences; if neither decides, by the status (contract, section 4).
 */
struct failure_verdict failure_judge(const struct failure_evidence *evidence);

#endif
