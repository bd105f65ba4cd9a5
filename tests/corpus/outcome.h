/* Our result of a case of the corpus, as far as it differs from the expected one. */
#ifndef CORPUS_OUTCOME_H
#define CORPUS_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "../kit/text.h"

struct cJSON;

/* Our result where it differs, "member=ours" one after the other; empty: the case holds. */
struct outcome {
    struct text differs;
    bool unknown; /* there is no check for this kind of case */
};

/* Each notes our value if it differs from `wanted`; NULL: the case does not say. Texts are noted by length
 * and the beginning of their digest, because they contain other people's words. */
void outcome_text(struct outcome *outcome, const char *member, const char *ours, const struct cJSON *wanted);
void outcome_number(struct outcome *outcome, const char *member, double ours, const struct cJSON *wanted);
void outcome_bool(struct outcome *outcome, const char *member, bool ours, const struct cJSON *wanted);

/* The same for words of our own, which are noted as they are. NULL is null. */
void outcome_word(struct outcome *outcome, const char *member, const char *ours, const struct cJSON *wanted);

/* The first eight hexadecimal digits of a text's SHA-256. */
void short_digest(const char *bytes, size_t length, char digest[static 9]);

#endif
