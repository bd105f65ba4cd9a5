/* Compares our result with that of a case, member by member. */
#include "outcome.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"

void short_digest(const char *bytes, size_t length, char digest[static 9])
{
    unsigned char whole[DIGEST_BYTES];
    digest_sha256(bytes, length, whole);
    snprintf(digest, 9, "%02x%02x%02x%02x", whole[0], whole[1], whole[2], whole[3]);
}

static void begin(struct outcome *outcome, const char *member)
{
    text_format(&outcome->differs, "%s%s=", outcome->differs.length ? " " : "", member);
}

void outcome_text(struct outcome *outcome, const char *member, const char *ours, const cJSON *wanted)
{
    char digest[9];
    if (!wanted || (cJSON_IsString(wanted) && strcmp(wanted->valuestring, ours) == 0))
        return;
    short_digest(ours, strlen(ours), digest);
    begin(outcome, member);
    text_format(&outcome->differs, "%zu:%s", strlen(ours), digest);
}

void outcome_word(struct outcome *outcome, const char *member, const char *ours, const cJSON *wanted)
{
    bool same = ours ? cJSON_IsString(wanted) && strcmp(wanted->valuestring, ours) == 0
                     : cJSON_IsNull(wanted);
    if (!wanted || same)
        return;
    begin(outcome, member);
    text_put(&outcome->differs, ours ? ours : "null");
}

/* An unknown number is negative in ours and null in theirs. */
void outcome_number(struct outcome *outcome, const char *member, double ours, const cJSON *wanted)
{
    bool same = cJSON_IsNumber(wanted) ? fabs(wanted->valuedouble - ours) < 0.0005
                                       : cJSON_IsNull(wanted) && ours < 0;
    if (!wanted || same)
        return;
    begin(outcome, member);
    if (ours < 0)
        text_put(&outcome->differs, "null");
    else
        text_format(&outcome->differs, "%.15g", ours);
}

void outcome_bool(struct outcome *outcome, const char *member, bool ours, const cJSON *wanted)
{
    if (!wanted || (cJSON_IsBool(wanted) && cJSON_IsTrue(wanted) == ours))
        return;
    begin(outcome, member);
    text_put(&outcome->differs, ours ? "true" : "false");
}
