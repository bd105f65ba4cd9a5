/* Redaction removes keys from texts and leaves ordinary words alone. */
#include "errors/redact.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "unit.h"

#define ROOM 512

static struct secret keys[] = {{.bytes = (char *)"the+provider's/own key", .length = 22},
                               {.bytes = (char *)"gpu01", .length = 5},
                               {.bytes = (char *)"k", .length = 1},
                               {.bytes = NULL, .length = 0}};
static const struct secrets known = {keys, sizeof keys / sizeof *keys};

static const char *redacted(const char *text)
{
    static char room[ROOM];
    snprintf(room, sizeof room, "%s", text);
    redact(room, sizeof room, &known);
    return room;
}

/* The shortest key of each form. */
static const char *const shapes[] = {
    "sk-12345678",
    "sk-proj-of-a-client",
    "sk-ant-api03-abc_def-AA",
    "sk_live_12345678",
    "nvapi-abcdef",
    "nvapi-A_b-9~x+y/z=Q",
    "gsk_abcdef",
    "xai-12345678901234567890",
    "pplx-0123456789abcdef0123",
    "hf_abcdefghijklmno1",
    "r8_12345678",
    "AIzaSyA-1234567890_abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrst",
    "github_pat_11ABCDEFG0123456789_ab",
    "fw_abcdefghijk1",
    "tgp_v1_abcdefghij",
    "csk-abcdefghijk1",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "key-0123456789abcdef0123",
    "dapi0123456789abcdef0123456789ab",
    "the+provider's/own key",
};

/* %s is the key. */
static const char *const places[] = {
    "%s",     "%s is wrong",   "wrong key: %s", "a (%s) b", "\"%s\"",
    "a,%s,b", "ends with %s.", "x=%s",          "%s %s",    "\n%s\n",
};

static void keys_of_every_form_are_found_anywhere(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            char text[ROOM], wanted[ROOM];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(text, sizeof text, places[j], shapes[i], shapes[i]);
            snprintf(wanted, sizeof wanted, places[j], "[redacted]", "[redacted]");
#pragma GCC diagnostic pop
            CU_ASSERT_STRING_EQUAL(redacted(text), wanted);
        }
}

static void ordinary_words_stay(void)
{
    static const char *const texts[] = {
        "",
        "a risk-averse task-force on disk-usage",
        "key=value pairs are wanted",
        "unknown key: max_tokens",
        "the key= is missing",
        "token=none",
        "unexpected token: 42",
        "a Bearer token is required",
        "use Bearer authentication.",
        "Authorization: required",
        "Bearer",
        "hf_hub_download failed",
        "model pplx-70b-online does not exist",
        "key-management-service-unavailable",
        "gpt-4o, llama-3.1-8b-instant, meta/llama3-70b-instruct",
        "sk-",
        "sk-1",
        "what? nothing",
        "see https://a.test/b. Is that so?",
        "did you mean https://a.test/b?",
        "\"https://a.test/b\"?",
        "mail@a.test",
        "gpu012",
        "kkk",
        "\xc3\xa4 \xe2\x82\xac ?",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_STRING_EQUAL(redacted(texts[i]), texts[i]);
}

static void words_before_a_key_give_it_away(void)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"Bearer abc123", "Bearer [redacted]"},
        {"BEARER  a-b-c.", "BEARER  [redacted]."},
        {"bearer\n\tABCDEF rest", "bearer\n\t[redacted] rest"},
        {"Bearer 'abc123'", "Bearer '[redacted]'"},
        {"Basic dXNlcjpwYXNz", "Basic [redacted]"},
        {"authorization: Bearer abc123", "authorization: Bearer [redacted]"},
        {"Authorization: Basic dXNlcjpwYXNz==", "Authorization: Basic [redacted]=="},
        {"{\"Authorization\": \"Bearer abc123\"}", "{\"Authorization\": \"Bearer [redacted]\"}"},
        {"authorization: abc123", "authorization: [redacted]"},
        {"x-api-key: abc-def", "x-api-key: [redacted]"},
        {"{\"api_key\":\"a1\"}", "{\"api_key\":\"[redacted]\"}"},
        {"{'api_key': 'a1'}", "{'api_key': '[redacted]'}"},
        {"api_key=word", "api_key=[redacted]"},
        {"API-KEY=word", "API-KEY=[redacted]"},
        {"apikey=a b", "apikey=[redacted] b"},
        {"password=word", "password=[redacted]"},
        {"client_secret=word", "client_secret=[redacted]"},
        {"access_token=abcdefg8", "access_token=[redacted]"},
        {"key=abcdefg8&x", "key=[redacted]&x"},
        {"key=abcdefghijklmnopqrst", "key=[redacted]"},
        {"host/v1?key=word&token=word", "host/v1?key=[redacted]&token=[redacted]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(redacted(cases[i].text), cases[i].wanted);
}

