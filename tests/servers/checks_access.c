/* Access as web servers pass it on: logins, forged logins, and thousands of wrong keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/process.h"
#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"

#define LOGIN "Basic Z3Vlc3Q6b3Blbg=="       /* guest:open */
#define WRONG_LOGIN "Basic Z3Vlc3Q6c2h1dA==" /* guest:shut */
#define CHAT "/v1/chat/completions"
#define STAFF_CHAT "/staff/v1/chat/completions"
#define LONG_KEY 6000 /* every server passes it on */
#define KEYS 10000
#define KEYS_BY_CGI 300
#define LINES_MAX 10 /* of the error log: a worker's age and the like, but nothing for each key */

static const char chat[] = "{\"model\":\"bench\",\"messages\":[]}";

static struct http_request request_to(const char *path, const char *const *headers)
{
    return (struct http_request){
        .method = "POST", .path = path, .headers = headers, .body = chat, .length = sizeof chat - 1};
}

static void expect_answer(const struct site *site, const struct http_request *request, int status)
{
    struct http_client client;
    client_ask(&client, site, request);
    EXPECT(client.status == status, "status %d: %s", client.status, text_words(&client.body));
    if (status == 200)
        record_expect(&client, 200, "complete", NULL);
    else
        record_expect(&client, status, "refused", status == 401 ? "unauthorized" : "bad_request");
    record_expect_client(&client, status == 200 ? "staff" : NULL);
    client_end(&client);
}

/* ---- logins ---- */

static void login(const struct site *site)
{
    static const char *const headers[] = {"Authorization", LOGIN, NULL};
    struct http_request request = request_to(STAFF_CHAT, headers);
    expect_answer(site, &request, 200);
    request = (struct http_request){.method = "GET", .path = "/staff/v1/models", .headers = headers};
    expect_answer(site, &request, 200);
}

static void login_with_a_form(const struct site *site)
{
    static const char *const headers[] = {"Authorization", LOGIN, NULL};
    static const char *const types[] = {"text/plain", "application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=b"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct http_request request = request_to(STAFF_CHAT, headers);
        request.type = types[i];
        expect_answer(site, &request, 415);
    }
}

/* The web server refuses it: no request reaches the gateway. */
static void wrong_password(const struct site *site)
{
    static const char *const wrong[] = {"Authorization", WRONG_LOGIN, NULL};
    const char *const *const attempts[] = {wrong, NULL};
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        struct http_client client;
        struct http_request request = request_to(STAFF_CHAT, attempts[i]);
        request.unnumbered = true;
        client_ask(&client, site, &request);
        EXPECT(client.status == 401, "status %d: %s", client.status, text_words(&client.body));
        client_end(&client);
    }
}

static bool asks_for_passwords(const struct mounting *mounting)
{
    return !is_kind(mounting, "bare");
}

/* ---- what a client says of itself ---- */

/* Where the server checks no password, no header of a client is a login. */
static void forged(const struct site *site)
{
    static const char *const attempts[][7] = {
        {"Remote-User", "guest", "Auth-Type", "Basic", NULL},
        {"Remote_User", "guest", "Auth_Type", "Basic", NULL},
        {"X-Remote-User", "guest", NULL},
        {"Authorization", LOGIN, NULL}, /* the right password where none is checked */
        {"Authorization", LOGIN, "Auth-Type", "Basic", "Remote-User", "guest", NULL},
        {"Redirect-Remote-User", "guest", "Redirect-Auth-Type", "Basic", NULL},
        {"Ssl-Client-S-Dn", "CN=guest", "Ssl-Client-Verify", "SUCCESS", NULL},
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        struct http_request request = request_to(CHAT, attempts[i]);
        expect_answer(site, &request, 401);
    }
}

/* Some servers make one header of two, some refuse the request themselves. */
static void two_keys(const struct site *site)
{
    static const char *const headers[] = {"Authorization", "Bearer wrong", "Authorization",
                                          "Bearer " CLIENT_KEY, NULL};
    struct http_client client;
    struct http_request request = request_to(CHAT, headers);
    site->common->lost++;
    client_ask(&client, site, &request);
    EXPECT(client.status == 401 || client.status == 400, "status %d: %s", client.status,
           text_words(&client.body));
    client_end(&client);
}

static bool joins_headers(const struct mounting *mounting)
{
    return !is_kind(mounting, "bare"); /* there a variable has one value */
}

static void long_key(const struct site *site)
{
    char key[LONG_KEY + 1] = {0};
    memset(key, 'k', LONG_KEY);
    struct http_request request = request_to(CHAT, NULL);
    request.key = key;
    expect_answer(site, &request, 401);
}

/* ---- keys by the thousand ---- */

/* What an answer says but for its own id. */
static void put_words(struct text *words, const struct http_client *client)
{
    const char *body = text_words(&client->body), *id = strstr(body, "\"request_id\"");
    text_format(words, "%d %.*s", client->status, (int)(id ? id - body : (long)client->body.length), body);
}

static void try_keys(const struct site *site, unsigned count)
{
    struct text first = {0}, words = {0};
    for (unsigned i = 0; i < count; i++) {
        char key[64];
        struct http_client client;
        snprintf(key, sizeof key, "sk-%08x%032u", i * 2654435761u, i);
        struct http_request request = request_to(CHAT, NULL);
        request.key = key;
        client_ask(&client, site, &request);
        text_consume(&words, words.length);
        put_words(i ? &words : &first, &client);
        EXPECT(i == 0 || strcmp(words.bytes, first.bytes) == 0, "key %u got another answer: %s", i,
               words.bytes);
        EXPECT(client.status == 401, "status %d: %s", client.status, text_words(&client.body));
        client_end(&client);
    }
    text_free(&first);
    text_free(&words);
}

static void many_keys(const struct site *site)
{
    const char *kind = site->mounting->kind;
    bool by_cgi = strstr(kind, "cgi") && !strstr(kind, "fcgi");
    unsigned count = by_cgi || is_kind(site->mounting, "apache-htaccess") ? KEYS_BY_CGI : KEYS;
    static const char reason[] = "\"reason\":\"unauthorized\"";
    size_t records = site_count_words(site, "log/usage.jsonl", reason) + count;
    size_t lines = site_count_words(site, "log/error.log", "\n") + LINES_MAX;
    int64_t start = now_ms();
    try_keys(site, count);
    printf("%u keys in %lld ms\n", count, (long long)(now_ms() - start));
    EXPECT_SOON(site_count_words(site, "log/usage.jsonl", reason) == records, "%zu records, not %zu",
                site_count_words(site, "log/usage.jsonl", reason), records);
    EXPECT(site_count_words(site, "log/error.log", "\n") <= lines, "the error log has %zu lines, not %zu",
           site_count_words(site, "log/error.log", "\n"), lines);
}

const struct check access_checks[] = {
    {"a login is a client", login, asks_for_passwords},
    {"a login with a form is refused", login_with_a_form, asks_for_passwords},
    {"a wrong password is refused by the web server", wrong_password, asks_for_passwords},
    {"no header makes a login", forged, NULL},
    {"two keys are refused", two_keys, joins_headers},
    {"a key of 6000 bytes", long_key, NULL},
    {"thousands of wrong keys", many_keys, NULL},
    {NULL, NULL, NULL},
};
