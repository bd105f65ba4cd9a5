/* What the client got, and what the usage record says. */
#ifndef FAULTS_RESULT_H
#define FAULTS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kit/text.h"
#include "fault.h"

struct answer;

struct client_result {
    int status;
    bool complete; /* presented as complete: it has an end and no error */
    bool same;     /* the content is that of the complete answer, byte for byte */
    bool failed;   /* there was an error, by status or in the stream */
    size_t content, bytes;
    char reason[24]; /* of that error; "-": none */
    int attempts;    /* as the header says */
    int64_t ms;
};

struct usage_record {
    size_t count; /* lines in the log */
    int status, attempts;
    long bytes_out;
    char end[16], reason[24], attempt_list[160]; /* "faulty timeout, healthy -" */
};

/* Reads an answer. `full`: bytes of content it should have; 0: those of whole_content. */
void client_result_read(struct client_result *result, const struct answer *answer, enum kind kind,
                        size_t full);

/* Reads the last record of a usage log. */
void usage_record_read(struct usage_record *record, const struct text *log);

#endif
