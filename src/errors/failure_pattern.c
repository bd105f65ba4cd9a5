/* Compares a provider's words with the patterns of the error rules. */
#include "errors/failure_pattern.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/base.h"

#define COUNT_MIN 256 /* no model reads fewer tokens */

/* A part of a pattern or of a text. */
struct span {
    const char *start, *end;
};

static bool is_letter(char byte)
{
    return isalnum((unsigned char)byte);
}

static bool is_same(char wanted, char found)
{
    return wanted == found || (wanted == ' ' && (found == '_' || found == '-'));
}

/* Compares one word of a group. Returns the end of the word in the text, or NULL. Letters of other scripts
 * than ours have no word boundaries. */
static const char *after_word(struct span word, const char *at, struct span text)
{
    bool open_ended = word.end > word.start && word.end[-1] == '-';
    const char *end = open_ended ? word.end - 1 : word.end, *start = word.start;
    if (at > text.start && is_letter(at[-1]) && is_letter(*start))
        return NULL;
    for (; start < end; start++, at++)
        if (at == text.end || !is_same(*start, *at))
            return NULL;
    if (open_ended || !is_letter(end[-1]))
        return at;
    if (at < text.end && *at == 's')
        at++;
    return at == text.end || !is_letter(*at) ? at : NULL;
}

static const char *after_piece(struct span piece, const char *at, struct span text);

static const char *after_group(struct span piece, const char *at, struct span text)
{
    const char *close = memchr(piece.start, ')', (size_t)(piece.end - piece.start));
    struct span rest = {close + 1, piece.end}, word = {piece.start + 1, NULL};
    for (; word.start < close; word.start = word.end + 1) {
        word.end = memchr(word.start, '|', (size_t)(close - word.start));
        if (!word.end)
            word.end = close;
        const char *after = after_word(word, at, text);
        after = after ? after_piece(rest, after, text) : NULL;
        if (after)
            return after;
    }
    return NULL;
}

/* Compares a piece of a pattern, which has groups but no '*', with the text at `at`. Returns the end of the
 * text that matches, or NULL. */
static const char *after_piece(struct span piece, const char *at, struct span text)
{
    for (; piece.start < piece.end; piece.start++, at++) {
        if (*piece.start == '(')
            return after_group(piece, at, text);
        if (at == text.end || *piece.start != *at)
            return NULL;
    }
    return at;
}

static struct span next_part(struct span *pattern, char separator)
{
    const char *end = memchr(pattern->start, separator, (size_t)(pattern->end - pattern->start));
    struct span part = {pattern->start, end ? end : pattern->end};
    pattern->start = end ? end + 1 : pattern->end;
    return part;
}

/* The bytes with which a piece can begin; most places in a text are ruled out by them. */
struct beginnings {
    bool byte[256];
};

static struct beginnings beginnings_of(struct span piece)
{
    struct beginnings first = {0};
    bool next = true; /* the next byte of the group begins a word */
    if (piece.start < piece.end && *piece.start != '(')
        first.byte[(unsigned char)*piece.start] = true;
    for (const char *at = piece.start; at < piece.end && *piece.start == '(' && *at != ')'; at++) {
        if (at > piece.start && next)
            first.byte[(unsigned char)*at] = true;
        next = *at == '(' || *at == '|';
    }
    return first;
}

/* Returns the end of the first place in the text, from `from` on, that matches the piece, or NULL. */
static const char *find_piece(struct span text, const char *from, struct span piece)
{
    if (piece.start == piece.end)
        return from;
    const struct beginnings first = beginnings_of(piece);
    for (const char *at = from; at < text.end; at++) {
        const char *after = first.byte[(unsigned char)*at] ? after_piece(piece, at, text) : NULL;
        if (after)
            return after;
    }
    return NULL;
}

