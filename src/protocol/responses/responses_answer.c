/* Reads the answers of providers that speak the Responses API (API reference, "Streaming events").
 *
 * Some servers leave out deltas, or the items of the last event, so what comes whole is compared with what
 * has come before. Items of hosted tools are left out. */
#include "protocol/responses/responses_answer.h"

#include <string.h>

#include "base/base.h"
#include "protocol/answer.h"
#include "protocol/answer_items.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct json_value nothing = {0};

/* ---- calls ---- */

/* The provider's id of a call's item names it in the events of its arguments. */
static struct answer_item *find_call(const struct answer *answer, struct json_value item_id)
{
    for (size_t i = answer->call_count; is_filled(item_id) && i-- > 0;) {
        const struct buffer *id = &answer->calls[i]->provider_id;
        if (id->length == item_id.length - 2 && memcmp(id->bytes, item_id.at + 1, id->length) == 0)
            return answer->calls[i];
    }
    return answer->call;
}

static bool begin_call(struct answer *answer, struct json_value item, struct failure *why)
{
    struct json_value id = json_get(item, "id");
    answer->call = answer_begin_call(answer, json_get(item, "call_id"), json_get(item, "name"), nothing, why);
    return answer->call && (!is_filled(id) ||
                            answer_append(answer, &answer->call->provider_id, id.at + 1, id.length - 2, why));
}

static bool add_arguments(struct answer *answer, struct answer_item *call, struct json_value text,
                          struct failure *why)
{
    return !call || !is_filled(text) ||
           answer_add_arguments(answer, call, (struct json_value){text.at + 1, text.length - 2}, why);
}

static bool has_call(const struct answer *answer, struct json_value item)
{
    struct json_value id = json_get(item, "call_id");
    for (size_t i = 0; is_filled(id) && i < answer->call_count; i++) {
        const struct buffer *known = &answer->calls[i]->call_id;
        if (known->length == id.length - 2 && memcmp(known->bytes, id.at + 1, known->length) == 0)
            return true;
    }
    return false;
}

/* ---- whole items ---- */

static bool take_texts(struct answer *answer, struct json_value list, enum answer_kind kind, const char *name,
                       struct failure *why)
{
    struct json_value rest = json_elements(list), part;
    while (json_next_element(&rest, &part))
        if (!answer_add(answer, kind, json_get(part, name), why))
            return false;
    return true;
}

static bool take_reasoning(struct answer *answer, struct json_value item, struct failure *why)
{
    struct json_value summary = json_get(item, "summary"), rest = json_elements(summary), part;
    bool has_summary = json_next_element(&rest, &part);
    bool good = take_texts(answer, has_summary ? summary : json_get(item, "content"), ANSWER_REASONING,
                           "text", why);
    return good && answer_sign(answer, json_get(item, "encrypted_content"), why);
}

static bool take_item(struct answer *answer, struct json_value item, struct failure *why)
{
    struct json_value type = json_get(item, "type");
    if (is_word(type, "message"))
        return take_texts(answer, json_get(item, "content"), ANSWER_TEXT, "text", why) &&
               take_texts(answer, json_get(item, "content"), ANSWER_REFUSAL, "refusal", why);
    if (is_word(type, "reasoning"))
        return take_reasoning(answer, item, why);
    return !is_word(type, "function_call") ||
           (begin_call(answer, item, why) &&
            add_arguments(answer, answer->call, json_get(item, "arguments"), why));
}

/* ---- events ---- */

static bool has_kind(const struct answer *answer, enum answer_kind kind)
{
    for (size_t i = 0; i < answer->count; i++)
        if (answer->items[i]->kind == kind)
            return true;
    return false;
}

/* Takes from a done item what no event has brought. */
static bool take_done(struct answer *answer, struct json_value item, struct failure *why)
{
    struct json_value type = json_get(item, "type");
    if (is_word(type, "function_call") && has_call(answer, item)) {
        struct answer_item *call = find_call(answer, json_get(item, "id"));
        return !call || call->text.length || add_arguments(answer, call, json_get(item, "arguments"), why);
    }
    if (is_word(type, "reasoning") && has_kind(answer, ANSWER_REASONING)) {
        bool good = answer_sign(answer, json_get(item, "encrypted_content"), why);
        answer_close_text(answer, ANSWER_COMPLETED);
        return good;
    }
    bool is_told = is_word(type, "message") &&
                   (has_kind(answer, ANSWER_TEXT) || has_kind(answer, ANSWER_REFUSAL));
    return is_told || take_item(answer, item, why);
}

static void learn(struct answer *answer, struct json_value response)
{
    answer_learn(answer, &answer->id, json_get(response, "id"));
    answer_learn(answer, &answer->model, json_get(response, "model"));
    answer_learn(answer, &answer->service_tier, json_get(response, "service_tier"));
}

static void take_status(struct answer *answer, struct json_value response)
{
    struct json_value reason = json_get(json_get(response, "incomplete_details"), "reason");
    answer->stop = STOP_END;
    if (is_word(json_get(response, "status"), "incomplete"))
        answer->stop = is_word(reason, "content_filter") ? STOP_FILTER : STOP_LENGTH;
}

static bool take_items(struct answer *answer, struct json_value response, struct failure *why)
{
    struct json_value rest = json_elements(json_get(response, "output")), item;
    while (json_next_element(&rest, &item))
        if (!take_item(answer, item, why))
            return false;
    return true;
}

static bool end_response(struct answer *answer, struct json_value response, struct failure *why)
{
    learn(answer, response);
    take_status(answer, response);
    return answer->count || take_items(answer, response, why);
}

bool responses_answer_event(struct answer *answer, struct json_value event, struct failure *why)
{
    static const char *const deltas[] = {"response.output_text.delta", "response.refusal.delta",
                                         "response.reasoning_summary_text.delta",
                                         "response.reasoning_text.delta"};
    static const enum answer_kind kinds[] = {ANSWER_TEXT, ANSWER_REFUSAL, ANSWER_REASONING, ANSWER_REASONING};
    struct json_value type = json_get(event, "type"), delta = json_get(event, "delta");
    struct json_value item = json_get(event, "item"), response = json_get(event, "response");
    size_t index = word_index(type, deltas, COUNT(deltas));
    if (index < COUNT(deltas))
        return answer_add(answer, kinds[index], delta, why);
    if (is_word(type, "response.function_call_arguments.delta"))
        return add_arguments(answer, find_call(answer, json_get(event, "item_id")), delta, why);
    if (is_word(type, "response.output_item.added"))
        return !is_word(json_get(item, "type"), "function_call") || begin_call(answer, item, why);
    if (is_word(type, "response.output_item.done"))
        return take_done(answer, item, why);
    if (is_word(type, "response.created") || is_word(type, "response.in_progress"))
        learn(answer, response);
    if (is_word(type, "response.completed") || is_word(type, "response.incomplete"))
        return end_response(answer, response, why);
    return true;
}

bool responses_answer_body(struct answer *answer, struct json_value response, struct failure *why)
{
    learn(answer, response);
    take_status(answer, response);
    return take_items(answer, response, why);
}
