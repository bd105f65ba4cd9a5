/* Any variables and body as a request: it is read, routed and prepared for a provider, or refused with a
 * reason.
 *
 * The input is written as in the cases: "METHOD URL", headers or NAME=value, an empty line, the body. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "config/preset.h"
#include "config/settings_types.h"
#include "front/front.h"
#include "front/request.h"
#include "fuzz.h"
#include "protocol/model_request.h"
#include "protocol/runs/run_request.h"
#include "protocol/runs/run_response.h"
#include "provider/provider.h"
#include "routing/passthrough.h"
#include "routing/route.h"
#include "routing/target.h"
#include "upstream/upstream.h"

#define VARIABLES_MAX 32
#define NAME_SIZE 128

struct visitor {
    struct front front;
    struct name_value variables[VARIABLES_MAX];
    size_t count;
    struct input body;
};

static const char *variable(struct front *front, const char *name)
{
    const struct visitor *visitor = (const struct visitor *)front;
    for (size_t i = 0; i < visitor->count; i++)
        if (strcmp(visitor->variables[i].name, name) == 0)
            return visitor->variables[i].value;
    return NULL;
}

/* Reads the body in pieces of odd sizes; a body whose last byte is NUL breaks off. */
static ssize_t read_body(struct front *front, void *bytes, size_t size)
{
    struct input *body = &((struct visitor *)front)->body;
    if (body->length == 1 && !*body->at)
        return -1;
    size_t piece = body->length < 1021 ? body->length : 1021;
    piece = piece < size ? piece : size;
    if (piece)
        memcpy(bytes, body->at, piece);
    body->at += piece;
    body->length -= piece;
    return (ssize_t)piece;
}

static const struct front_ops kind = {.name = "fuzz", .variable = variable, .read = read_body};