/* True if the text contains the pieces of the term in their order. */
static bool occurs_in(struct span text, struct span term)
{
    const char *at = text.start;
    while (at && term.start < term.end)
        at = find_piece(text, at, next_part(&term, '*'));
    return at;
}

/* Reads a number such as 8192, 8,192 or 8k. Returns its end. */
static const char *read_count(const char *at, const char *end, double *count)
{
    *count = 0;
    for (; at < end && (is_digit(*at) || (*at == ',' && at + 1 < end && is_digit(at[1]))); at++)
        if (*at != ',')
            *count = *count * 10 + (*at - '0');
    if (at < end && (*at == 'k' || *at == 'm'))
        *count *= *at == 'k' ? 1000 : 1000000;
    return at;
}

/* True if the text has two different numbers that may be counts of tokens. A digit within a name, a version
 * or a date is none. */
static bool has_two_counts(struct span text)
{
    double first = 0;
    for (const char *at = text.start; at < text.end; at++) {
        if (!is_digit(*at))
            continue;
        bool alone = at == text.start || !(is_letter(at[-1]) || strchr("-_.", at[-1]));
        double count;
        const char *after = read_count(at, text.end, &count);
        bool whole = after == text.end || !(strchr("-_:", *after) || (*after == '.' && is_digit(after[1])));
        at = after;
        if (!alone || !whole || count < COUNT_MIN)
            continue;
        if (first > 0 && count != first)
            return true;
        first = count;
    }
    return false;
}

static bool has_all_terms(struct span sentence, struct span pattern)
{
    while (pattern.start < pattern.end) {
        struct span term = next_part(&pattern, '&');
        bool wanted = *term.start != '!';
        term.start += !wanted;
        bool found = *term.start == '#' ? has_two_counts(sentence) : occurs_in(sentence, term);
        if (found != wanted)
            return false;
    }
    return true;
}

/* Returns the end of the sentence that starts at `at`: a line feed, a full stop, '!' or '?' before a blank,
 * or the ideographic full stop. */
static const char *sentence_end(const char *at)
{
    for (; *at && *at != '\n'; at++)
        if ((strchr(".!?", *at) && at[1] == ' ') || strncmp(at, "\xe3\x80\x82", 3) == 0)
            return at + 1;
    return at;
}

static const char *line_end(const char *at)
{
    return at + strcspn(at, "\n");
}

static bool in_one_part(const char *text, struct span pattern, const char *(*part_end)(const char *at))
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = part_end(text);
        if (has_all_terms((struct span){text, end}, pattern))
            return true;
    }
    return false;
}

static bool is_first_line(const char *text, const char *line)
{
    size_t length = strcspn(text, "\n");
    while (length && strchr(".! ", text[length - 1]))
        length--;
    return length == strlen(line) && memcmp(text, line, length) == 0;
}

bool failure_pattern_in_text(const char *text, const char *pattern)
{
    struct span all = {pattern, pattern + strlen(pattern)};
    if (*pattern == '=')
        return is_first_line(text, pattern + 1);
    if (*pattern == '~')
        return in_one_part(text, (struct span){pattern + 1, all.end}, line_end);
    if (strchr(pattern, '&'))
        return in_one_part(text, all, sentence_end);
    return occurs_in((struct span){text, text + strlen(text)}, all);
}

/* The code must begin with the first piece and end with the last one. */
bool failure_pattern_is_code(const char *code, const char *pattern)
{
    struct span text = {code, code + strlen(code)};
    const char *star = strchr(pattern, '*'), *last = strrchr(pattern, '*');
    if (!star)
        return strcmp(code, pattern) == 0;
    size_t head = (size_t)(star - pattern), tail = strlen(last + 1);
    if ((size_t)(text.end - text.start) < head + tail || memcmp(code, pattern, head) != 0 ||
        memcmp(text.end - tail, last + 1, tail) != 0)
        return false;
    return occurs_in((struct span){code + head, text.end - tail}, (struct span){star, last});
}
