/* A request to a model: its JSON body, the model that it names, and whether it wants a stream. */
#include "protocol/model_request.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/request_members.h"

static bool blame(struct failure *why, const char *param)
{
    snprintf(why->param, sizeof why->param, "%s", param);
    return false;
}

bool model_request_lacks_model(struct failure *why)
{
    fail(why, FAILURE_BAD_REQUEST, "the request names no model: \"model\" must be a string");
    return blame(why, "model");
}

/* A U+0000 in a name would end the C string early, so the checked name would differ from the name that is
 * used. */
static bool read_model(struct model_request *request, struct arena *arena, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(&request->body, "model", &member, why))
        return blame(why, "model");
    size_t length = 0;
    if (!member)
        return true;
    const char *model = json_string(arena, member->was.value, &length);
    if (!model || !length)
        return model_request_lacks_model(why);
    if (length > MODEL_NAME_MAX || strlen(model) != length) {
        fail(why, FAILURE_BAD_REQUEST, "the model's name %s",
             length > MODEL_NAME_MAX ? "is too long" : "contains U+0000");
        return blame(why, "model");
    }
    request->model = model;
    return true;
}

static bool read_stream(struct model_request *request, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(&request->body, "stream", &member, why))
        return blame(why, "stream");
    enum json_kind kind = member ? json_kind(member->was.value) : JSON_FALSE;
    request->stream = kind == JSON_TRUE;
    if (kind == JSON_TRUE || kind == JSON_FALSE || kind == JSON_NULL)
        return true;
    fail(why, FAILURE_BAD_REQUEST, "\"stream\" must be true or false");
    return blame(why, "stream");
}

bool model_request_read(struct model_request *request, struct arena *arena, const struct buffer *body,
                        unsigned depth, struct failure *why)
{
    struct json_value text = {body->bytes ? body->bytes : "", body->length};
    return splice_open(&request->body, arena, text, depth, why) &&
           request_members_check(&request->body, why) && read_model(request, arena, why) &&
           read_stream(request, why);
}

/* The body is joined and parsed again, so that later rules treat an added member as if the client had sent
 * it. */
bool model_request_add_members(struct model_request *request, struct arena *arena,
                               const struct name_value *members, size_t count, struct failure *why)
{
    bool added = false;
    for (size_t i = 0; i < count; i++) {
        struct splice_member *member;
        if (!splice_find(&request->body, members[i].name, &member, why))
            return blame(why, members[i].name);
        if (member)
            continue;
        splice_set(&request->body, NULL, members[i].name, members[i].value);
        added = true;
    }
    return !added || (splice_open(&request->body, arena, splice_join(&request->body), JSON_DEPTH_MAX, why) &&
                      request_members_check(&request->body, why) && read_stream(request, why));
}
