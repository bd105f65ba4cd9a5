/* FastCGI 1.0 from the web server's side (sections 3 to 5 of the specification). */
#include "fastcgi.h"

#include <string.h>

#include "talk.h"
#include "variables.h"

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, STDERR = 7 };

#define REQUEST_ID 1
#define HEADER_BYTES 8
#define CONTENT_MAX 65535

static void put_record(struct text *out, int type, const char *content, size_t length)
{
    unsigned char header[HEADER_BYTES] = {1,          (unsigned char)type,          0,
                                          REQUEST_ID, (unsigned char)(length >> 8), (unsigned char)length};
    text_append(out, header, sizeof header);
    text_append(out, content, length);
}

/* A stream ends with an empty record. */
static void put_stream(struct text *out, int type, const char *content, size_t length)
{
    while (length) {
        size_t piece = length < CONTENT_MAX ? length : CONTENT_MAX;
        put_record(out, type, content, piece);
        content += piece;
        length -= piece;
    }
    put_record(out, type, "", 0);
}

static void put_length(struct text *out, size_t length)
{
    unsigned char bytes[4] = {(unsigned char)(length >> 24 | 0x80), (unsigned char)(length >> 16),
                              (unsigned char)(length >> 8), (unsigned char)length};
    if (length < 128)
        text_append(out, &bytes[3], 1);
    else
        text_append(out, bytes, sizeof bytes);
}

void fastcgi_request(struct text *out, struct variables *variables, const void *body, size_t length)
{
    static const char begin[] = {0, 1 /* responder */, 0 /* no FCGI_KEEP_CONN */, 0, 0, 0, 0, 0};
    struct text pairs = {0};
    for (char **item = variables_vector(variables); *item; item++) {
        size_t name = strcspn(*item, "=");
        const char *value = *item + name + 1;
        put_length(&pairs, name);
        put_length(&pairs, strlen(value));
        text_append(&pairs, *item, name);
        text_put(&pairs, value);
    }
    put_record(out, BEGIN_REQUEST, begin, sizeof begin);
    put_stream(out, PARAMS, text_words(&pairs), pairs.length);
    put_stream(out, STDIN, body, length);
    text_free(&pairs);
}

static void take_record(struct talk *talk, int type, const unsigned char *content, size_t length)
{
    if (type == STDOUT) {
        text_append(&talk->heard, content, length);
    } else if (type == STDERR) {
        text_append(&talk->complaint, content, length);
    } else if (type == END_REQUEST && length >= 5) {
        talk->ended = true;
        talk->application_status = (int)((unsigned)content[0] << 24 | (unsigned)content[1] << 16 |
                                         (unsigned)content[2] << 8 | content[3]);
    }
}

void fastcgi_take_records(struct talk *talk)
{
    const unsigned char *bytes = (const unsigned char *)text_words(&talk->records);
    size_t at = 0;
    while (talk->records.length - at >= HEADER_BYTES) {
        size_t length = (size_t)bytes[at + 4] << 8 | bytes[at + 5];
        size_t whole = HEADER_BYTES + length + bytes[at + 6];
        if (talk->records.length - at < whole)
            break;
        take_record(talk, bytes[at + 1], bytes + at + HEADER_BYTES, length);
        at += whole;
    }
    text_consume(&talk->records, at);
}
