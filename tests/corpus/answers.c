/* Passes a provider's answer to failure_map(). */
#include "answers.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "errors/failure_map.h"
#include "format/response_head.h"

struct failure answer_failure(int status, const char *body, size_t length, const char *retry_after)
{
    struct name_value header = {(char *)"Retry-After", (char *)retry_after};
    struct response_head head = {.headers = {retry_after ? 1 : 0, &header}};
    struct provider_answer answer = {.status = status, .head = &head, .body = {body, length}};
    struct failure why;
    failure_map(&why, &answer);
    return why;
}

struct failure answer_failure_json(int status, const cJSON *body, const char *retry_after)
{
    char *printed = cJSON_PrintUnformatted(body);
    const char *text = cJSON_IsString(body) ? body->valuestring : printed;
    struct failure why = answer_failure(status, text ? text : "", text ? strlen(text) : 0, retry_after);
    free(printed);
    return why;
}

struct failure answer_failure_message(int status, const char *message)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "error"), "message", message);
    struct failure why = answer_failure_json(status, body, NULL);
    cJSON_Delete(body);
    return why;
}
