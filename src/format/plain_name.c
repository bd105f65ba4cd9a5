/* The letters and digits of a name, without what differs between the ways to write it. */
#include "format/plain_name.h"

#include <string.h>

#include "base/ascii.h"

#define LONG_S 0x17f
#define KELVIN 0x212a

struct letters {
    char *at;
    size_t count;
};

static void put(struct letters *letters, unsigned code)
{
    char byte = code == LONG_S ? 's' : code == KELVIN ? 'k' : code >= 0x80 ? '?' : ascii_lower((char)code);
    bool counts = byte == '?' || is_digit(byte) || (byte >= 'a' && byte <= 'z');
    if (counts && letters->count < PLAIN_NAME_SIZE - 1)
        letters->at[letters->count++] = byte;
}

/* Returns the code of a UTF-8 sequence that may be cut or malformed, and its length. */
static unsigned code_at(const char *at, size_t left, size_t *length)
{
    unsigned char first = (unsigned char)*at;
    *length = 1;
    if (first < 0x80)
        return first;
    while (*length < left && ((unsigned char)at[*length] & 0xc0) == 0x80)
        ++*length;
    if (*length == 2)
        return (first & 0x1fu) << 6 | ((unsigned char)at[1] & 0x3fu);
    if (*length == 3)
        return (first & 0xfu) << 12 | ((unsigned char)at[1] & 0x3fu) << 6 | ((unsigned char)at[2] & 0x3fu);
    return 0xfffd;
}

void plain_name(const char *name, size_t length, char plain[static PLAIN_NAME_SIZE])
{
    struct letters letters = {plain, 0};
    for (size_t i = 0, size; i < length; i += size)
        put(&letters, code_at(name + i, length - i, &size));
    plain[letters.count] = '\0';
}

static unsigned code_of_escape(const char *digits)
{
    unsigned code = 0;
    for (size_t i = 0; i < 4; i++)
        code = code << 4 | (unsigned)hex_value(digits[i]);
    return code;
}

void plain_name_of(struct json_value quoted, char plain[static PLAIN_NAME_SIZE])
{
    struct letters letters = {plain, 0};
    size_t end = quoted.length ? quoted.length - 1 : 0;
    for (size_t i = 1, size; i < end; i += size) {
        const char *at = quoted.at + i;
        if (*at != '\\') {
            put(&letters, code_at(at, end - i, &size));
            continue;
        }
        size = at[1] == 'u' ? 6 : 2;
        if (at[1] == 'u')
            put(&letters, code_of_escape(at + 2));
    }
    plain[letters.count] = '\0';
}

bool plain_name_ends(const char *plain, const char *end)
{
    size_t length = strlen(plain), size = strlen(end);
    return length >= size && memcmp(plain + length - size, end, size) == 0;
}

bool plain_name_among(const char *plain, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(plain, names[i]) == 0)
            return true;
    return false;
}

bool plain_name_ends_among(const char *plain, const char *const *ends, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (plain_name_ends(plain, ends[i]))
            return true;
    return false;
}
