/* Collects the codes and sentences of an error answer in the forms that the rules compare. */
#ifndef PENSTOCK_ERRORS_FAILURE_EVIDENCE_H
#define PENSTOCK_ERRORS_FAILURE_EVIDENCE_H

#include "errors/failure_judge.h"

/* Adds a type or a code: in lower case with '_' for blanks, dashes, dots and colons; the same with its words
 * apart, if it is written in camel case; and these words as a line of their own. Of a URI (RFC 9457) the last
 * segment counts. NULL and codes that are too long are left out. */
void failure_evidence_add_code(struct failure_evidence *evidence, const char *code);

/* Adds a sentence in lower case, as a line of its own, without what it quotes of the caller's text. */
void failure_evidence_add_sentence(struct failure_evidence *evidence, const char *text);

#endif
