/* Reads the answers of Gemini's generateContent (Gemini API reference, "GenerateContentResponse").
 *
 * "thought" alone tells reasoning from text: a signature may stand on a part of any kind. The signature of a
 * call goes to the client twice, with the call and as reasoning before it, because clients drop the one or
 * the other. */
#include "protocol/gemini/gemini_answer.h"

#include "base/base.h"
#include "protocol/answer.h"
#include "protocol/answer_items.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/stream.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Every call is whole. */
static bool take_call(struct answer *answer, struct json_value call, struct json_value signature,
                      struct failure *why)
{
    struct json_value arguments = json_get(call, "args");
    if (!answer_sign(answer, signature, why))
        return false;
    struct answer_item *item = answer_begin_call(answer, json_get(call, "id"), json_get(call, "name"),
                                                 signature, why);
    return item && (json_kind(arguments) != JSON_OBJECT || answer_add_object(answer, item, arguments, why));
}

static bool take_part(struct answer *answer, struct json_value part, struct failure *why)
{
    enum { TEXT, THOUGHT, CALL, SIGNATURE, MEMBERS };
    static const char *const names[MEMBERS] = {"text", "thought", "functionCall", "thoughtSignature"};
    struct json_value members[MEMBERS] = {{0}};
    json_pick(part, names, MEMBERS, members);
    if (json_kind(members[CALL]) == JSON_OBJECT)
        return take_call(answer, members[CALL], members[SIGNATURE], why);
    bool is_thought = json_kind(members[THOUGHT]) == JSON_TRUE;
    return answer_add(answer, is_thought ? ANSWER_REASONING : ANSWER_TEXT, members[TEXT], why);
}

static void take_finish(struct answer *answer, struct json_value reason)
{
    static const char *const filters[] = {"SAFETY",
                                          "RECITATION",
                                          "BLOCKLIST",
                                          "PROHIBITED_CONTENT",
                                          "SPII",
                                          "IMAGE_SAFETY",
                                          "IMAGE_PROHIBITED_CONTENT",
                                          "LANGUAGE"};
    if (!stream_is_finish(reason))
        return;
    answer->stop = is_word(reason, "MAX_TOKENS")                                  ? STOP_LENGTH
                   : word_index(reason, filters, COUNT(filters)) < COUNT(filters) ? STOP_FILTER
                                                                                  : STOP_END;
}

bool gemini_answer_take(struct answer *answer, struct json_value response, struct failure *why)
{
    struct json_value candidates = json_elements(json_get(response, "candidates")), candidate, part;
    answer_learn(answer, &answer->id, json_get(response, "responseId"));
    answer_learn(answer, &answer->model, json_get(response, "modelVersion"));
    if (!json_next_element(&candidates, &candidate))
        return true;
    struct json_value parts = json_elements(json_get(json_get(candidate, "content"), "parts"));
    while (json_next_element(&parts, &part))
        if (!take_part(answer, part, why))
            return false;
    take_finish(answer, json_get(candidate, "finishReason"));
    answer_learn(answer, &answer->explanation, json_get(candidate, "finishMessage"));
    return true;
}
