/* The usage log of a case. */
#ifndef CASES_RECORDS_H
#define CASES_RECORDS_H

#include <stdbool.h>

#include "../kit/text.h"

struct answer;
struct section;
struct stage;

struct records {
    struct text lines;
    const char *next;
};

/* Reads the usage log; the gateway must have ended. */
void records_read(struct stage *stage, struct records *records, bool loud);

/* The record of the next round: exactly one line, unless the part is titled "record must show nothing". */
void records_compare_next(struct stage *stage, struct records *records, const struct section *must_show,
                          const struct answer *answer);

/* Reports lines that belong to no round. */
void records_end(struct stage *stage, struct records *records);

#endif
