/* JSON by its members: a path, a comparison, a value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/expand.h"
#include "../kit/text.h"
#include "compare.h"
#include "stage.h"

/* One step of a path ("choices[0]") taken from `at`. */
static const cJSON *take_step(const cJSON *at, const char *step, size_t length)
{
    size_t name = 0;
    while (name < length && step[name] != '[')
        name++;
    if (name) {
        char *member = copy_bytes(step, name);
        at = cJSON_GetObjectItemCaseSensitive(at, member);
        free(member);
    }
    for (const char *index = step + name; at && index < step + length; index = strchr(index, ']') + 1) {
        if (!cJSON_IsArray(at) || !strchr(index, ']'))
            return NULL;
        at = cJSON_GetArrayItem(at, atoi(index + 1));
    }
    return at;
}

/* The value at a path; NULL: there is none. */
static const cJSON *find(const cJSON *root, const char *path)
{
    for (const char *step = path; root && *step && *step != '#';) {
        size_t length = strcspn(step, ".#");
        root = take_step(root, step, length);
        step += length + (step[length] == '.');
    }
    return root;
}

static double measure(const cJSON *value)
{
    return cJSON_IsString(value) ? (double)strlen(value->valuestring) : (double)cJSON_GetArraySize(value);
}

static bool equals(const cJSON *value, const char *words)
{
    cJSON *wanted = cJSON_Parse(words);
    if (!wanted)
        give_up("not JSON: %s", words);
    bool equal = cJSON_Compare(value, wanted, true);
    cJSON_Delete(wanted);
    return equal;
}

static bool text_matches(const cJSON *value, const char *expression)
{
    if (cJSON_IsString(value))
        return matches(value->valuestring, expression);
    char *printed = cJSON_PrintUnformatted(value);
    bool found = matches(printed, expression);
    free(printed);
    return found;
}

/* Does `operation` ("= 5", "absent") hold for the value? */
static bool holds(const cJSON *value, const char *operation)
{
    if (strcmp(operation, "absent") == 0)
        return !value;
    if (!value)
        return false;
    if (strcmp(operation, "present") == 0)
        return !cJSON_IsNull(value);
    if (strncmp(operation, "= ", 2) == 0)
        return equals(value, operation + 2);
    if (strncmp(operation, "~ ", 2) == 0)
        return text_matches(value, operation + 2);
    if (strncmp(operation, "!~ ", 3) == 0)
        return !text_matches(value, operation + 3);
    if (strncmp(operation, ">= ", 3) == 0)
        return cJSON_IsNumber(value) && value->valuedouble >= atof(operation + 3);
    if (strncmp(operation, "<= ", 3) == 0)
        return cJSON_IsNumber(value) && value->valuedouble <= atof(operation + 3);
    give_up("no comparison: %s", operation);
}

static bool compare_line(struct stage *stage, const char *what, const char *line, const cJSON *root)
{
    size_t size = strcspn(line, " ");
    char *path = copy_bytes(line, size);
    const char *operation = line + size + strspn(line + size, " ");
    const cJSON *value = find(root, path);
    cJSON *length = value && size && path[size - 1] == '#' ? cJSON_CreateNumber(measure(value)) : NULL;
    bool good = holds(length ? length : value, operation);
    if (!good && stage) {
        char *printed = value ? cJSON_PrintUnformatted(length ? length : value) : NULL;
        complain(stage, "%s: wanted %s, heard %s", what, line, printed ? printed : "nothing there");
        free(printed);
    }
    cJSON_Delete(length);
    free(path);
    return good;
}

bool compare_json(struct stage *stage, const char *what, const char *lines, const cJSON *got)
{
    bool good = true;
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        if (length && *lines != '#') {
            struct text line = {0};
            expand(&line, lines, length, stage_lookup, stage);
            good &= compare_line(stage, what, line.bytes, got);
            text_free(&line);
        }
        lines += length + (lines[length] == '\n');
    }
    return good;
}
