/* Reads the usage log with a parser of its own, not with penstock's. */
#include "records.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/text.h"
#include "client.h"
#include "expect.h"
#include "site.h"

static void read_log(const struct site *site, struct text *lines)
{
    char *path = site_path(site, "log/usage.jsonl");
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
static cJSON *find(const struct site *site, const char *id)
{
    struct text lines = {0};
    cJSON *found = NULL, *record;
    read_log(site, &lines);
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

void record_expect(const struct http_client *client, int status, const char *end, const char *reason)
{
    cJSON *record = NULL;
    EXPECT_SOON((record = find(client->site, client->id)), "%s has left no record", client->id);
    int recorded = (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(record, "status"));
    EXPECT(recorded == status || status == 0, "the record of %s has status %d, not %d", client->id, recorded,
           status);
    EXPECT(strcmp(member(record, "end"), end) == 0, "the record of %s has end \"%s\", not \"%s\"", client->id,
           member(record, "end"), end);
    EXPECT(strcmp(member(record, "reason"), reason ? reason : "null") == 0,
           "the record of %s has reason \"%s\", not \"%s\"", client->id, member(record, "reason"),
           reason ? reason : "null");
    cJSON_Delete(record);
}

void record_expect_client(const struct http_client *client, const char *name)
{
    cJSON *record = NULL;
    EXPECT_SOON((record = find(client->site, client->id)), "%s has left no record", client->id);
    EXPECT(strcmp(member(record, "client"), name ? name : "null") == 0, "the record of %s has client \"%s\"",
           client->id, member(record, "client"));
    cJSON_Delete(record);
}

/* The number of records of each request. */
static unsigned char *count_records(const struct site *site)
{
    unsigned char *counts = calloc((size_t)site->common->asked + 1, 1);
    struct text lines = {0};
    cJSON *record;
    read_log(site, &lines);
    for (const char *at = text_words(&lines); (record = next_record(&at));) {
        long number = 0;
        const char *id = member(record, "request_id");
        sscanf(id, "client-%ld", &number);
        EXPECT(number >= 1 && number <= site->common->asked, "no request had the id %s", id);
        EXPECT(++counts[number] == 1, "%s has two records", id);
        cJSON_Delete(record);
    }
    text_free(&lines);
    return counts;
}

static long count_missing(const struct site *site)
{
    unsigned char *counts = count_records(site);
    long missing = 0;
    for (long i = 1; i <= site->common->asked; i++)
        missing += counts[i] == 0;
    free(counts);
    return missing;
}

void records_expect_one_each(const struct site *site)
{
    EXPECT_SOON(count_missing(site) <= site->common->lost, "%ld of %ld requests left no record, %ld may",
                count_missing(site), site->common->asked, site->common->lost);
    printf("%ld requests\n", site->common->asked);
}
