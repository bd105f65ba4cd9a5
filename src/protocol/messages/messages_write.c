/* Writes a conversation as a request of the Messages API (API reference, "Create a message"). */
#include "protocol/messages/messages_write.h"

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/custom_tool.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/json_schema.h"
#include "protocol/provider_facts.h"
#include "protocol/refused_members.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- tools ---- */

static bool put_tool(struct json_writer *list, size_t *count, const struct conversation *conversation,
                     const struct tool *tool, struct failure *why)
{
    static const struct json_value custom = {CUSTOM_TOOL_SCHEMA, sizeof CUSTOM_TOOL_SCHEMA - 1};
    struct place place = {conversation->arena, "tools", tool->index};
    struct json_writer object = write_element(list, count);
    write_value(&object, "name", tool->name);
    write_value(&object, "description",
                tool->custom ? custom_tool_description(conversation->arena, tool) : tool->description);
    if (!schema_write_parameters(&object, "input_schema", tool->custom ? custom : tool->schema,
                                 &schema_rules_plain))
        return refuse_at(&place, why, "the parameters must be of the type object");
    write_value(&object, "cache_control", tool->cache_control);
    json_write_end(&object);
    return true;
}

/* The flag of parallel calls needs a choice to stand in, which must not force a call. */
static void put_choice(struct json_writer *writer, const struct conversation *conversation)
{
    static const char *const types[] = {[CHOICE_UNSET] = "auto",
                                        [CHOICE_AUTO] = "auto",
                                        [CHOICE_NONE] = "none",
                                        [CHOICE_REQUIRED] = "any",
                                        [CHOICE_TOOL] = "tool"};
    bool is_serial = json_kind(conversation->parallel) == JSON_FALSE && conversation->choice != CHOICE_NONE;
    if (conversation->choice == CHOICE_UNSET && !is_serial)
        return;
    struct json_writer choice = json_put_object(writer, "tool_choice");
    json_put_string(&choice, "type", types[conversation->choice]);
    if (conversation->choice == CHOICE_TOOL)
        write_value(&choice, "name", conversation->chosen);
    if (is_serial)
        json_put_bool(&choice, "disable_parallel_tool_use", true);
    json_write_end(&choice);
}

static bool put_tools(struct json_writer *writer, const struct conversation *conversation,
                      struct failure *why)
{
    size_t count = 0;
    if (!conversation->tools)
        return true;
    json_put_name(writer, "tools");
    write_text(writer, "[");
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (!tool->excluded && !put_tool(writer, &count, conversation, tool, why))
            return false;
    write_text(writer, "]");
    put_choice(writer, conversation);
    return true;
}

/* ---- members ---- */

static void put_stop(struct json_writer *writer, struct json_value stop)
{
    if (json_kind(stop) == JSON_STRING) {
        json_put_name(writer, "stop_sequences");
        write_text(writer, "[");
        write_bytes(writer, stop.at, stop.length);
        write_text(writer, "]");
    } else if (json_kind(stop) == JSON_ARRAY) {
        write_value(writer, "stop_sequences", stop);
    }
}

static void put_user(struct json_writer *writer, const struct conversation *conversation)
{
    struct json_value user = conversation->said[SAID_SAFETY_IDENTIFIER];
    if (!is_filled(user))
        user = conversation->said[SAID_USER];
    if (!is_filled(user))
        return;
    struct json_writer metadata = json_put_object(writer, "metadata");
    write_value(&metadata, "user_id", user);
    json_write_end(&metadata);
}

/* OpenAI's default tier is what Anthropic calls its standard one. */
static bool put_tier(struct json_writer *writer, const struct conversation *conversation, struct failure *why)
{
    struct json_value tier = conversation->said[SAID_SERVICE_TIER];
    struct place place = {conversation->arena, "service_tier", -1};
    if (!tier.at || is_word(tier, "auto"))
        return true;
    if (!is_word(tier, "default"))
        return refuse_at(&place, why, "'%s' has no Messages representation", shown(&place, tier));
    json_put_string(writer, "service_tier", "standard_only");
    return true;
}

bool messages_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                            struct buffer *out, struct failure *why)
{
    static const enum said refused[] = {SAID_FREQUENCY_PENALTY, SAID_PRESENCE_PENALTY, SAID_LOGIT_BIAS};
    struct json_writer writer = json_write_begin(out);
    if (!refused_members_check(conversation, refused, COUNT(refused), why))
        return false;
    write_value(&writer, "model", conversation->said[SAID_MODEL]);
    if (conversation->said[SAID_MAX_TOKENS].at)
        write_value(&writer, "max_tokens", conversation->said[SAID_MAX_TOKENS]);
    else
        json_put_count(&writer, "max_tokens", facts->max_tokens);
    if (conversation->stream)
        json_put_bool(&writer, "stream", true);
    if (!messages_write_tuning(&writer, conversation, facts, why))
        return false;
    put_stop(&writer, conversation->said[SAID_STOP]);
    put_user(&writer, conversation);
    if (!put_tier(&writer, conversation, why))
        return false;
    write_value(&writer, "cache_control", conversation->said[SAID_CACHE_CONTROL]);
    if (!put_tools(&writer, conversation, why) || !messages_write_turns(&writer, conversation, why))
        return false;
    json_write_end(&writer);
    return writer.ok || refuse_size(why);
}
