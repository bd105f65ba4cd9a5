/* What we have to know of a request's body to forward it: the model, and whether it wants a stream. */
#include "protocol/request_body.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/lists.h"

static bool blame(struct failure *why, const char *param)
{
    snprintf(why->param, sizeof why->param, "%s", param);
    return false;
}

bool request_body_needs_model(struct failure *why)
{
    fail(why, FAILURE_BAD_REQUEST, "the request names no model: \"model\" must be a string");
    return blame(why, "model");
}

/* U+0000 in a name would end it early for whoever reads it as C does: what was checked would not be what is
 * used. */
static bool read_model(struct request_body *chat, struct arena *arena, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(&chat->body, "model", &member, why))
        return blame(why, "model");
    size_t length = 0;
    if (!member)
        return true;
    const char *model = json_string(arena, member->was.value, &length);
    if (!model || !length)
        return request_body_needs_model(why);
    if (length > MODEL_NAME_MAX || strlen(model) != length) {
        fail(why, FAILURE_BAD_REQUEST, "the model's name %s",
             length > MODEL_NAME_MAX ? "is too long" : "contains U+0000");
        return blame(why, "model");
    }
    chat->model = model;
    return true;
}

static bool read_stream(struct request_body *chat, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(&chat->body, "stream", &member, why))
        return blame(why, "stream");
    int kind = member ? json_kind(member->was.value) : 'f';
    chat->stream = kind == 't';
    if (kind == 't' || kind == 'f' || kind == 'n')
        return true;
    fail(why, FAILURE_BAD_REQUEST, "\"stream\" must be true or false");
    return blame(why, "stream");
}

bool request_body_read(struct request_body *chat, struct arena *arena, const struct buffer *body,
                       unsigned depth, struct failure *why)
{
    struct json_value text = {body->bytes ? body->bytes : "", body->length};
    return splice_open(&chat->body, arena, text, depth, why) && read_model(chat, arena, why) &&
           read_stream(chat, why);
}

/* What is added counts as if the client had said it, so that every later rule sees it: the body is put
 * together and read anew. */
bool request_body_add(struct request_body *chat, struct arena *arena, const struct name_value *members,
                      size_t count, struct failure *why)
{
    bool added = false;
    for (size_t i = 0; i < count; i++) {
        struct splice_member *member;
        if (!splice_find(&chat->body, members[i].name, &member, why))
            return blame(why, members[i].name);
        if (member)
            continue;
        splice_set(&chat->body, NULL, members[i].name, members[i].value);
        added = true;
    }
    return !added || (splice_open(&chat->body, arena, splice_join(&chat->body), JSON_DEPTH_MAX, why) &&
                      read_stream(chat, why));
}
