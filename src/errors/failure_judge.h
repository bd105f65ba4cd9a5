/* Classifies a provider's error answer. */
#ifndef PENSTOCK_ERRORS_FAILURE_JUDGE_H
#define PENSTOCK_ERRORS_FAILURE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define EVIDENCE_CODES_MAX 48
#define EVIDENCE_CODE_SIZE 96
#define EVIDENCE_WORDS_SIZE 2048
#define EVIDENCE_TEXT_SIZE 4096

/* The facts of an error answer that the rules compare; texts are in lower case. */
struct failure_evidence {
    int status;           /* of the answer, or the status named by an error under a 2xx; 0: no answer */
    const char *provider; /* the name of the preset, else of the provider; "": unknown */
    bool empty, html;     /* the body is empty; the body is HTML */
    bool plain;           /* the body is text or markup, so it may come from a server in front of the API */
    int64_t delay_ms;     /* the retry delay; -1: none */
    char codes[EVIDENCE_CODES_MAX][EVIDENCE_CODE_SIZE]; /* types, codes, reasons; blanks and dashes as '_' */
    size_t code_count;
    char code_words[EVIDENCE_WORDS_SIZE]; /* the words of these codes, one code per line */
    char text[EVIDENCE_TEXT_SIZE];        /* the answer's sentences, one per line */
    char param[FAILURE_WORD_SIZE];
};

struct failure_verdict {
    enum failure_reason reason;
    enum failure_category category;
    bool retryable;
    bool permanent; /* the answer itself shows that retrying is useless */
};

/* Classifies by the codes first, then by the sentences, and by the status if no rule applies (contract,
 * section 4). */
struct failure_verdict failure_judge(const struct failure_evidence *evidence);

#endif
