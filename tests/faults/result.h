/* What the client saw of an answer, and what the record says. */
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
    bool complete; /* presented as a whole answer: it has its end and no error */
    bool same;     /* its content is that of the whole answer, byte for byte */
    bool failed;   /* an error was told, by status or in the stream */
    size_t content, bytes;
    char reason[24]; /* of that error; "-": none */
    int attempts;    /* as the header says */
    int64_t ms;
};

struct usage_record {
    size_t count; /* lines in the log */
    int status, attempts;
    long bytes_out;
    char end[16], reason[24], tries[160]; /* tries: "faulty timeout, healthy -" */
};

/* Takes an answer apart. `full`: bytes of content it should have, 0: those of every answer. */
void client_result_read(struct client_result *result, const struct answer *answer, enum kind kind,
                        size_t full);

/* Takes the usage log apart. */
void usage_record_read(struct usage_record *record, const struct text *log);

#endif
