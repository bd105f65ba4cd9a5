/* Compressed bodies are decoded whole, up to a ceiling, or refused. */
#include "format/coding.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buffer.h"
#include "unit.h"

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#define BODY_SIZE 100000
#define CODED_SIZE 200000

static char body[BODY_SIZE], coded[CODED_SIZE];

/* Text that compresses like JSON, from a seed. */
static void fill_body(unsigned seed)
{
    for (size_t i = 0; i < sizeof body; i++) {
        seed = seed * 1103515245 + 12345;
        body[i] = seed >> 28 ? "{\"role\":\"user\"}"[i % 15] : (char)(seed >> 16);
    }
}

/* Returns the length of what deflate() makes of the first `length` bytes of the body. */
static size_t deflate_body(int window_bits, size_t length, char *to)
{
    z_stream stream = {.next_in = (Bytef *)body, .avail_in = (uInt)length};
    stream.next_out = (Bytef *)to;
    stream.avail_out = (uInt)(coded + sizeof coded - to);
    CU_ASSERT_EQUAL_FATAL(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    CU_ASSERT_EQUAL_FATAL(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

static size_t encode(enum coding coding, size_t length, char *to)
{
#ifdef HAVE_ZSTD
    if (coding == CODING_ZSTD)
        return ZSTD_compress(to, (size_t)(coded + sizeof coded - to), body, length, 3);
#endif
    return deflate_body(coding == CODING_GZIP ? 31 : 15, length, to);
}

static enum coding_result decode(enum coding coding, size_t length, size_t ceiling, struct buffer *out)
{
    buffer_init(out, ceiling);
    return coding_decode(coding, coded, length, out);
}

/* Checks the result for the body's first `length` bytes. */
static void must_decode(enum coding coding, size_t coded_length, size_t length, size_t ceiling)
{
    struct buffer out;
    enum coding_result result = decode(coding, coded_length, ceiling, &out);
    CU_ASSERT_EQUAL(result, length <= ceiling ? CODING_DECODED : CODING_TOO_LARGE);
    CU_ASSERT_TRUE(out.length <= ceiling);
    if (result == CODING_DECODED) {
        CU_ASSERT_EQUAL(out.length, length);
        CU_ASSERT_TRUE(!length || memcmp(out.bytes, body, length) == 0);
    }
    buffer_free(&out);
}

static const enum coding all[] = {
    CODING_GZIP,
    CODING_DEFLATE,
#ifdef HAVE_ZSTD
    CODING_ZSTD,
#endif
};

#define CODINGS (sizeof all / sizeof *all)

static void every_coding_is_decoded_up_to_the_ceiling(void)
{
    static const size_t lengths[] = {0, 1, 2, 100, 16383, 16384, 16385, 32768, 65536, BODY_SIZE};
    fill_body(1);
    for (size_t i = 0; i < CODINGS; i++)
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            size_t length = encode(all[i], lengths[j], coded);
            must_decode(all[i], length, lengths[j], lengths[j]);
            must_decode(all[i], length, lengths[j], lengths[j] + 1);
            must_decode(all[i], length, lengths[j], BODY_SIZE);
            must_decode(all[i], length, lengths[j], lengths[j] ? lengths[j] - 1 : 0);
        }
}

static void deflate_may_lack_its_header(void)
{
    for (unsigned seed = 0; seed < 300; seed++) {
        fill_body(seed);
        size_t length = deflate_body(-15, seed, coded);
        must_decode(CODING_DEFLATE, length, seed, BODY_SIZE);
    }
}

static void several_members_are_one_body(void)
{
    fill_body(2);
    for (size_t i = 0; i < CODINGS; i++) {
        if (all[i] == CODING_DEFLATE)
            continue;
        size_t first = encode(all[i], 5000, coded), second;
        memmove(body, body + 5000, BODY_SIZE - 5000);
        second = encode(all[i], 7000, coded + first);
        memmove(body + 5000, body, BODY_SIZE - 5000);
        fill_body(2);
        must_decode(all[i], first + second, 12000, BODY_SIZE);
        must_decode(all[i], first + second, 12000, 11999);
    }
}

static void a_cut_body_is_truncated(void)
{
    struct buffer out;
    fill_body(3);
    for (size_t i = 0; i < CODINGS; i++) {
        size_t length = encode(all[i], 2000, coded);
        for (size_t cut = 0; cut < length; cut++) {
            CU_ASSERT_EQUAL(decode(all[i], cut, BODY_SIZE, &out), CODING_TRUNCATED);
            buffer_free(&out);
        }
    }
}

static void a_changed_body_is_corrupt(void)
{
    struct buffer out;
    fill_body(4);
    for (size_t i = 0; i < CODINGS; i++) {
        if (all[i] == CODING_ZSTD)
            continue; /* its checksum is optional */
        size_t length = encode(all[i], 500, coded);
        for (size_t at = 0; at < 8 * length; at++) {
            coded[at / 8] ^= (char)(1 << at % 8);
            enum coding_result result = decode(all[i], length, BODY_SIZE, &out);
            CU_ASSERT_TRUE(result != CODING_DECODED ||
                           (out.length == 500 && memcmp(out.bytes, body, 500) == 0));
            buffer_free(&out);
            coded[at / 8] ^= (char)(1 << at % 8);
        }
        memcpy(coded + length, "more", 4);
        CU_ASSERT_EQUAL(decode(all[i], length + 4, BODY_SIZE, &out), CODING_CORRUPT);
        buffer_free(&out);
    }
    memcpy(coded, "{\"model\":\"m\"}", 13);
    for (size_t i = 0; i < CODINGS; i++) {
        CU_ASSERT_EQUAL(decode(all[i], 13, BODY_SIZE, &out), CODING_CORRUPT);
        buffer_free(&out);
    }
}

#ifdef HAVE_ZSTD
/* RFC 9659: a frame of a few bytes must not make the decoder allocate a large window. */
static void large_windows_are_refused(void)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    struct buffer out;
    for (int window = 20; window <= 27; window++) {
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window);
        ZSTD_inBuffer input = {body, 1000, 0};
        ZSTD_outBuffer output = {coded, sizeof coded, 0};
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only);
        ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush); /* a frame of unknown length */
        CU_ASSERT_EQUAL(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0);
        CU_ASSERT_EQUAL(decode(CODING_ZSTD, output.pos, BODY_SIZE, &out),
                        window <= 23 ? CODING_DECODED : CODING_CORRUPT);
        buffer_free(&out);
    }
    ZSTD_freeCCtx(context);
}
#endif