static void urls_lose_their_query_and_their_user(void)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"https://a.test/b?c=d", "https://a.test/b[redacted]"},
        {"at https://a.test/b?c=d&e=f, or", "at https://a.test/b[redacted] or"},
        {"(https://a.test/?c) x", "(https://a.test/[redacted]) x"},
        {"<a href=\"http://a.test?c=d\">", "<a href=\"http://a.test[redacted]\">"},
        {"Post \"https://a.test/v1?k=1\": dial tcp", "Post \"https://a.test/v1[redacted]\": dial tcp"},
        {"http://me:word@a.test/", "http://[redacted]@a.test/"},
        {"http://a.test/me@b", "http://a.test/me@b"},
        {"socks5://me@a.test", "socks5://[redacted]@a.test"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(redacted(cases[i].text), cases[i].wanted);
}

static struct secret real[] = {{.bytes = (char *)"sk-proj-Ab3dEf6hIj9lMn2p", .length = 24},
                               {.bytes = (char *)"sk-of-the-provider", .length = 18},
                               {.bytes = (char *)"api.provider.test", .length = 17, .is_name = true}};

static const char *without(const char *text)
{
    static const struct secrets secrets = {real, sizeof real / sizeof *real};
    static char room[ROOM];
    snprintf(room, sizeof room, "%s", text);
    redact(room, sizeof room, &secrets);
    return room;
}

/* Base64 of the key alone, behind one and two other bytes, of "Bearer KEY" and "user:KEY", with the alphabet
 * for URLs and without padding; hexadecimal digits; percent-encoding once and twice; backwards. */
static void encoded_keys_are_redacted(void)
{
    static const char *const texts[] = {
        "c2stcHJvai1BYjNkRWY2aElqOWxNbjJw",
        "eHNrLXByb2otQWIzZEVmNmhJajlsTW4ycA==",
        "eHlzay1wcm9qLUFiM2RFZjZoSWo5bE1uMnA",
        "QmVhcmVyIHNrLXByb2otQWIzZEVmNmhJajlsTW4ycA",
        "dXNlcjpzay1wcm9qLUFiM2RFZjZoSWo5bE1uMnA=",
        "c2stb2YtdGhlLXByb3ZpZGVy",
        "736b2d70726f6a2d41623364456636",
        "736B2D70726F6A2D4162336445663668496A396C4D6E3270",
        "%73%6B%2D%70%72%6F%6A%2D%41%62%33%64%45%66",
        "sk%2Dproj%2DAb3dEf6hIj9lMn2p",
        "sk%252Dproj%252DAb3dEf6hIj9lMn2p",
        "p2nMl9jIh6fEd3bA-jorp-ks",
        "SK-PROJ-AB3DEF6HIJ9LMN2P",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[ROOM], wanted[ROOM];
        snprintf(text, sizeof text, "the key (%s) is wrong", texts[i]);
        snprintf(wanted, sizeof wanted, "the key ([redacted]) is wrong");
        CU_ASSERT_STRING_EQUAL(without(text), wanted);
    }
}

