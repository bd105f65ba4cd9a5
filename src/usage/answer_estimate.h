/* Estimates the tokens of an answer whose provider has not counted them, or not all of them. */
#ifndef PENSTOCK_USAGE_ANSWER_ESTIMATE_H
#define PENSTOCK_USAGE_ANSWER_ESTIMATE_H

#include <stdint.h>

#include "format/json.h"
#include "usage/token_usage.h"

/* What a request is answered with. */
enum request_shape {
    REQUEST_GENERATES,   /* text that a model generates */
    REQUEST_READS,       /* numbers: embeddings, ranks, moderations; they cost no tokens */
    REQUEST_DRAWS,       /* pictures */
    REQUEST_SPEAKS,      /* speech */
    REQUEST_TRANSCRIBES, /* text; the request is a form with a recording */
    REQUEST_REDRAWS      /* pictures; the request is a form with pictures */
};

struct answer_facts {
    enum request_shape shape;
    struct json_value request; /* its object; absent for a form */
    int64_t form_bytes;        /* size of a form */
    int64_t form_answers;      /* the number of answers that it asks for; 0 counts as 1 */
    int64_t reckoned;          /* tokens of the prompt that the request does not show; see request_extent.h */
    int64_t characters;        /* code points of the answer that has come */
    int64_t unseen_us;         /* time in which the provider may have worked on an answer that has not come */
};

/* Returns the code points of the text in a whole answer, in any dialect. */
int64_t answer_characters(struct json_value answer);

/* Returns the tokens of the answer if the request alone bounds them: pictures and speech. */
int64_t answer_media_tokens(enum request_shape shape, struct json_value request);

/* Returns the tokens of the prompt that a form of so many bytes is. */
int64_t answer_form_tokens(int64_t bytes);

/* Returns the tokens of the prompt, with those that are reckoned. */
int64_t answer_prompt_tokens(const struct answer_facts *facts);

/* Adds the counts that `usage` lacks. It counts as estimated unless the others follow from those that the
 * provider gave.
 *
 *   prompt       a quarter of its characters; a form has a token for each 256 bytes, and up to
 *                250 for its words
 *   completion   a quarter of the characters that came, or what a fast model makes in the time in which the
 *                provider worked unseen, 100 tokens a second and no more than the request allows,
 *                whichever is more
 *   pictures     what the largest of the requested quality has
 *   speech       1.4 tokens for each character to be spoken */
void answer_estimate(struct token_usage *usage, const struct answer_facts *facts);

#endif
