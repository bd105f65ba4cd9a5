/* Validating texts: tables of valid and invalid ones. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config/text_validate.h"
#include "unit.h"

typedef const char *validator(const char *text);

static void check_all(validator *validate, const char *const *texts, bool valid)
{
    for (; *texts; texts++) {
        if ((validate(*texts) == NULL) != valid)
            printf("\n  %s: %s\n", *texts, valid ? validate(*texts) : "is accepted");
        CU_ASSERT_EQUAL(validate(*texts) == NULL, valid);
    }
}

static void addresses_of_providers_are_validated(void)
{
    static const char *const good[] = {
        "http://h",     "https://h.example/v1", "HTTP://h:1/", "http://[::1]:8000/v1",
        "http://[::1]", "https://h/a@b",        NULL};
    static const char *const bad[] = {
        "",           "h",          "ftp://h",        "http://",    "http:///v1",
        "http://:80", "http://u@h", "http://u:p@h",   "http://h?x", "http://h/#x",
        "http://h /", "http://h:x", "http://h:65536", "http://h:",  "http://[::1",
        "http://h\n", NULL};
    check_all(validate_url, good, true);
    check_all(validate_url, bad, false);
}

static void addresses_of_proxies_are_validated(void)
{
    static const char *const good[] = {"http://h:3128", "http://u:p@h:3128", "socks5h://127.0.0.1:1080",
                                       NULL};
    static const char *const bad[] = {"h:3128",     "ftp://h",      "http://", "http://u:p@",
                                      "http://h:x", "socks5://a b", NULL};
    check_all(validate_proxy, good, true);
    check_all(validate_proxy, bad, false);
}

static void listen_addresses_are_validated(void)
{
    static const char *const good[] = {
        "/run/p.sock", "unix:/run/p.sock", "127.0.0.1:9000", "[::1]:9000", ":9000", "9000", "0.0.0.0:0",
        NULL};
    static const char *const bad[] = {
        "",          "p.sock",          "a/b",   "unix:",     "unix:p.sock",   "localhost:9000",
        "127.0.0.1", "::1:9000",        "[::1]", "[::1:9000", "[127.0.0.1]:1", "127.0.0.1:",
        "1:70000",   "127.0.0.1:9000x", NULL};
    char longest[120];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[107] = '\0';
    check_all(validate_listen, good, true);
    check_all(validate_listen, bad, false);
    CU_ASSERT_PTR_NULL(validate_listen(longest));
    longest[107] = 'x';
    longest[108] = '\0';
    CU_ASSERT_PTR_NOT_NULL(validate_listen(longest));
}

static void headers_are_validated(void)
{
    static const char *const good[] = {"X-Title", "HTTP-Referer", "api-key", "User-Agent", "x_y", NULL};
    static const char *const bad[] = {"",
                                      "a b",
                                      "a:",
                                      "H\xc3\xb6",
                                      "HOST",
                                      "Content-Length",
                                      "transfer-encoding",
                                      "Connection",
                                      "Authorization",
                                      "cookie",
                                      "X-Forwarded-For",
                                      "Expect",
                                      NULL};
    static const char *const good_values[] = {"", "a b\tc", "\xc3\xb6", NULL};
    static const char *const bad_values[] = {"a\r\nb", "a\nb", "\x7f", "\x01", NULL};
    check_all(validate_header_name, good, true);
    check_all(validate_header_name, bad, false);
    check_all(validate_header_value, good_values, true);
    check_all(validate_header_value, bad_values, false);
}

static void origins_are_validated(void)
{
    static const char *const good[] = {"https://app.example",
                                       "http://localhost:5173",
                                       "https://App.Example:8443",
                                       "http://[::1]:8080",
                                       "chrome-extension://abcdef",
                                       "http://app.example:443",
                                       "null",
                                       "*",
                                       NULL};
    static const char *const bad[] = {"",
                                      "app.example",
                                      "https://",
                                      "https:app.example",
                                      "https://app.example/",
                                      "https://app.example/a",
                                      "https://u@app.example",
                                      "https://app.example?a",
                                      "https://app.example:443",
                                      "http://app.example:80",
                                      "https://*.example",
                                      "https://a.example b",
                                      NULL};
    check_all(validate_origin, good, true);
    check_all(validate_origin, bad, false);
}

static void names_are_validated(void)
{
    static const char *const good[] = {"nvidia", "My_NIM-2", NULL};
    static const char *const bad[] = {
        "",    "a:b", "a/b",
        "a b", "*",   "9a",
        "-a",  "a.b", "12345678901234567890123456789012345678901234567890123456789012345",
        NULL};
    static const char *const good_members[] = {"max_tokens", "stream_options", "Model", NULL};
    static const char *const bad_members[] = {"", "model", "stream", NULL};
    check_all(validate_provider_name, good, true);
    check_all(validate_provider_name, bad, false);
    check_all(validate_member, good_members, true);
    check_all(validate_member, bad_members, false);
}

static const struct unit_test tests[] = {
    {"addresses of providers are validated", addresses_of_providers_are_validated},
    {"addresses of proxies are validated", addresses_of_proxies_are_validated},
    {"listen addresses are validated", listen_addresses_are_validated},
    {"headers are validated", headers_are_validated},
    {"origins are validated", origins_are_validated},
    {"names are validated", names_are_validated},
};

UNIT_MAIN("text validate", tests)
