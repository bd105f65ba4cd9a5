/* A form that passes to the provider without being buffered; its first bytes are searched for the model.
 *
 * The first bytes are kept and sent first, with the model's name replaced; the rest is passed from the web
 * server to the provider as it arrives. The rest is searched too, because a second model in it would evade
 * the check of the client's permissions. A form whose model follows its file goes to the default provider. */
#include "provider/upload.h"

#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/failure.h"
#include "config/settings.h"
#include "front/request.h"
#include "ledger/quota.h"
#include "routing/permission.h"
#include "upstream/upstream.h"

#define HEAD_STEP 4096

static bool refuse_size(const struct upload *upload, struct failure *why)
{
    return fail(why, FAILURE_TOO_LARGE, "the body is larger than the %lld bytes that limits.upload allows",
                (long long)upload->size_max);
}

/* Reads the end of the body, because an unread end would look like a client that left. */
static bool see_end(struct request *request, struct failure *why)
{
    char byte;
    return request_pull(request, &byte, 1) == 0 ||
           fail(why, FAILURE_BAD_REQUEST, "the body does not end where Content-Length says");
}

static bool check_length(struct upload *upload, struct failure *why)
{
    struct request *request = upload->request;
    if (request->too_slow)
        return request_reject_slow(request, why);
    if (request->client_left)
        return fail(why, FAILURE_BAD_REQUEST, "the body broke off after %lld bytes",
                    (long long)request->body_read);
    if (request->body_read > upload->size_max)
        return refuse_size(upload, why);
    if (request->body_ended && request->body_read < upload->announced)
        return fail(why, FAILURE_BAD_REQUEST, "the body ended after %lld of %lld bytes",
                    (long long)request->body_read, (long long)upload->announced);
    return request->body_read != upload->announced || request->body_ended || see_end(request, why);
}

static bool check_form(struct upload *upload, const char *bytes, size_t length, struct failure *why)
{
    if (!upload->is_form)
        return true;
    bool is_last = length == 0 || upload->request->body_ended;
    if (!multipart_read(&upload->form, bytes, length) || (is_last && !multipart_finish(&upload->form)))
        return fail(why, FAILURE_BAD_REQUEST, "the form can be read in different ways: %s, near byte %llu",
                    upload->form.fault, (unsigned long long)upload->form.at);
    if (upload->form.found > upload->models_max)
        return fail(why, FAILURE_BAD_REQUEST,
                    upload->models_max ? "the form names a model twice"
                                       : "the form names its model too late: behind its first 64 KiB");
    if (upload->answers_max && upload->form.answers > upload->answers_max)
        return fail(why, FAILURE_BAD_REQUEST,
                    "the form asks for several answers too late: put the field \"n\" before the files");
    return permission_check_form(upload->client, *upload->form.picks ? upload->form.picks : NULL, why);
}

/* Reads the next bytes. Returns 0 at the end, -1 with the cause in `why` on failure. */
static ssize_t pull(void *context, void *bytes, size_t size, struct failure *why)
{
    struct upload *upload = context;
    int64_t left = upload->announced < 0 ? INT64_MAX : upload->announced - upload->request->body_read;
    ssize_t got = request_pull(upload->request, bytes, (int64_t)size < left ? size : (size_t)left);
    bool good = check_length(upload, why) && check_form(upload, bytes, got > 0 ? (size_t)got : 0, why);
    return good ? got : -1;
}

static bool read_head(struct upload *upload, struct failure *why)
{
    struct buffer *head = &upload->head;
    while (!upload->request->body_ended && !upload->form.closed && head->length < head->ceiling) {
        size_t step = min_size(HEAD_STEP, head->ceiling - head->length);
        ssize_t got = pull(upload, buffer_room(head, step), step, why);
        if (got < 0)
            return false;
        buffer_fill(head, (size_t)got);
    }
    return true;
}

