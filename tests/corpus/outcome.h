/* What a case of the corpus gets from us, as far as that is not what it says. */
#ifndef CORPUS_OUTCOME_H
#define CORPUS_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "../kit/text.h"

struct cJSON;

/* Our result where it differs, "member=ours" one after the other; empty: the case holds. */
struct outcome {
    struct text differs;
    bool unknown; /* nobody here knows how to check such a case */
};

/* Each notes what is ours unless it is what `wanted` says; a NULL `wanted` asks nothing. Texts are noted by
 * their length and the beginning of their digest, for they are made of other people's words. */
void outcome_text(struct outcome *outcome, const char *member, const char *ours, const struct cJSON *wanted);
void outcome_number(struct outcome *outcome, const char *member, double ours, const struct cJSON *wanted);
void outcome_bool(struct outcome *outcome, const char *member, bool ours, const struct cJSON *wanted);

/* The same for words of our own, which may be shown. NULL is null. */
void outcome_word(struct outcome *outcome, const char *member, const char *ours, const struct cJSON *wanted);

/* The first eight hexadecimal digits of a text's SHA-256. */
void short_digest(const char *bytes, size_t length, char digest[static 9]);

#endif
