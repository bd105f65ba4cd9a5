/* Compares a text with a name as parsers do that ignore case. */
#include "format/fold.h"

#include <string.h>

#include "base/ascii.h"

/* Folds the first character of the text. Returns its length in bytes; `*folded` is '\0' if it does not fold
 * to ASCII. */
static size_t fold_first(const char *text, size_t length, char *folded)
{
    static const char long_s[] = "\xc5\xbf", kelvin_sign[] = "\xe2\x84\xaa";
    *folded = (unsigned char)*text < 0x80 ? ascii_lower(*text) : '\0';
    if (*folded)
        return 1;
    if (length >= 2 && memcmp(text, long_s, 2) == 0) {
        *folded = 's';
        return 2;
    }
    if (length >= 3 && memcmp(text, kelvin_sign, 3) == 0) {
        *folded = 'k';
        return 3;
    }
    return 1;
}

bool fold_equal(const char *text, size_t length, const char *name)
{
    char folded;
    for (; *name; name++) {
        if (!length)
            return false;
        size_t taken = fold_first(text, length, &folded);
        if (folded != ascii_lower(*name))
            return false;
        text += taken;
        length -= taken;
    }
    return length == 0;
}
