/* Scripts of the fake provider for the matrix: one known answer, complete or in pieces. */
#ifndef FAULTS_SCRIPT_H
#define FAULTS_SCRIPT_H

#include "../kit/text.h"

/* The content of every complete answer. */
extern const char whole_content[];

/* An answer in the scripts' language (tests/cases/README), with these lines replaced:
 *   &json            head of a JSON answer with its Content-Length
 *   &stream          head of a chunked event stream
 *   &whole           a completion
 *   &frames A B      events with the content's pieces A to B, of 5
 *   &finish          the event with finish_reason
 *   &done            data: [DONE]
 *   &drip N          N spaces, one a second; &drip N WORDS: these words' first N bytes */
void script_put(struct text *script, const char *answer);

#endif
