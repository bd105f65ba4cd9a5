/* The sentence of an error: made fit to be shown. */
#include "errors/failure_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define POINTS_MAX 200
#define POINTS_KEPT 197

/* Unicode's white space beyond ASCII that occurs in messages: NBSP, the general punctuation blanks, the line
 * separators. */
static size_t blank_length(const char *at, size_t left)
{
    unsigned char byte = (unsigned char)*at;
    if (byte <= 0x20 || byte == 0x7f)
        return 1;
    if (left >= 2 && memcmp(at, "\xc2\xa0", 2) == 0)
        return 2;
    if (left >= 2 && memcmp(at, "\xc2\x85", 2) == 0)
        return 2;
    bool general = left >= 3 && at[0] == '\xe2' && at[1] == '\x80';
    unsigned char third = general ? (unsigned char)at[2] : 0;
    if (general && ((third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf))
        return 3;
    return left >= 3 && memcmp(at, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

struct sentence {
    char *start, *to, *end; /* `end` leaves room for "..." and the NUL */
    char *cut;              /* after the 197th code point */
    size_t points;
    bool blank_due;
};

static bool put_point(struct sentence *sentence, const char *bytes, size_t length)
{
    if (sentence->to + length > sentence->end)
        return false;
    memcpy(sentence->to, bytes, length);
    sentence->to += length;
    sentence->points++;
    if (sentence->points == POINTS_KEPT)
        sentence->cut = sentence->to;
    return sentence->points <= POINTS_MAX;
}

/* One character in: a blank waits for what follows it, bytes that are no UTF-8 become U+FFFD. */
static size_t take_point(struct sentence *sentence, const char *at, size_t left, bool *room)
{
    size_t blank = blank_length(at, left);
    if (blank) {
        sentence->blank_due = sentence->to > sentence->start;
        return blank;
    }
    if (sentence->blank_due)
        *room = put_point(sentence, " ", 1);
    sentence->blank_due = false;
    size_t length = utf8_length(at, left);
    if (*room)
        *room = length ? put_point(sentence, at, length) : put_point(sentence, "\xef\xbf\xbd", 3);
    return length ? length : 1;
}

void failure_text_clean(const char *text, size_t length, char *message, size_t size)
{
    struct sentence sentence = {.start = message, .to = message, .end = message + size - 4};
    bool room = true;
    for (const char *at = text, *end = text + length; at < end && room;)
        at += take_point(&sentence, at, (size_t)(end - at), &room);
    if (!room && sentence.cut) {
        memcpy(sentence.cut, "...", 3);
        sentence.to = sentence.cut + 3;
    }
    *sentence.to = '\0';
    if (sentence.to == message)
        snprintf(message, size, "Provider request failed");
}
