/* Checks what holds for every answer and every record in every case (errors, headers and records).
 */
#ifndef CASES_INVARIANTS_H
#define CASES_INVARIANTS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

struct answer;
struct stage;

/* An answer that was heard to its end. `head`: it answers a HEAD request. */
void check_answer(struct stage *stage, const struct answer *answer, bool head);

/* The record of an answer that was heard to its end (`answer` NULL: the client left). */
void check_record(struct stage *stage, const cJSON *record, const struct answer *answer);

/* No key in what the gateway wrote down, no sanitizer's report on its standard error. */
void check_leftovers(struct stage *stage);

#endif
