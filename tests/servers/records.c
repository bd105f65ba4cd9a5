/* Reads the usage log with a parser of its own, not with penstock's. */
#include "records.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/text.h"
#include "expect.h"
#include "site.h"
#include "client.h"

static void read_log(const struct stage *stage, struct text *lines)
{
    char *path = stage_path(stage, "log/usage.jsonl");
    file_read_if_there(path, lines);
    free(path);
}

static const char *member(const cJSON *record, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, name));
    return value ? value : "null";
}

/* The next whole line; NULL: there is none. The last one may just be under way. */
static cJSON *next_record(const char **at)
{
    const char *end = strchr(*at, '\n');
    if (!end)
        return NULL;
    cJSON *record = cJSON_ParseWithLength(*at, (size_t)(end - *at));
    EXPECT(record, "a line of the usage log is no JSON: %.*s", (int)(end - *at), *at);
    *at = end + 1;
    return record;
}

/* The record of that id; NULL: there is none yet. Two end the check. */
static cJSON *find(const struct stage *stage, const char *id)
{
    struct text lines = {0};
    cJSON *found = NULL, *record;
    read_log(stage, &lines);
    for (const char *at = text_words(&lines); (record = next_record(&at));) {
        bool ours = strcmp(member(record, "request_id"), id) == 0;
        EXPECT(!ours || !found, "%s has two records", id);
        if (ours)
            found = record;
        else
            cJSON_Delete(record);
    }
    text_free(&lines);
    return found;
}

void record_expect(const struct visit *visit, int status, const char *end, const char *reason)
{
    cJSON *record = NULL;
    EXPECT_SOON((record = find(visit->stage, visit->id)), "%s has left no record", visit->id);
    int said = (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(record, "status"));
    EXPECT(said == status || status == 0, "the record of %s has status %d, not %d", visit->id, said, status);
    EXPECT(strcmp(member(record, "end"), end) == 0, "the record of %s has end \"%s\", not \"%s\"", visit->id,
           member(record, "end"), end);
    EXPECT(strcmp(member(record, "reason"), reason ? reason : "null") == 0,
           "the record of %s has reason \"%s\", not \"%s\"", visit->id, member(record, "reason"),
           reason ? reason : "null");
    cJSON_Delete(record);
}

void record_expect_client(const struct visit *visit, const char *client)
{
    cJSON *record = NULL;
    EXPECT_SOON((record = find(visit->stage, visit->id)), "%s has left no record", visit->id);
    EXPECT(strcmp(member(record, "client"), client ? client : "null") == 0,
           "the record of %s is the client's \"%s\"", visit->id, member(record, "client"));
    cJSON_Delete(record);
}

/* Counts the records of each number; whoever has none gets 0. */
static unsigned char *count_records(const struct stage *stage)
{
    unsigned char *counts = calloc((size_t)stage->common->asked + 1, 1);
    struct text lines = {0};
    cJSON *record;
    read_log(stage, &lines);
    for (const char *at = text_words(&lines); (record = next_record(&at));) {
        long number = 0;
        const char *id = member(record, "request_id");
        sscanf(id, "visit-%ld", &number);
        EXPECT(number >= 1 && number <= stage->common->asked, "nobody has asked under the id %s", id);
        EXPECT(++counts[number] == 1, "%s has two records", id);
        cJSON_Delete(record);
    }
    text_free(&lines);
    return counts;
}

static long count_missing(const struct stage *stage)
{
    unsigned char *counts = count_records(stage);
    long missing = 0;
    for (long i = 1; i <= stage->common->asked; i++)
        missing += counts[i] == 0;
    free(counts);
    return missing;
}

void records_expect_one_each(const struct stage *stage)
{
    EXPECT_SOON(count_missing(stage) <= stage->common->lost, "%ld of %ld requests left no record, %ld may",
                count_missing(stage), stage->common->asked, stage->common->lost);
    printf("%ld requests\n", stage->common->asked);
}
