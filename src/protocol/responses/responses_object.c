/* Writes the response object and its items (API reference, "The response object"). */
#include "protocol/responses/responses_object.h"
#include "protocol/dialect_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "format/json_write.h"
#include "protocol/conversation_build.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_context.h"
#include "protocol/signature.h"
#include "protocol/tool_arguments.h"
#include "usage/token_usage.h"

/* The answer repeats the client's value, else the default, which is null if only the provider knows the
 * value. */
static const struct echo {
    const char *name, *default_value;
} echoes[ECHO_MEMBERS] = {
    [ECHO_INSTRUCTIONS] = {"instructions", "null"},
    [ECHO_MAX_OUTPUT_TOKENS] = {"max_output_tokens", "null"},
    [ECHO_MAX_TOOL_CALLS] = {"max_tool_calls", "null"},
    [ECHO_METADATA] = {"metadata", "{}"},
    [ECHO_PARALLEL_TOOL_CALLS] = {"parallel_tool_calls", "true"},
    [ECHO_PROMPT_CACHE_KEY] = {"prompt_cache_key", "null"},
    [ECHO_REASONING] = {"reasoning", "{\"effort\":null,\"summary\":null}"},
    [ECHO_SAFETY_IDENTIFIER] = {"safety_identifier", "null"},
    [ECHO_SERVICE_TIER] = {"service_tier", "null"},
    [ECHO_TEMPERATURE] = {"temperature", "null"},
    [ECHO_TEXT] = {"text", "{\"format\":{\"type\":\"text\"}}"},
    [ECHO_TOOL_CHOICE] = {"tool_choice", "\"auto\""},
    [ECHO_TOOLS] = {"tools", "[]"},
    [ECHO_TOP_LOGPROBS] = {"top_logprobs", "null"},
    [ECHO_TOP_P] = {"top_p", "null"},
    [ECHO_TRUNCATION] = {"truncation", "\"disabled\""},
    [ECHO_USER] = {"user", "null"},
};

