/* Compares a provider's words with the patterns of the error rules. */
#ifndef PENSTOCK_ERRORS_FAILURE_PATTERN_H
#define PENSTOCK_ERRORS_FAILURE_PATTERN_H

#include <stdbool.h>

/* Patterns are in lower case:
 *
 *     plain text    occurs as it stands
 *     *             any text
 *     (a|b c|d-)    one of these words; a word may end in "s", and after "d" may follow more letters. A blank
 *                   also stands for '_' and '-'
 *     =             at the start of a pattern: the rest is the entire first line of the text, without the
 *                   punctuation at its end
 *     #             as a term of the next form: two different numbers from 256 on, as a count and its limit
 *     a&b&!c        one sentence has a and b, in any order, and does not have c
 *     ~a&b&!c       one line has them, in one sentence or in several
 */

/* True if the pattern occurs in `text`, which has sentences in lower case, one or more per line. */
bool failure_pattern_in_text(const char *text, const char *pattern);

/* True if the code matches the pattern from start to end. */
bool failure_pattern_is_code(const char *code, const char *pattern);

#endif