/* The key, or a part of it, with each byte as digits, and with some bytes as escapes. */
static void escaped_keys_are_redacted(void)
{
    static const char *const texts[] = {
        "73:6b:2d:70:72:6f:6a:2d:41:62:33:64:45:66:36:68:49:6a:39:6c:4d:6e:32:70",
        "73 6b 2d 70 72 6f 6a 2d 41 62 33 64 45 66 36 68 49 6a 39 6c 4d 6e 32 70",
        "73-6B-2D-70-72-6F-6A-2D-41-62-33-64-45-66-36-68-49-6A-39-6C-4D-6E-32-70",
        "73, 6b, 2d, 70, 72, 6f, 6a, 2d, 41, 62, 33, 64, 45, 66, 36, 68, 49, 6a, 39, 6c, 4d, 6e, 32, 70",
        "0x73, 0x6b, 0x2d, 0x70, 0x72, 0x6f, 0x6a, 0x2d, 0x41, 0x62, 0x33, 0x64, 0x45, 0x66, 0x36, 0x68, "
        "0x49, 0x6a, 0x39, 0x6c, 0x4d, 0x6e, 0x32, 0x70",
        "\\x73\\x6b\\x2d\\x70\\x72\\x6f\\x6a\\x2d\\x41\\x62\\x33\\x64\\x45\\x66\\x36\\x68\\x49\\x6a\\x39\\x6c"
        "\\x4d\\x6e\\x32\\x70",
        "\\\\x73\\\\x6b\\\\x2d\\\\x70\\\\x72\\\\x6f\\\\x6a\\\\x2d\\\\x41\\\\x62\\\\x33\\\\x64\\\\x45\\\\x66\\"
        "\\x36\\\\x68\\\\x49\\\\x6a\\\\x39\\\\x6c\\\\x4d\\\\x6e\\\\x32\\\\x70",
        "\\u0073\\u006b\\u002d\\u0070\\u0072\\u006f\\u006a\\u002d\\u0041\\u0062\\u0033\\u0064\\u0045\\u0066\\"
        "u0036\\u0068\\u0049\\u006a\\u0039\\u006c\\u004d\\u006e\\u0032\\u0070",
        "\\u{73}\\u{6b}\\u{2d}\\u{70}\\u{72}\\u{6f}\\u{6a}\\u{2d}\\u{41}\\u{62}\\u{33}\\u{64}\\u{45}\\u{66}"
        "\\u{36}\\u{68}\\u{49}\\u{6a}\\u{39}\\u{6c}\\u{4d}\\u{6e}\\u{32}\\u{70}",
        "\\163\\153\\055\\160\\162\\157\\152\\055\\101\\142\\063\\144\\105\\146\\066\\150\\111\\152\\071\\154"
        "\\115\\156\\062\\160",
        "&#115;&#107;&#45;&#112;&#114;&#111;&#106;&#45;&#65;&#98;&#51;&#100;&#69;&#102;&#54;&#104;&#73;&#106;"
        "&#57;&#108;&#77;&#110;&#50;&#112;",
        "&#x73;&#x6b;&#x2d;&#x70;&#x72;&#x6f;&#x6a;&#x2d;&#x41;&#x62;&#x33;&#x64;&#x45;&#x66;&#x36;&#x68;&#"
        "x49;&#x6a;&#x39;&#x6c;&#x4d;&#x6e;&#x32;&#x70;",
        "sk\\u002dproj\\u002dAb3dEf6h\\u0049j9lMn2p",
        "sk&#45;proj&#45;Ab3dE&#102;6hIj9&#108;Mn2p",
        "6a:2d:41:62:33:64:45:66:36:68:49:6a",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[ROOM];
        snprintf(text, sizeof text, "the key (%s) is wrong", texts[i]);
        CU_ASSERT_STRING_EQUAL(without(text), "the key ([redacted]) is wrong");
    }
}

/* Takes time in proportion to its length. */
static void a_text_of_escapes_stays(void)
{
    static const char *const units[] = {"\\x41", "&#115;", "73:", "73 ", "\\u0073", "\\", "&#", "sk\\"};
    static const struct secrets secrets = {real, sizeof real / sizeof *real};
    static char text[65536], before[sizeof text];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i]);
        for (size_t at = 0; at + length < sizeof text - 1; at += length)
            memcpy(text + at, units[i], length + 1);
        strcpy(before, text);
        redact(text, sizeof text, &secrets);
        CU_ASSERT_STRING_EQUAL(text, before);
    }
    CU_ASSERT_STRING_EQUAL(without("at 12:30:45, ab cd ef 01 02 03 04 05 06"),
                           "at 12:30:45, ab cd ef 01 02 03 04 05 06");
    CU_ASSERT_STRING_EQUAL(without("caf\\u00e9 \\x41 R&#38;D"), "caf\\u00e9 \\x41 R&#38;D");
}

static void parts_of_a_key_are_redacted(void)
{
    CU_ASSERT_STRING_EQUAL(without("ends in hIj9lMn2p"), "ends in [redacted]");
    CU_ASSERT_STRING_EQUAL(without("has 3dEf6hIj in it"), "has [redacted] in it");
    CU_ASSERT_STRING_EQUAL(without("has 3DEF6HIJ in it"), "has [redacted] in it");
    CU_ASSERT_STRING_EQUAL(without("of-the-provi"), "[redacted]");
    CU_ASSERT_STRING_EQUAL(without("xxAb3dEf6hxx"), "xx[redacted]xx");
}

