/* What the frames of a stream have in common: all of it but the words.
 *
 * A provider says a word or two in each frame, within two hundred bytes that it has said a thousand times
 * before. Where everything around one string is, byte for byte, what it was in a text that was JSON, the new
 * text is JSON if its string is a string, and all else that it says is known. */
#include "protocol/frame_template.h"

#include <string.h>

void mould_take(struct mould *mould, struct json_value frame, struct json_value words)
{
    mould->before = 0;
    if (!words.at || frame.length - words.length > MOULD_MAX)
        return;
    const char *after = words.at + words.length;
    mould->before = (size_t)(words.at - frame.at);
    mould->after = frame.length - words.length - mould->before;
    memcpy(mempcpy(mould->bytes, frame.at, mould->before), after, mould->after);
}

static bool is_string(struct json_value text, struct json_value *string)
{
    struct json_fault fault;
    return json_check(text, 0, JSON_UTF8_ANY, string, &fault) && json_kind(*string) == '"';
}

bool mould_fits(const struct mould *mould, struct json_value frame, struct json_value *words)
{
    size_t around = mould->before + mould->after;
    if (!mould->before || frame.length < around)
        return false;
    const char *between = frame.at + mould->before;
    size_t length = frame.length - around;
    return memcmp(frame.at, mould->bytes, mould->before) == 0 &&
           memcmp(between + length, mould->bytes + mould->before, mould->after) == 0 &&
           is_string((struct json_value){between, length}, words);
}
