/* Patterns with '*', which select the models of a rule and the models that a client may use. */
#include "base/pattern.h"

#include <stddef.h>
#include <string.h>

/* Compares the part after the last '*' at each position in turn. This needs no recursion, and at most as many
 * steps as the product of both lengths. */
static bool fits(const char *pattern, const char *end, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (pattern < end && *pattern == '*') {
            star = ++pattern;
            from = text;
        } else if (pattern < end && *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++from;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*')
        pattern++;
    return pattern == end;
}

bool pattern_matches(const char *patterns, const char *text)
{
    for (const char *at = patterns;; at++) {
        size_t length = strcspn(at, "|");
        if (fits(at, at + length, text))
            return true;
        at += length;
        if (!*at)
            return false;
    }
}
