/* The Responses API: requests converted to chats, and answers of chats converted back. */
#include <cjson/cJSON.h>
#include <string.h>

#include "../kit/text.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json.h"
#include "kinds.h"
#include "outcome.h"
#include "protocol/answer_writer.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/provider_facts.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_writer.h"
#include "usage/provider_json.h"
#include "usage/token_usage.h"

#define ANSWER_MAX (1024 * 1024)

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static struct json_value checked(struct arena *arena, const cJSON *tree)
{
    struct json_value root = {0};
    struct json_fault fault;
    char *text = cJSON_PrintUnformatted(tree);
    size_t length = strlen(text);
    struct json_value copy = {arena_copy(arena, text, length), length};
    cJSON_free(text);
    if (!json_check(copy, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        give_up("a case of the corpus is not JSON: %s", fault.what);
    return root;
}

/* Notes our value as text if it differs from the expected one. */
static void outcome_value(struct outcome *outcome, const char *name, const cJSON *ours, const cJSON *wanted)
{
    if (!wanted || cJSON_Compare(ours, wanted, true))
        return;
    char *text = ours ? cJSON_PrintUnformatted(ours) : NULL;
    cJSON *unlike = cJSON_CreateNull();
    outcome_text(outcome, name, text ? text : "", unlike);
    cJSON_Delete(unlike);
    cJSON_free(text);
}

/* ---- the two sides of the conversion ---- */

static bool responses_to_chat(struct arena *arena, struct json_value body, enum reasoning_form form,
                              struct buffer *chat, struct responses_context *ask, struct failure *why)
{
    struct provider_facts facts = {.reasoning = form, .strict = true};
    struct conversation conversation;
    conversation_open(&conversation, arena, API_RESPONSES, API_CHAT, body);
    if (!responses_client.read_request(&conversation, why))
        return false;
    conversation_settle(&conversation);
    *ask = *(const struct responses_context *)conversation.private;
    return chat_provider.write_request(&conversation, &facts, chat, why);
}

static void add_tools(struct conversation *conversation, struct json_value tools)
{
    struct json_value rest = json_elements(tools), tool, none = {0};
    while (json_next_element(&rest, &tool))
        if (json_get(tool, "name").at)
            conversation_add_tool(conversation, none, json_get(tool, "name"));
}

static bool responses_from_chat(struct arena *arena, struct responses_context *ask, enum reasoning_form form,
                                struct json_value completion, const struct token_usage *usage,
                                struct buffer *response, struct failure *why)
{
    struct provider_facts facts = {.reasoning = form};
    struct json_value none = {0};
    struct conversation *conversation = arena_alloc(arena, sizeof *conversation);
    struct answer_writer *writer = arena_alloc(arena, sizeof *writer);
    conversation_open(conversation, arena, API_RESPONSES, API_CHAT, none);
    add_tools(conversation, ask->echo[ECHO_TOOLS]);
    conversation->private = ask;
    answer_writer_open(writer, responses_client.writer, arena, conversation);
    chat_provider.open_answer(&writer->answer, &facts);
    return answer_writer_body(writer, chat_provider.read_body, chat_provider.read_end, completion, usage,
                              response, why);
}

/* ---- requests ---- */

static void compare_roles(struct outcome *outcome, const cJSON *messages, const cJSON *expected)
{
    cJSON *roles = cJSON_CreateArray();
    const cJSON *message, *last = NULL;
    cJSON_ArrayForEach(message, messages)
    {
        cJSON_AddItemToArray(roles, cJSON_Duplicate(member(message, "role"), true));
        last = message;
    }
    outcome_value(outcome, "roles", roles, member(expected, "roles"));
    outcome_value(outcome, "last_content", member(last, "content"), member(expected, "last_content"));
    cJSON_Delete(roles);
}

static void compare_part(struct outcome *outcome, const cJSON *messages, const cJSON *wanted)
{
    const cJSON *message, *part;
    if (!wanted)
        return;
    cJSON_ArrayForEach(message, messages)
    {
        cJSON_ArrayForEach(part, member(message, "content")) if (cJSON_Compare(part, wanted, true)) return;
    }
    outcome_word(outcome, "contains_part", "none", wanted);
}

static void compare_chat(struct outcome *outcome, const cJSON *chat, const cJSON *expected)
{
    static const char *const same[] = {"model", "messages", "max_tokens", "tools", "reasoning_effort"};
    const cJSON *name;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        outcome_value(outcome, same[i], member(chat, same[i]), member(expected, same[i]));
    cJSON_ArrayForEach(name, member(expected, "absent"))
    {
        if (member(chat, name->valuestring))
            outcome_value(outcome, name->valuestring, member(chat, name->valuestring), name);
    }
    compare_roles(outcome, member(chat, "messages"), expected);
    compare_part(outcome, member(chat, "messages"), member(expected, "contains_part"));
}

/* Requests that must be refused are; our message is longer than theirs, because it names the place. */
static void compare_refusal(struct outcome *outcome, const char *message, const cJSON *expected)
{
    const cJSON *words = member(expected, "error") ? member(expected, "error")
                                                   : member(expected, "error_contains");
    if (!words || !strstr(message, words->valuestring))
        outcome_text(outcome, "error", message, words ? words : expected);
}

void check_responses_to_chat(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct arena *arena = arena_create();
    struct responses_context ask;
    struct failure why;
    struct buffer chat;
    buffer_init(&chat, ANSWER_MAX);
    if (!responses_to_chat(arena, checked(arena, member(input, "request")), REASONING_TAGS, &chat, &ask,
                           &why)) {
        compare_refusal(outcome, why.message, expected);
    } else if (member(expected, "error") || member(expected, "error_contains")) {
        outcome_word(outcome, "error", "none", expected);
    } else {
        cJSON *tree = cJSON_ParseWithLength(chat.bytes, chat.length);
        compare_chat(outcome, tree, expected);
        cJSON_Delete(tree);
    }
    buffer_free(&chat);
    arena_destroy(arena);
}

/* ---- answers ---- */

/* The cases give a completion, a message, or only some members of one. */
static cJSON *completion_of(const cJSON *input)
{
    if (member(input, "chat"))
        return cJSON_Duplicate(member(input, "chat"), true);
    cJSON *whole = cJSON_CreateObject(), *choices = cJSON_AddArrayToObject(whole, "choices"),
          *choice = cJSON_CreateObject();
    cJSON_AddItemToArray(choices, choice);
    const cJSON *reason = member(input, "finish_reason"), *message = member(input, "message");
    cJSON_AddStringToObject(choice, "finish_reason", reason ? reason->valuestring : "stop");
    if (message) {
        cJSON_AddItemToObject(choice, "message", cJSON_Duplicate(message, true));
        return whole;
    }
    cJSON *made = cJSON_AddObjectToObject(choice, "message");
    const cJSON *content = member(input, "content");
    cJSON_AddStringToObject(made, "content", content ? content->valuestring : "hello");
    return whole;
}

static struct token_usage usage_of(struct json_value completion)
{
    struct token_usage usage = token_usage_unknown();
    struct provider_json said = provider_json_read(completion);
    token_usage_read(&said, &usage);
    return usage;
}

/* Their items list only the members that count: ours may have more. */
static bool item_has(const cJSON *ours, const cJSON *wanted)
{
    const cJSON *part;
    cJSON_ArrayForEach(part, wanted)
    {
        if (!cJSON_Compare(member(ours, part->string), part, true))
            return false;
    }
    return true;
}

static void compare_output(struct outcome *outcome, const cJSON *ours, const cJSON *wanted)
{
    bool same = cJSON_GetArraySize(ours) == cJSON_GetArraySize(wanted);
    for (int i = 0; same && i < cJSON_GetArraySize(wanted); i++)
        same = item_has(cJSON_GetArrayItem(ours, i), cJSON_GetArrayItem(wanted, i));
    if (!wanted || same)
        return;
    const cJSON *item;
    struct text words = {0};
    cJSON_ArrayForEach(item, ours)
        text_format(&words, "%s%s/%s", words.length ? "," : "", member(item, "type")->valuestring,
                    member(item, "status")->valuestring);
    outcome_word(outcome, "output", text_words(&words), wanted);
    text_free(&words);
}

static const char *part_text(const cJSON *list)
{
    const cJSON *text = member(cJSON_GetArrayItem(list, 0), "text");
    return text ? text->valuestring : "";
}

/* All reasoning as a list, all text as one string. */
static void compare_split(struct outcome *outcome, const cJSON *output, const cJSON *expected)
{
    cJSON *thoughts = cJSON_CreateArray();
    struct text said = {0};
    const cJSON *item;
    cJSON_ArrayForEach(item, output)
    {
        if (member(item, "summary"))
            cJSON_AddItemToArray(thoughts, cJSON_CreateString(part_text(member(item, "summary"))));
        text_put(&said, part_text(member(item, "content")));
    }
    outcome_value(outcome, "reasoning", thoughts, member(expected, "reasoning"));
    if (member(expected, "content"))
        outcome_text(outcome, "content", text_words(&said), member(expected, "content"));
    text_free(&said);
    cJSON_Delete(thoughts);
}

/* The answer's items go unchanged into the next request. */
static void compare_return(struct outcome *outcome, const cJSON *output, const cJSON *wanted)
{
    struct arena *arena = arena_create();
    struct responses_context ask;
    struct failure why;
    struct buffer chat;
    cJSON *request = cJSON_CreateObject();
    cJSON_AddItemToObject(request, "input", cJSON_Duplicate(output, true));
    buffer_init(&chat, ANSWER_MAX);
    if (wanted && responses_to_chat(arena, checked(arena, request), REASONING_TAGS, &chat, &ask, &why)) {
        cJSON *tree = cJSON_ParseWithLength(chat.bytes, chat.length);
        outcome_value(outcome, "then_back_to_chat", member(tree, "messages"), wanted);
        cJSON_Delete(tree);
    } else if (wanted) {
        outcome_word(outcome, "then_back_to_chat", why.message, wanted);
    }
    buffer_free(&chat);
    cJSON_Delete(request);
    arena_destroy(arena);
}

static void compare_response(struct outcome *outcome, const cJSON *response, const cJSON *expected)
{
    static const char *const same[] = {
        "status", "incomplete_details", "tool_choice", "parallel_tool_calls", "tools", "usage"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        outcome_value(outcome, same[i], member(response, same[i]), member(expected, same[i]));
    compare_output(outcome, member(response, "output"), member(expected, "output"));
    compare_split(outcome, member(response, "output"), expected);
    compare_return(outcome, member(response, "output"), member(expected, "then_back_to_chat"));
}

static enum reasoning_form form_of(const cJSON *input)
{
    return cJSON_IsTrue(member(input, "uses_reasoning_parser")) ? REASONING_TAGS : REASONING_LEFT_OUT;
}

void check_chat_to_responses(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct arena *arena = arena_create();
    struct responses_context ask = {0};
    struct failure why = {.reason = FAILURE_NONE};
    struct buffer chat, response;
    cJSON *completion = completion_of(input);
    struct token_usage usage = usage_of(checked(arena, completion));
    buffer_init(&chat, ANSWER_MAX);
    buffer_init(&response, ANSWER_MAX);
    const cJSON *request = member(input, "request");
    if ((!request || responses_to_chat(arena, checked(arena, request), form_of(input), &chat, &ask, &why)) &&
        responses_from_chat(arena, &ask, form_of(input), checked(arena, completion), &usage, &response,
                            &why)) {
        cJSON *tree = cJSON_ParseWithLength(response.bytes, response.length);
        compare_response(outcome, tree, expected);
        cJSON_Delete(tree);
    } else {
        outcome_text(outcome, "error", why.message, expected);
    }
    buffer_free(&chat);
    buffer_free(&response);
    cJSON_Delete(completion);
    arena_destroy(arena);
}

/* ---- a stream that fails ---- */

void check_responses_stream(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct arena *arena = arena_create();
    struct answer_writer stream;
    struct buffer out;
    struct text types = {0}, wanted = {0};
    const cJSON *frame;
    cJSON *error = cJSON_CreateObject(), *list;
    cJSON_AddStringToObject(error, "code", "server_error");
    cJSON_AddStringToObject(error, "message", member(input, "failure")->valuestring);
    buffer_init(&out, ANSWER_MAX);
    answer_writer_open(&stream, responses_client.writer, arena, NULL);
    if (!responses_writer_fail(&stream, checked(arena, error), &out))
        give_up("a failure does not fit");
    for (const char *at = out.bytes;
         at && (at = memmem(at, (size_t)(out.bytes + out.length - at), "event: ", 7)); at += 7)
        text_format(&types, "%.*s,", (int)strcspn(at + 7, "\n"), at + 7);
    cJSON_ArrayForEach(frame, member(expected, "frames"))
        text_format(&wanted, "%.*s,", (int)strcspn(frame->valuestring + 7, "\n"), frame->valuestring + 7);
    list = cJSON_CreateString(text_words(&wanted));
    outcome_word(outcome, "frames", text_words(&types), list);
    cJSON_Delete(list);
    cJSON_Delete(error);
    text_free(&types);
    text_free(&wanted);
    buffer_free(&out);
    arena_destroy(arena);
}
