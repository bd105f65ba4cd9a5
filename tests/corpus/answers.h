/* An answer of a provider, as the corpus tells it, and what we make of it. */
#ifndef CORPUS_ANSWERS_H
#define CORPUS_ANSWERS_H

#include <stddef.h>

#include "base/failure.h"

struct cJSON;

/* Of a status and a body of `length` bytes; `retry_after`: its header, NULL for none. */
struct failure answer_failure(int status, const char *body, size_t length, const char *retry_after);

/* The same of a body that is written as JSON: a string is the whole body, anything else is printed. */
struct failure answer_failure_json(int status, const struct cJSON *body, const char *retry_after);

/* Of {"error":{"message":MESSAGE}}. */
struct failure answer_failure_message(int status, const char *message);

#endif