static void names_are_read_as_in_rfc_9110(void)
{
    static const struct {
        const char *value;
        int coding; /* -1: refused */
    } cases[] = {
        {"", CODING_IDENTITY},
        {"identity", CODING_IDENTITY},
        {" Identity ", CODING_IDENTITY},
        {"gzip", CODING_GZIP},
        {"x-gzip", CODING_GZIP},
        {"GZip\t", CODING_GZIP},
        {"deflate", CODING_DEFLATE},
        {"gzip, identity", CODING_GZIP},
        {",gzip,", CODING_GZIP},
        {"gzip, gzip", -1},
        {"gzip,deflate", -1},
        {"br", -1},
        {"compress", -1},
        {"gzi", -1},
        {"gzip;q=1", -1},
        {"*", -1},
#ifdef HAVE_ZSTD
        {"zstd", CODING_ZSTD},
#else
        {"zstd", -1},
#endif
    };
    enum coding coding;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (coding_read(cases[i].value, &coding) != (cases[i].coding >= 0) ||
            (cases[i].coding >= 0 && (int)coding != cases[i].coding))
            CU_FAIL(cases[i].value);
    CU_ASSERT_STRING_EQUAL(coding_name(CODING_GZIP), "gzip");
    CU_ASSERT_STRING_EQUAL(coding_name(CODING_DEFLATE), "deflate");
    CU_ASSERT_STRING_EQUAL(coding_name(CODING_ZSTD), "zstd");
}

static const struct unit_test tests[] = {
    {"every coding is decoded up to the ceiling", every_coding_is_decoded_up_to_the_ceiling},
    {"deflate may lack its header", deflate_may_lack_its_header},
    {"several members are one body", several_members_are_one_body},
    {"a cut body is truncated", a_cut_body_is_truncated},
    {"a changed body is corrupt", a_changed_body_is_corrupt},
#ifdef HAVE_ZSTD
    {"large windows are refused", large_windows_are_refused},
#endif
    {"names are read as in RFC 9110", names_are_read_as_in_rfc_9110},
};

UNIT_MAIN("coding", tests)
