/* What the frames of a stream have in common: all of it but the words.
 *
 * A provider says a word or two in each frame, within two hundred bytes that it has said a thousand times
 * before. Where everything around one string is, byte for byte, what it was in a text that was JSON, the new
 * text is JSON if its string is a string, and all else that it says is known. */
#include "protocol/frame_template.h"

#include <string.h>

void frame_template_save(struct frame_template *template, struct json_value frame, struct json_value words)
{
    template->before = 0;
    if (!words.at || frame.length - words.length > FRAME_TEMPLATE_MAX)
        return;
    const char *after = words.at + words.length;
    template->before = (size_t)(words.at - frame.at);
    template->after = frame.length - words.length - template->before;
    memcpy(mempcpy(template->bytes, frame.at, template->before), after, template->after);
}

static bool is_string(struct json_value text, struct json_value *string)
{
    struct json_fault fault;
    return json_check(text, 0, JSON_UTF8_ANY, string, &fault) && json_kind(*string) == '"';
}

bool frame_template_matches(const struct frame_template *template, struct json_value frame,
                            struct json_value *words)
{
    size_t around = template->before + template->after;
    if (!template->before || frame.length < around)
        return false;
    const char *between = frame.at + template->before;
    size_t length = frame.length - around;
    return memcmp(frame.at, template->bytes, template->before) == 0 &&
           memcmp(between + length, template->bytes + template->before, template->after) == 0 &&
           is_string((struct json_value){between, length}, words);
}
