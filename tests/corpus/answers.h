/* An answer of a provider from the corpus, and the failure that we make of it. */
#ifndef CORPUS_ANSWERS_H
#define CORPUS_ANSWERS_H

#include <stddef.h>

#include "base/failure.h"

struct cJSON;

/* From a status and a body of `length` bytes; `retry_after`: the header's value, NULL for none. */
struct failure answer_failure(int status, const char *body, size_t length, const char *retry_after);

/* The same from a body given as JSON: a string is the body itself, anything else is printed. */
struct failure answer_failure_json(int status, const struct cJSON *body, const char *retry_after);

/* From {"error":{"message":MESSAGE}}. */
struct failure answer_failure_message(int status, const char *message);

#endif
