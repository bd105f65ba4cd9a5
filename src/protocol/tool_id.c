/* Ids of calls that a provider accepts. */
#include "protocol/tool_id.h"

#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/digest.h"
#include "protocol/conversation_build.h"

#define KEPT_MAX 40
#define DIGEST_DIGITS 10

static bool is_valid(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || is_digit(letter) ||
           letter == '_' || letter == '-';
}

struct json_value tool_id_valid(struct arena *arena, struct json_value id)
{
    unsigned char digest[DIGEST_BYTES];
    char digits[DIGEST_HEX + 1], kept[KEPT_MAX + 1];
    size_t length = 0, valid = 0;
    const char *text = json_string(arena, id, &length);
    while (text && valid < length && is_valid(text[valid]))
        valid++;
    if (!text || (valid == length && length))
        return id;
    digest_sha256(text, length, digest);
    digest_print(digest, digits);
    for (valid = 0; valid < length && valid < KEPT_MAX; valid++)
        kept[valid] = is_valid(text[valid]) ? text[valid] : '_';
    kept[valid] = '\0';
    return quote_text(arena, arena_format(arena, "%s_%.*s", kept, DIGEST_DIGITS, digits));
}