static bool check_model(const struct upload *upload, struct failure *why)
{
    const struct multipart *form = &upload->form;
    if (!form->closed)
        return true;
    if (form->value_length > MULTIPART_VALUE_MAX || strlen(form->value) != form->value_length)
        return fail(why, FAILURE_BAD_REQUEST, "the model's name %s",
                    form->value_length > MULTIPART_VALUE_MAX ? "is too long" : "contains U+0000");
    return form->value_length || fail(why, FAILURE_BAD_REQUEST, "the form names an empty model");
}

static void free_head(void *head)
{
    buffer_free(head);
}

static void open_body(struct upload *upload, struct request *request, const struct settings *settings)
{
    *upload = (struct upload){.request = request, .size_max = settings->upload_max};
    buffer_init(&upload->head, UPLOAD_HEAD_MAX);
    arena_defer(request->arena, free_head, &upload->head);
    upload->announced = request_length(request);
}

static bool begin_body(struct upload *upload, struct failure *why)
{
    if (upload->announced == LENGTH_WRONG)
        return fail(why, FAILURE_BAD_REQUEST, "Content-Length is not a number");
    if (upload->announced > upload->size_max)
        return refuse_size(upload, why);
    return read_head(upload, why);
}

bool upload_open(struct upload *upload, struct request *request, const struct settings *settings,
                 const struct client_settings *client, struct failure *why)
{
    open_body(upload, request, settings);
    upload->is_form = true;
    upload->models_max = 1;
    upload->client = client;
    if (!request_has_no_coding(request, why))
        return false;
    if (!multipart_open(&upload->form, request->content_type, "model"))
        return upload->form.fault
                   ? fail(why, FAILURE_BAD_REQUEST, "the form can be read in different ways: %s",
                          upload->form.fault)
                   : fail(why, FAILURE_UNSUPPORTED_MEDIA_TYPE, "the body must be multipart/form-data");
    if (!begin_body(upload, why) || !check_model(upload, why))
        return false;
    if (client && quota_limits_money(&client->limits))
        upload->answers_max = upload_answers(upload); /* it is reckoned with so many */
    return true;
}

int64_t upload_answers(const struct upload *upload)
{
    return max_int64(upload->form.answers, 1);
}

bool upload_open_any(struct upload *upload, struct request *request, const struct settings *settings,
                     struct failure *why)
{
    open_body(upload, request, settings);
    return begin_body(upload, why);
}

const char *upload_model(const struct upload *upload)
{
    return upload->form.closed ? upload->form.value : NULL;
}

static struct json_value text_of(const char *text)
{
    return (struct json_value){text, strlen(text)};
}

/* Returns a field to insert before all others, for a form without a model in its first bytes. */
static const char *model_part(const struct upload *upload, struct arena *arena, const char *model)
{
    return arena_format(arena, "--%s\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n%s\r\n",
                        multipart_boundary(&upload->form), model);
}

static size_t put_pieces(struct upload *upload, struct arena *arena, const char *model)
{
    const struct multipart *form = &upload->form;
    const struct buffer *head = &upload->head;
    struct json_value *pieces = upload->pieces, all = {head->bytes, head->length};
    if (!model || (form->closed && strcmp(form->value, model) == 0)) {
        pieces[0] = all;
        return 1;
    }
    if (!form->closed) {
        upload->models_max = 0;
        pieces[0] = text_of(model_part(upload, arena, model));
        pieces[1] = all;
        return 2;
    }
    size_t behind = (size_t)(form->value_at + form->value_length);
    pieces[0] = (struct json_value){head->bytes, (size_t)form->value_at};
    pieces[1] = text_of(model);
    pieces[2] = (struct json_value){head->bytes + behind, head->length - behind};
    return 3;
}

void upload_give(struct upload *upload, struct arena *arena, const char *model,
                 struct upstream_request *request)
{
    int64_t held = (int64_t)upload->head.length;
    request->body = upload->pieces;
    request->body_pieces = put_pieces(upload, arena, model);
    if (upload->request->body_ended)
        return;
    upload->rest = (struct upstream_rest){.read = pull, .context = upload};
    upload->rest.length = upload->announced < 0 ? -1 : upload->announced - held;
    request->rest = &upload->rest;
    request->fresh = true; /* cannot be sent twice, so a kept connection, which may be dead, is not used */
}