/* Fewer than 8 bytes, words that a key contains, what all keys of a vendor begin with, parts of a name. */
static void what_gives_no_key_away_stays(void)
{
    static const char *const texts[] = {
        "ends in lMn2p",         "sk-proj-****************Mn2p",
        "sk-pr...Mn2p",          "the provider and all providers",
        "see www.provider.test", "cHJvdmlkZXIgb2YgdGhlIHdvcmQ=",
        "70726f7669646572",      "0123456789abcdef0123456789abcdef",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_STRING_EQUAL(without(texts[i]), texts[i]);
    CU_ASSERT_STRING_EQUAL(without("at api.provider.test"), "at [redacted]");
}

static void a_short_secret_is_redacted_only_as_a_word(void)
{
    CU_ASSERT_STRING_EQUAL(redacted("cannot find gpu01."), "cannot find [redacted].");
    CU_ASSERT_STRING_EQUAL(redacted("gpu01"), "[redacted]");
    CU_ASSERT_STRING_EQUAL(redacted("xgpu01 gpu01x"), "xgpu01 gpu01x");
    CU_ASSERT_STRING_EQUAL(redacted("k"), "k");
}

/* A text of exactly `size` - 1 bytes whose end is the beginning of `secret`. */
static bool shows_none(const char *secret, size_t shown, size_t size)
{
    char room[64];
    memset(room, ' ', sizeof room);
    memcpy(room + size - 1 - shown, secret, shown);
    room[size - 1] = '\0';
    redact(room, size, &known);
    char piece[64];
    snprintf(piece, sizeof piece, "%.*s", (int)shown, secret);
    return !strstr(room, piece) && strlen(room) < size;
}

static void a_key_that_the_buffer_cuts_is_redacted(void)
{
    for (size_t shown = 1; shown < keys[0].length; shown++)
        CU_ASSERT_TRUE(shows_none(keys[0].bytes, shown, 40));
    for (size_t shown = 4; shown < 12; shown++)
        CU_ASSERT_TRUE(shows_none("sk-12345678901234567890", shown, 32));
    char whole[40] = "but not cut: sk-1";
    redact(whole, sizeof whole, &known);
    CU_ASSERT_STRING_EQUAL(whole, "but not cut: sk-1");
}

/* The mark may be longer than the key: then the end of the text is lost, but nothing is written past the
 * buffer. */
static void the_result_stays_within_its_buffer(void)
{
    static const char text[] = "a gpu01 b gpu01 c gpu01 d gpu01 e gpu01";
    for (size_t size = 1; size < sizeof text; size++) {
        char room[sizeof text + 1];
        memset(room, '#', sizeof room);
        memcpy(room, text, size - 1);
        room[size - 1] = '\0';
        redact(room, size, &known);
        CU_ASSERT_PTR_NOT_NULL(memchr(room, '\0', size));
        CU_ASSERT_EQUAL(room[size], '#');
        CU_ASSERT_PTR_NULL(strstr(room, "gpu01"));
    }
}

static void redacting_twice_changes_nothing_more(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char text[ROOM];
        snprintf(text, sizeof text, "api_key=%s at https://a.test/?b=%s, Bearer %s", shapes[i], shapes[i],
                 shapes[i]);
        redact(text, sizeof text, &known);
        CU_ASSERT_STRING_EQUAL(redacted(text), text);
    }
}

static const struct unit_test tests[] = {
    {"keys of every form are found anywhere", keys_of_every_form_are_found_anywhere},
    {"ordinary words stay", ordinary_words_stay},
    {"words before a key give it away", words_before_a_key_give_it_away},
    {"URLs lose their query and their user", urls_lose_their_query_and_their_user},
    {"encoded keys are redacted", encoded_keys_are_redacted},
    {"escaped keys are redacted", escaped_keys_are_redacted},
    {"a text of escapes stays", a_text_of_escapes_stays},
    {"parts of a key are redacted", parts_of_a_key_are_redacted},
    {"what gives no key away stays", what_gives_no_key_away_stays},
    {"a short secret is redacted only as a word", a_short_secret_is_redacted_only_as_a_word},
    {"a key that the buffer cuts is redacted", a_key_that_the_buffer_cuts_is_redacted},
    {"the result stays within its buffer", the_result_stays_within_its_buffer},
    {"redacting twice changes nothing more", redacting_twice_changes_nothing_more},
};

UNIT_MAIN("redact", tests)
