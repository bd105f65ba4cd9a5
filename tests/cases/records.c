/* Reads the usage log of a case: exactly one line for each request. */
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/sections.h"
#include "case.h"
#include "compare.h"
#include "invariants.h"
#include "stage.h"

void records_read(struct stage *stage, struct records *records, bool loud)
{
    *records = (struct records){0};
    char *path = stage_path(stage, "usage.jsonl");
    file_read_if_there(path, &records->lines);
    records->next = text_words(&records->lines);
    if (loud)
        fputs(records->next, stdout);
    free(path);
}

void records_compare_next(struct stage *stage, struct records *records, const struct section *must_show,
                          const struct answer *answer)
{
    if (must_show && section_is(must_show, " nothing"))
        return;
    const char *end = strchr(records->next, '\n');
    if (!end) {
        complain(stage, "record: none was written");
        return;
    }
    cJSON *record = cJSON_ParseWithLength(records->next, (size_t)(end - records->next));
    if (cJSON_IsObject(record)) {
        check_record(stage, record, answer);
        if (must_show)
            compare_json(stage, "record", must_show->body, record);
    } else {
        complain(stage, "record: not JSON: %.*s", (int)(end - records->next), records->next);
    }
    cJSON_Delete(record);
    records->next = end + 1;
}

void records_end(struct stage *stage, struct records *records)
{
    if (*records->next)
        complain(stage, "record: one too many: %s", records->next);
    text_free(&records->lines);
}
