/* Content codings (RFC 9110, 8.4.1): decodes a body that is compressed.
 *
 * The output grows piece by piece and stops at the ceiling of its buffer, so that a small body cannot become
 * a large one. */
#include "format/coding.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/buffer.h"

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#define STEP_MIN 16384
#define WINDOW_LOG_MAX 23 /* RFC 9659, 3: 8 MiB */
#define WINDOW_BITS 15    /* zlib: the largest window; plus 16: gzip; negative: no header */
#define GZIP_BITS 16

#ifdef HAVE_ZSTD
const char *const codings_known = "gzip, deflate, zstd";
#else
const char *const codings_known = "gzip, deflate";
#endif

/* ---- names ---- */

static const struct {
    const char *name;
    enum coding coding;
} names[] = {
    {"gzip", CODING_GZIP},         {"x-gzip", CODING_GZIP}, /* RFC 9110, 8.4.1.3 */
    {"deflate", CODING_DEFLATE},
#ifdef HAVE_ZSTD
    {"zstd", CODING_ZSTD},
#endif
    {"identity", CODING_IDENTITY},
};

static bool read_name(const char *at, size_t length, enum coding *coding)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == length && strncasecmp(names[i].name, at, length) == 0) {
            *coding = names[i].coding;
            return true;
        }
    return false;
}

bool coding_read(const char *value, enum coding *coding)
{
    static const char blanks[] = " \t";
    *coding = CODING_IDENTITY;
    while (*(value += strspn(value, " \t,"))) {
        enum coding next;
        size_t length = strcspn(value, ","), trimmed = length;
        while (strchr(blanks, value[trimmed - 1]))
            trimmed--;
        if (!read_name(value, trimmed, &next))
            return false;
        if (next != CODING_IDENTITY && *coding != CODING_IDENTITY)
            return false;
        *coding = next == CODING_IDENTITY ? *coding : next;
        value += length;
    }
    return true;
}

const char *coding_name(enum coding coding)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].coding == coding)
            return names[i].name;
    return "zstd";
}

/* ---- gzip and deflate ---- */

/* Returns room for the next piece, which grows with the output; NULL at the ceiling. */
static char *next_room(struct buffer *out, size_t *size)
{
    size_t left = out->ceiling - out->length;
    *size = min_size(max_size(out->length, STEP_MIN), left);
    return *size ? buffer_room(out, *size) : NULL;
}

/* At the ceiling one more byte tells a body that just fits from a larger one. */
static int inflate_piece(z_stream *stream, struct buffer *out, bool *full)
{
    char beyond;
    size_t size;
    char *room = next_room(out, &size);
    stream->next_out = (Bytef *)(room ? room : &beyond);
    stream->avail_out = room ? (uInt)size : 1;
    int result = inflate(stream, Z_NO_FLUSH);
    if (room)
        buffer_fill(out, size - stream->avail_out);
    *full = !room && stream->avail_out == 0;
    return result;
}

/* Inflates up to the end of the input. A gzip body may have several members. */
static enum coding_result inflate_all(z_stream *stream, bool has_members, struct buffer *out)
{
    bool full;
    for (;;) {
        int result = inflate_piece(stream, out, &full);
        if (full)
            return CODING_TOO_LARGE;
        if (result == Z_STREAM_END && stream->avail_in == 0)
            return CODING_DECODED;
        if (result == Z_STREAM_END && (!has_members || inflateReset(stream) != Z_OK))
            return CODING_CORRUPT;
        if (result == Z_BUF_ERROR || (result == Z_OK && stream->avail_in == 0 && stream->avail_out > 0))
            return CODING_TRUNCATED;
        if (result != Z_OK && result != Z_STREAM_END)
            return CODING_CORRUPT;
    }
}

static enum coding_result inflate_body(int window_bits, const char *bytes, size_t length, struct buffer *out)
{
    z_stream stream = {.next_in = (Bytef *)bytes, .avail_in = (uInt)length};
    if (length > UINT_MAX)
        return CODING_TOO_LARGE;
    if (inflateInit2(&stream, window_bits) != Z_OK)
        return CODING_CORRUPT;
    enum coding_result result = inflate_all(&stream, window_bits > GZIP_BITS, out);
    inflateEnd(&stream);
    return result;
}

/* Some clients send the compressed data without the header of RFC 1950. Such data may begin like a header, so
 * it is tried whatever the first result was. */
static enum coding_result decode_deflate(const char *bytes, size_t length, struct buffer *out)
{
    size_t before = out->length;
    enum coding_result result = inflate_body(WINDOW_BITS, bytes, length, out), second;
    if (result == CODING_DECODED || result == CODING_TOO_LARGE)
        return result;
    out->length = before;
    second = inflate_body(-WINDOW_BITS, bytes, length, out);
    return second == CODING_DECODED || second == CODING_TOO_LARGE ? second : result;
}

/* ---- zstd ---- */

#ifdef HAVE_ZSTD
/* Decodes all frames; `stream` reports 0 at the end of each. */
static enum coding_result decode_frames(ZSTD_DStream *stream, ZSTD_inBuffer *input, struct buffer *out)
{
    char beyond;
    size_t size, left = 1;
    for (;;) {
        char *room = next_room(out, &size);
        ZSTD_outBuffer output = {room ? room : &beyond, room ? size : 1, 0};
        size_t before = input->pos;
        left = ZSTD_decompressStream(stream, &output, input);
        if (ZSTD_isError(left))
            return CODING_CORRUPT;
        if (!room && output.pos)
            return CODING_TOO_LARGE;
        if (room)
            buffer_fill(out, output.pos);
        if (input->pos == input->size && left == 0)
            return CODING_DECODED;
        if (input->pos == before && output.pos == 0)
            return CODING_TRUNCATED;
    }
}

static enum coding_result decode_zstd(const char *bytes, size_t length, struct buffer *out)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer input = {bytes, length, 0};
    enum coding_result result = CODING_CORRUPT;
    if (length == 0)
        result = CODING_TRUNCATED;
    else if (stream && !ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        result = decode_frames(stream, &input, out);
    ZSTD_freeDStream(stream);
    return result;
}
#endif

enum coding_result coding_decode(enum coding coding, const char *bytes, size_t length, struct buffer *out)
{
#ifdef HAVE_ZSTD
    if (coding == CODING_ZSTD)
        return decode_zstd(bytes, length, out);
#endif
    return coding == CODING_DEFLATE ? decode_deflate(bytes, length, out)
                                    : inflate_body(WINDOW_BITS + GZIP_BITS, bytes, length, out);
}
