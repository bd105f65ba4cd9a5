/* Reads usage records line by line into plain structs. */
#include "game_records.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/kit/text.h"

static void copy_words(char *words, size_t size, const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    snprintf(words, size, "%s", cJSON_IsString(member) ? member->valuestring : "");
}

static int64_t number_of(const cJSON *object, const char *name, double scale)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(member) ? (int64_t)llround(member->valuedouble * scale) : -1;
}

static int64_t time_of(const cJSON *object)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, "ts");
    struct tm when = {0};
    const char *rest = cJSON_IsString(member) ? strptime(member->valuestring, "%Y-%m-%dT%H:%M:%S", &when)
                                              : NULL;
    return rest ? (int64_t)timegm(&when) * 1000 + (int64_t)(strtod(rest, NULL) * 1000) : -1;
}

static void take_attempts(struct game_record *record, const cJSON *object)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "attempts"), *item;
    record->attempts = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *record->attempts);
    if (!record->attempts)
        give_up("no memory for attempts");
    cJSON_ArrayForEach(item, list)
    {
        struct game_attempt *attempt = &record->attempts[record->attempt_count++];
        copy_words(attempt->provider, sizeof attempt->provider, item, "provider");
        copy_words(attempt->model, sizeof attempt->model, item, "model");
        copy_words(attempt->reason, sizeof attempt->reason, item, "reason");
        attempt->status = (int)number_of(item, "status", 1);
    }
}

static bool take(struct game_record *record, const char *line)
{
    char id[64];
    cJSON *object = cJSON_Parse(line);
    copy_words(id, sizeof id, object, "request_id");
    bool ours = strncmp(id, GAME_ID, sizeof GAME_ID - 1) == 0;
    *record = (struct game_record){.number = ours ? atol(id + sizeof GAME_ID - 1) : -1};
    copy_words(record->client, sizeof record->client, object, "client");
    copy_words(record->end, sizeof record->end, object, "end");
    copy_words(record->reason, sizeof record->reason, object, "reason");
    copy_words(record->usage_source, sizeof record->usage_source, object, "usage_source");
    copy_words(record->provider, sizeof record->provider, object, "provider");
    copy_words(record->model, sizeof record->model, object, "model");
    record->status = (int)number_of(object, "status", 1);
    record->prompt = number_of(object, "prompt_tokens", 1);
    record->completion = number_of(object, "completion_tokens", 1);
    record->cost = number_of(object, "cost_usd", 1e9);
    record->duration_ms = number_of(object, "duration_ms", 1);
    record->at_ms = time_of(object);
    if (ours)
        take_attempts(record, object);
    cJSON_Delete(object);
    return ours;
}

static int by_number(const void *one, const void *other)
{
    const struct game_record *a = one, *b = other;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

void game_records_read(struct game_records *records, const char *path)
{
    char *line = NULL;
    size_t size = 0, room = 0;
    *records = (struct game_records){0};
    FILE *log = fopen(path, "r");
    while (log && getline(&line, &size, log) > 0) {
        if (records->count == room) {
            room = room ? 2 * room : 1024;
            records->items = realloc(records->items, room * sizeof *records->items);
            if (!records->items)
                give_up("no memory for %zu records", room);
        }
        if (take(&records->items[records->count], line))
            records->count++;
        else
            records->strange++;
    }
    free(line);
    if (log)
        fclose(log);
    if (records->count)
        qsort(records->items, records->count, sizeof *records->items, by_number);
}

void game_records_free(struct game_records *records)
{
    for (size_t i = 0; i < records->count; i++)
        free(records->items[i].attempts);
    free(records->items);
    *records = (struct game_records){0};
}

const struct game_record *game_records_find(const struct game_records *records, long number, size_t *count)
{
    size_t low = 0, high = records->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (records->items[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < records->count && records->items[low + *count].number == number; ++*count)
        ;
    return *count ? &records->items[low] : NULL;
}