void response_object_open(struct response_object *response, const struct responses_context *context)
{
    char name[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(name);
    *response = (struct response_object){.context = context,
                                         .created_s = clock_wall_us() / 1000000,
                                         .model = context->model,
                                         .status = "in_progress"};
    snprintf(response->id, sizeof response->id, "resp_%s", name);
}

/* ---- items ---- */

static const char *status_name(enum answer_status status)
{
    static const char *const names[] = {"in_progress", "completed", "incomplete"};
    return names[status];
}

void part_write(struct json_writer *object, const struct answer_item *item)
{
    if (item->kind == ANSWER_REFUSAL) {
        json_put_string(object, "type", "refusal");
        write_inside(object, "refusal", &item->text);
        return;
    }
    json_put_string(object, "type", item->kind == ANSWER_TEXT ? "output_text" : "summary_text");
    write_inside(object, "text", &item->text);
    if (item->kind != ANSWER_TEXT)
        return;
    json_put_raw(object, "annotations", "[]", 2);
    if (item->logprobs.length) {
        json_put_name(object, "logprobs");
        write_text(object, "[");
        write_bytes(object, item->logprobs.bytes, item->logprobs.length);
        write_text(object, "]");
    }
}

static void write_parts(struct json_writer *object, const char *name, const struct answer_item *item)
{
    size_t count = 0;
    json_put_name(object, name);
    write_text(object, "[");
    if (item->status != ANSWER_IN_PROGRESS) {
        struct json_writer part = write_element(object, &count);
        part_write(&part, item);
        json_write_end(&part);
    }
    write_text(object, "]");
}

const struct tool *item_custom_tool(const struct response_object *response, const struct answer_item *item)
{
    const struct tool *tool = item->kind == ANSWER_CALL ? called_tool(response->conversation, item) : NULL;
    return tool && tool->custom ? tool : NULL;
}

void item_write_name(struct json_writer *object, const struct response_object *response,
                     const struct answer_item *item)
{
    write_call_name(object, response->conversation, item);
}

/* A model that does not keep to the function's one parameter meant all of it. */
void item_write_input(struct json_writer *object, const char *name, const struct answer_item *item)
{
    struct arena *arena = arena_create();
    struct json_value quoted = quote_inside(arena, item->text.bytes, item->text.length), arguments;
    struct json_value input = {0};
    if (arguments_read_object(arena, quoted, &arguments))
        input = json_get(arguments, "input");
    if (json_kind(input) == JSON_STRING)
        write_value(object, name, input);
    else
        write_inside(object, name, &item->text);
    arena_destroy(arena);
}

static void write_custom(struct json_writer *object, const struct answer_item *item, const struct tool *tool)
{
    json_put_string(object, "type", "custom_tool_call");
    write_inside(object, "call_id", &item->call_id);
    write_value(object, "name", tool->own_name);
    if (tool->own_group.at)
        write_value(object, "namespace", tool->own_group);
    if (item->status == ANSWER_IN_PROGRESS)
        json_put_string(object, "input", "");
    else
        item_write_input(object, "input", item);
}

static void write_call(struct json_writer *object, const struct response_object *response,
                       const struct answer_item *item)
{
    static const struct buffer empty = {0};
    const struct tool *tool = called_tool(response->conversation, item);
    if (tool && tool->custom) {
        write_custom(object, item, tool);
        return;
    }
    json_put_string(object, "type", "function_call");
    write_inside(object, "call_id", &item->call_id);
    if (tool && tool->own_group.at)
        write_value(object, "namespace", tool->own_group);
    item_write_name(object, response, item);
    write_inside(object, "arguments", item->status == ANSWER_IN_PROGRESS ? &empty : &item->text);
}

/* The signature, by which the provider knows its reasoning again, has the place of encrypted reasoning. */
static void write_reasoning(struct json_writer *object, const struct response_object *response,
                            const struct answer_item *item)
{
    json_put_string(object, "type", "reasoning");
    if (item->kind == ANSWER_OPAQUE)
        json_put_raw(object, "summary", "[]", 2);
    else
        write_parts(object, "summary", item);
    if (item->status != ANSWER_IN_PROGRESS && item->kind == ANSWER_OPAQUE)
        signature_write(object, "encrypted_content", response->conversation, SIGNATURE_OPAQUE, &item->text);
    else if (item->status != ANSWER_IN_PROGRESS && item->signature.length)
        signature_write(object, "encrypted_content", response->conversation, SIGNATURE_REASONING,
                        &item->signature);
}

void item_write(struct json_writer *object, const struct response_object *response,
                const struct answer_item *item)
{
    json_put_string(object, "id", item->id);
    json_put_string(object, "status", status_name(item->status));
    if (item->kind == ANSWER_CALL) {
        write_call(object, response, item);
    } else if (item->kind == ANSWER_REASONING || item->kind == ANSWER_OPAQUE) {
        write_reasoning(object, response, item);
    } else {
        json_put_string(object, "type", "message");
        json_put_string(object, "role", "assistant");
        write_parts(object, "content", item);
    }
}

/* ---- the response ---- */

static void write_items(struct json_writer *object, const struct response_object *response)
{
    const struct answer *answer = response->answer;
    size_t count = 0;
    json_put_name(object, "output");
    write_text(object, "[");
    for (size_t i = 0; answer && i < answer->count; i++) {
        struct json_writer item = write_element(object, &count);
        item_write(&item, response, answer->items[i]);
        json_write_end(&item);
    }
    write_text(object, "]");
}

static void write_detail(struct json_writer *object, const char *name, const char *count_name, int64_t count)
{
    if (count < 0)
        return;
    struct json_writer detail = json_put_object(object, name);
    json_put_count(&detail, count_name, count);
    json_write_end(&detail);
}

/* All counts are integers, and strictly typed clients refuse null for one. Unknown details are left out, and
 * without the two counts there is no usage. */
static void write_usage(struct json_writer *object, const struct token_usage *usage)
{
    if (!usage || usage->prompt < 0 || usage->completion < 0) {
        json_put_null(object, "usage");
        return;
    }
    struct json_writer counts = json_put_object(object, "usage");
    json_put_count(&counts, "input_tokens", usage->prompt);
    write_detail(&counts, "input_tokens_details", "cached_tokens", usage->cached);
    json_put_count(&counts, "output_tokens", usage->completion);
    write_detail(&counts, "output_tokens_details", "reasoning_tokens", usage->reasoning);
    json_put_count(&counts, "total_tokens",
                   usage->total >= 0 ? usage->total : usage->prompt + usage->completion);
    json_write_end(&counts);
}

static void write_error(struct json_writer *object, const struct response_object *response)
{
    if (!response->error.at || strcmp(response->status, "failed") != 0) {
        json_put_null(object, "error");
        return;
    }
    struct json_writer error = json_put_object(object, "error");
    write_value(&error, "code", json_get(response->error, "code"));
    write_value(&error, "message", json_get(response->error, "message"));
    json_write_end(&error);
}

static void write_incomplete(struct json_writer *object, const struct response_object *response)
{
    if (strcmp(response->status, "incomplete") != 0 || !answer_incomplete(response->answer)) {
        json_put_null(object, "incomplete_details");
        return;
    }
    struct json_writer details = json_put_object(object, "incomplete_details");
    json_put_string(&details, "reason", answer_incomplete(response->answer));
    json_write_end(&details);
}

/* Values beyond ECHO_MAX are not repeated, because the client has them anyway. */
static void write_echoes(struct json_writer *object, const struct response_object *response)
{
    size_t left = ECHO_MAX;
    for (int member = 0; member < ECHO_MEMBERS; member++) {
        const struct echo *echo = &echoes[member];
        struct json_value value = response->context->echo[member],
                          default_value = {echo->default_value, strlen(echo->default_value)};
        if (member == ECHO_SERVICE_TIER && response->service_tier.at)
            value = response->service_tier;
        bool repeated = value.at && value.length <= left;
        left -= repeated ? value.length : 0;
        write_value(object, echo->name, repeated ? value : default_value);
    }
}

void response_object_write(struct json_writer *object, const struct response_object *response)
{
    bool completed = strcmp(response->status, "completed") == 0;
    json_put_string(object, "id", response->id);
    json_put_string(object, "object", "response");
    json_put_count(object, "created_at", response->created_s);
    json_put_string(object, "status", response->status);
    json_put_bool(object, "background", false);
    json_put_count(object, "completed_at", completed ? clock_wall_us() / 1000000 : -1);
    write_error(object, response);
    write_incomplete(object, response);
    write_value(object, "model", response->model);
    write_items(object, response);
    write_echoes(object, response);
    json_put_null(object, "previous_response_id");
    json_put_null(object, "prompt");
    json_put_bool(object, "store", false);
    write_usage(object, response->usage);
}
