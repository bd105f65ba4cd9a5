/* Why a provider refused: a table of rules over what its answer says. */
#ifndef PENSTOCK_ERRORS_FAILURE_RULES_H
#define PENSTOCK_ERRORS_FAILURE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

#define EVIDENCE_WORDS 24
#define EVIDENCE_WORD_SIZE 96
#define EVIDENCE_TEXT_SIZE 4096

/* What an answer says of itself, in lower case. */
struct failure_evidence {
    int status;           /* of the answer, or the one that an error under a 2xx names; 0: none */
    const char *provider; /* its preset, or its name; "" where not known */
    bool empty, html;     /* the body */
    bool delayed;         /* it says when to come back */
    char words[EVIDENCE_WORDS][EVIDENCE_WORD_SIZE]; /* types, codes, reasons; blanks and dashes as '_' */
    size_t word_count;
    char text[EVIDENCE_TEXT_SIZE]; /* its sentences */
    char param[FAILURE_WORD_SIZE];
};

struct failure_verdict {
    enum failure_reason reason;
    enum failure_category category;
    bool retryable;
    bool permanent; /* the answer itself shows that trying again is no use */
};

/* Structure decides before words, words before sentences, the status where nothing else does. */
struct failure_verdict failure_judge(const struct failure_evidence *evidence);

#endif
