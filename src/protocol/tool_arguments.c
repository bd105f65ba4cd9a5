/* The arguments of a call: a string that holds JSON in OpenAI's dialects, an object in the others. */
#include "protocol/tool_arguments.h"

#include "base/arena.h"
#include "protocol/json_pieces.h"

void arguments_write_text(struct json_writer *writer, const char *name, struct json_value arguments)
{
    if (json_kind(arguments) != JSON_OBJECT) {
        json_put_name(writer, name);
        write_bytes(writer, is_filled(arguments) ? arguments.at : "\"{}\"",
                    is_filled(arguments) ? arguments.length : 4);
        return;
    }
    json_put_name(writer, name);
    writer->ok = writer->ok && json_quote(writer->buffer, arguments.at, arguments.length);
}

bool arguments_read_object(struct arena *arena, struct json_value arguments, struct json_value *object)
{
    static const struct json_value empty = {"{}", 2};
    struct json_fault fault;
    size_t length = 0;
    *object = arguments.at ? arguments : empty;
    if (json_kind(*object) == JSON_OBJECT)
        return true;
    const char *text = json_string(arena, arguments, &length);
    if (!text)
        return false;
    size_t blanks = 0;
    while (blanks < length && (text[blanks] == ' ' || (text[blanks] >= '\t' && text[blanks] <= '\r')))
        blanks++;
    if (blanks == length) {
        *object = empty;
        return true;
    }
    return json_check((struct json_value){text, length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, object, &fault) &&
           json_kind(*object) == JSON_OBJECT;
}