static void add(struct visitor *visitor, const char *prefix, struct input name, struct input value)
{
    char text[NAME_SIZE];
    if (visitor->count == VARIABLES_MAX || name.length > NAME_SIZE / 2)
        return;
    int length = snprintf(text, sizeof text, "%s%.*s", prefix, (int)name.length, name.at);
    for (char *at = text + strlen(prefix); *prefix && *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    visitor->variables[visitor->count++] = (struct name_value){
        input_text((struct input){text, (size_t)length}), input_text(value)};
}

static struct input name_of(const char *name)
{
    return (struct input){name, strlen(name)};
}

static void read_line(struct visitor *visitor, struct input line)
{
    const char *colon = memchr(line.at, ':', line.length), *equals = memchr(line.at, '=', line.length);
    bool bare = equals && (!colon || equals < colon);
    const char *stop = bare ? equals : colon;
    if (!stop)
        return;
    struct input name = {line.at, (size_t)(stop - line.at)};
    struct input value = {stop + 1, line.length - name.length - 1};
    while (!bare && value.length && *value.at == ' ') {
        value.at++;
        value.length--;
    }
    bool own = !bare && (name.length == 12 || name.length == 14) && strncasecmp(name.at, "content-", 8) == 0;
    if (own)
        name = name_of(name.length == 12 ? "CONTENT_TYPE" : "CONTENT_LENGTH");
    add(visitor, bare || own ? "" : "HTTP_", name, value);
}

static void read_visitor(struct visitor *visitor, struct input rest)
{
    struct input first = input_line(&rest);
    const char *blank = first.length ? memchr(first.at, ' ', first.length) : NULL;
    size_t method = blank ? (size_t)(blank - first.at) : first.length, uri = blank ? method + 1 : method;
    add(visitor, "", name_of("REQUEST_METHOD"), (struct input){first.at, method});
    add(visitor, "", name_of("REQUEST_URI"), (struct input){first.at + uri, first.length - uri});
    for (struct input line; rest.length && (line = input_line(&rest)).length;)
        read_line(visitor, line);
    visitor->body = rest;
}

static void must_be_refusal(const struct failure *why)
{
    must(why->reason > FAILURE_NONE && why->reason < FAILURE_REASONS, "a refusal has a reason");
    must(why->status >= 400 && why->status <= 599, "and a status");
    must(*why->message, "and a sentence");
}

/* A provider with a rule of each kind besides those of its preset. */
static void put_to_provider(struct settings *settings, struct arena *arena,
                            struct model_request *model_request)
{
    struct target target;
    struct failure why;
    struct provider_request request;
    if (!target_choose(settings, NULL, arena, model_request->model, &target, &why) ||
        !model_request_add_members(model_request, arena, target.parameters, target.parameter_count, &why)) {
        must_be_refusal(&why);
        return;
    }
    must(target.provider && *target.model, "a model has a name and a provider");
    struct provider_ask ask = {.path = "/chat/completions",
                               .model = target.model,
                               .body = &model_request->body,
                               .completion = true,
                               .stream = model_request->stream};
    if (!provider_prepare(target.provider, &ask, arena, &request, &why)) {
        must_be_refusal(&why);
        return;
    }
    must(request.upstream.body_pieces > 0 && strstr(request.upstream.url, "/chat/completions"),
         "there is something to send");
}

static void must_be_json(const struct buffer *text)
{
    struct json_value root;
    struct json_fault fault;
    must(json_check((struct json_value){text->bytes, text->length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root,
                    &fault),
         "what is written is JSON");
}

/* Reads the body as a request of the run gateway's own API, of either kind, and as a provider's answer. */
static void put_as_run(struct settings *settings, struct arena *arena, const struct request *request)
{
    const struct buffer *body = &request->body;
    struct json_value text = {body->bytes ? body->bytes : "", body->length};
    struct splice asked;
    struct failure why;
    struct buffer out;
    const char *run = NULL;
    buffer_init(&out, 12 * body->length + RUN_REQUEST_MARGIN);
    if (!splice_open(&asked, arena, text, (unsigned)settings->json_depth, &why)) {
        must_be_refusal(&why);
        return;
    }
    for (int way = 0; way < 4; way++) {
        bool good = way == 0   ? run_request_chat(arena, asked.object, &out, &run, &why)
                    : way == 1 ? run_request_embedding(arena, asked.object, &out, &run, &why)
                    : way == 2 ? run_response_chat(arena, asked.object, &out, &why)
                               : run_response_embedding(asked.object, &out, &why);
        if (good)
            must_be_json(&out);
        else
            must_be_refusal(&why);
        must(good || why.reason != FAILURE_TOO_LARGE, "the ceiling is enough");
        must(!good || way > 1 || *run, "a request has a run");
        buffer_free(&out);
    }
}

/* What passes to a provider holds nothing that a URL cannot hold, and no segment of dots. */
static void pass_through(const struct request *request)
{
    static const struct client_settings client = {.name = (char *)"any", .passthrough = true};
    const struct route *route = NULL;
    struct failure why;
    if (!passthrough_find(request, &route))
        return;
    must(route->upstream[0] == '/' && route->upstream[1], "there is a path");
    if (!passthrough_check_method(request, route, &why) ||
        !passthrough_check(request, route, &client, &why)) {
        must_be_refusal(&why);
        return;
    }
    for (const char *at = route->upstream; *at; at++)
        must((unsigned char)*at > ' ' && *at != '#', "the path can stand in a URL");
    const char *end = strchr(route->upstream, '?'), *dots = strstr(route->upstream, "/../");
    must(!dots || (end && dots > end), "no segment of dots");
}

static void read_request(struct settings *settings, struct arena *arena, struct front *front,
                         struct request *request)
{
    struct model_request model_request = {0};
    struct failure why;
    const struct route *route;
    const char *rest;
    bool good = request_open(request, front, arena, settings, &why) && request_read(request, settings, &why);
    must(*request->id, "the id is there in any case");
    if (good)
        pass_through(request);
    good = good && route_find(request, &route, &rest, &why);
    good = good && (route->kind != ROUTE_CHAT || model_request_read(&model_request, arena, &request->body,
                                                                    (unsigned)settings->json_depth, &why));
    if (!good)
        must_be_refusal(&why);
    else if (route->kind == ROUTE_CHAT && model_request.model)
        put_to_provider(settings, arena, &model_request);
    else if (route->run_api)
        put_as_run(settings, arena, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char *dropped[] = {(char *)"drop_me"};
    static struct name_value renamed[] = {{(char *)"old", (char *)"new"}};
    static struct name_value set[] = {{(char *)"top_k", (char *)"[1]"}};
    struct provider_settings providers[] = {
        {.name = (char *)"nvidia", .base_url = (char *)"http://127.0.0.1:1/v1"},
        {.name = (char *)"own", .base_url = (char *)"http://127.0.0.1:2/v1"}};
    struct settings settings = {.header_max = 256,
                                .body_max = 65536,
                                .json_depth = 32,
                                .default_provider = (char *)"own",
                                .force_model = (char *)"",
                                .provider_count = 2,
                                .providers = providers};
    providers[0].preset = preset_find("nvidia");
    providers[1].preset = preset_plain();
    providers[1].drop = (struct string_list){.count = 1, .items = dropped};
    providers[1].rename = (struct name_value_list){.count = 1, .items = renamed};
    providers[1].set = (struct name_value_list){.count = 1, .items = set};
    struct visitor visitor = {.front = {&kind}};
    struct request request; /* outlives its arena, which frees its body */
    struct arena *arena = arena_create();
    read_visitor(&visitor, (struct input){(const char *)bytes, size});
    read_request(&settings, arena, &visitor.front, &request);
    arena_destroy(arena);
    for (size_t i = 0; i < visitor.count; i++) {
        free(visitor.variables[i].name);
        free(visitor.variables[i].value);
    }
    return 0;
}
