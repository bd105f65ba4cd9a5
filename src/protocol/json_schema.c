/* Writes a JSON Schema as a provider takes it. */
#include "protocol/json_schema.h"

#include <string.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json_number.h"
#include "format/json_write.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TOLD_MAX 4096

static const char *const meta[] = {"$schema", NULL};
static const char *const none[] = {NULL};
const struct schema_rules schema_rules_plain = {.dropped = meta, .told = none};

static bool is_among(struct json_value name, const char *const *words)
{
    while (*words && !json_name_is(name, *words))
        words++;
    return *words;
}

static bool is_of(struct json_value name, const char *const *words, size_t count)
{
    size_t i = 0;
    while (i < count && !json_name_is(name, words[i]))
        i++;
    return i < count;
}

static void write_node(struct json_writer *writer, struct json_value schema,
                       const struct schema_rules *rules);

/* Writes an object whose keys are names, and whose values are schemas. */
static void write_named(struct json_writer *outer, struct json_value name, struct json_value object,
                        const struct schema_rules *rules)
{
    struct json_writer inner = write_member_as(outer, name);
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member)) {
        if (json_kind(member.value) != JSON_OBJECT) {
            write_member(&inner, &member);
            continue;
        }
        struct json_writer node = write_member_as(&inner, member.name);
        write_node(&node, member.value, rules);
        json_write_end(&node);
    }
    json_write_end(&inner);
}

static void write_list(struct json_writer *outer, struct json_value name, struct json_value list,
                       const struct schema_rules *rules)
{
    struct json_value rest = json_elements(list), element;
    size_t count = 0;
    write_text(outer, outer->first ? "" : ",");
    outer->first = false;
    write_bytes(outer, name.at, name.length);
    write_text(outer, ":[");
    while (json_next_element(&rest, &element)) {
        if (json_kind(element) != JSON_OBJECT) {
            write_text(outer, count++ ? "," : "");
            write_bytes(outer, element.at, element.length);
            continue;
        }
        struct json_writer node = write_element(outer, &count);
        write_node(&node, element, rules);
        json_write_end(&node);
    }
    write_text(outer, "]");
}

/* ---- types ---- */

/* Writes a list of types: the only real one with "nullable", or the real ones as alternatives. */
static void write_types(struct json_writer *writer, struct json_value types)
{
    struct json_value rest = json_elements(types), type, real = {0};
    size_t count = 0, reals = 0;
    bool nullable = false;
    while (json_next_element(&rest, &type)) {
        nullable = nullable || is_word(type, "null");
        if (!is_word(type, "null") && !reals++)
            real = type;
    }
    if (reals == 1) {
        write_value(writer, "type", real);
    } else if (reals > 1) {
        json_put_name(writer, "anyOf");
        write_text(writer, "[");
        for (rest = json_elements(types); json_next_element(&rest, &type);) {
            if (is_word(type, "null"))
                continue;
            struct json_writer node = write_element(writer, &count);
            write_value(&node, "type", type);
            json_write_end(&node);
        }
        write_text(writer, "]");
    }
    if (nullable)
        json_put_bool(writer, "nullable", true);
}

/* ---- what is told in words ---- */

static bool is_told(const struct json_member *member, const struct schema_rules *rules)
{
    if (!is_among(member->name, rules->told))
        return false;
    bool is_least = json_name_is(member->name, "minItems") && json_largest_number(member->value) <= 1;
    return !is_least;
}

/* Appends ", minimum 1" and the like, as the inside of a JSON string. */
static bool tell(struct buffer *told, const struct json_member *member)
{
    struct json_value name = {member->name.at + 1, member->name.length - 2}, value = member->value;
    struct buffer quoted;
    if (value.length > TOLD_MAX / 4)
        return true;
    buffer_init(&quoted, TOLD_MAX);
    bool fits = json_quote(&quoted, value.at, value.length) &&
                buffer_append(told, ", ", told->length ? 2 : 0) &&
                buffer_append(told, name.at, name.length) && buffer_append(told, " ", 1) &&
                buffer_append(told, quoted.bytes + 1, quoted.length - 2);
    buffer_free(&quoted);
    return fits;
}

static void write_description(struct json_writer *writer, struct json_value description, struct buffer *told)
{
    if (!told->length) {
        write_value(writer, "description", description);
        return;
    }
    bool is_text = is_filled(description);
    json_put_name(writer, "description");
    write_text(writer, "\"");
    write_bytes(writer, is_text ? description.at + 1 : "", is_text ? description.length - 2 : 0);
    write_text(writer, is_text ? " (" : "(");
    write_bytes(writer, told->bytes, told->length);
    write_text(writer, ")\"");
}

/* ---- a node ---- */

static void write_keyword(struct json_writer *writer, const struct json_member *member,
                          const struct schema_rules *rules)
{
    static const char *const named[] = {"properties", "$defs", "definitions", "patternProperties"};
    static const char *const lists[] = {"anyOf", "oneOf", "allOf", "prefixItems"};
    static const char *const nodes[] = {"items", "additionalProperties", "not", "contains", "propertyNames"};
    enum json_kind kind = json_kind(member->value);
    if (kind == JSON_OBJECT && is_of(member->name, named, COUNT(named))) {
        write_named(writer, member->name, member->value, rules);
    } else if (kind == JSON_ARRAY && is_of(member->name, lists, COUNT(lists))) {
        write_list(writer, member->name, member->value, rules);
    } else if (kind == JSON_OBJECT && is_of(member->name, nodes, COUNT(nodes))) {
        struct json_writer node = write_member_as(writer, member->name);
        write_node(&node, member->value, rules);
        json_write_end(&node);
    } else if (kind == JSON_ARRAY && rules->nullable && json_name_is(member->name, "type")) {
        write_types(writer, member->value);
    } else {
        write_member(writer, member);
    }
}

/* Writes the members of a schema. */
static void write_node(struct json_writer *writer, struct json_value schema, const struct schema_rules *rules)
{
    struct json_value rest = json_members(schema), description = json_get(schema, "description");
    struct json_member member;
    struct buffer told;
    bool is_object = is_word(json_get(schema, "type"), "object") || json_get(schema, "properties").at;
    buffer_init(&told, TOLD_MAX);
    while (json_next_member(&rest, &member)) {
        bool closes = rules->closed && is_object && json_name_is(member.name, "additionalProperties");
        if (is_told(&member, rules))
            writer->ok = writer->ok && tell(&told, &member);
        else if (!closes && !is_among(member.name, rules->dropped) && !is_among(member.name, rules->told) &&
                 !json_name_is(member.name, "description"))
            write_keyword(writer, &member, rules);
    }
    write_description(writer, description, &told);
    if (rules->closed && is_object)
        json_put_bool(writer, "additionalProperties", false);
    buffer_free(&told);
}

void schema_write(struct json_writer *writer, const char *name, struct json_value schema,
                  const struct schema_rules *rules)
{
    struct json_writer node = json_put_object(writer, name);
    write_node(&node, schema, rules);
    json_write_end(&node);
}

bool schema_write_parameters(struct json_writer *writer, const char *name, struct json_value schema,
                             const struct schema_rules *rules)
{
    struct json_value type = json_get(schema, "type");
    struct json_writer node = json_put_object(writer, name);
    if (!type.at)
        json_put_string(&node, "type", "object");
    write_node(&node, schema, rules);
    if (!json_get(schema, "properties").at)
        json_put_raw(&node, "properties", "{}", 2);
    json_write_end(&node);
    return !type.at || is_word(type, "object");
}
