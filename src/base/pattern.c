/* Patterns with '*': which models a rule is for, which a client may use. */
#include "base/pattern.h"

#include <stddef.h>
#include <string.h>

/* The part after the last '*' is compared at one position after the other: no recursion, and at most as many
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
