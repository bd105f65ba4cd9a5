/* What a provider's JSON says of itself, whole answer or frame. */
#include "answer.h"

bool answer_is_error(struct json_value answer)
{
    struct json_value error = json_get(answer, "error");
    int kind = json_kind(error);
    return kind == '{' || kind == '[' || (kind == '"' && error.length > 2);
}

int answer_status(struct json_value answer)
{
    static const char *const names[] = {"status_code", "code", "status"};
    int64_t status;
    struct json_value error = json_get(answer, "error");
    for (size_t i = 0; i < 3; i++)
        if (json_integer(json_get(error, names[i]), &status) && status >= 400 && status <= 599)
            return (int)status;
    return 0;
}
