/* Parses and escapes URLs (RFC 3986) with libcurl. */
#include "base/url.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

static char *part_of(CURLU *parts, CURLUPart which)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(parts, which, &text, 0);
    if (code == CURLUE_OUT_OF_MEMORY)
        memory_exhausted();
    return code == CURLUE_OK ? text : NULL;
}

/* libcurl before 7.80 reports a URL that ends after "://" as malformed. */
static bool ends_before_host(const char *text)
{
    const char *slashes = strstr(text, "://");
    return slashes && slashes[3] == '\0';
}

enum url_error url_parse(const char *text, struct url *url)
{
    CURLU *parts = curl_url();
    *url = (struct url){0};
    if (!parts)
        memory_exhausted();
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY)
        memory_exhausted();
    if (code == CURLUE_OK)
        *url = (struct url){
            .user = part_of(parts, CURLUPART_USER),
            .password = part_of(parts, CURLUPART_PASSWORD),
            .host = part_of(parts, CURLUPART_HOST),
            .port = part_of(parts, CURLUPART_PORT),
            .path = part_of(parts, CURLUPART_PATH),
            .query = part_of(parts, CURLUPART_QUERY),
        };
    curl_url_cleanup(parts);
    if (code == CURLUE_OK && (!url->host || !*url->host)) /* libcurl before 7.80 accepts an empty host */
        url_free(url);
    switch (code) {
    case CURLUE_OK:
        return url->host ? URL_OK : URL_NO_HOST;
    case CURLUE_NO_HOST:
        return URL_NO_HOST;
    case CURLUE_BAD_PORT_NUMBER:
        return URL_BAD_PORT;
    default:
        return ends_before_host(text) ? URL_NO_HOST : URL_MALFORMED;
    }
}

void url_free(struct url *url)
{
    curl_free(url->user);
    curl_free(url->password);
    curl_free(url->host);
    curl_free(url->port);
    curl_free(url->path);
    curl_free(url->query);
    *url = (struct url){0};
}

void url_name_host(const char *text, char *host, size_t size)
{
    struct url url;
    if (url_parse(text, &url) == URL_OK)
        snprintf(host, size, "%s%s%s", url.host, url.port ? ":" : "", url.port ? url.port : "");
    else
        snprintf(host, size, "the provider");
    url_free(&url);
}

char *url_percent_decode(struct arena *arena, const char *at, size_t length)
{
    if (!length || !memchr(at, '%', length))
        return arena_copy(arena, length ? at : "", length);
    int decoded_length;
    char *decoded = curl_easy_unescape(NULL, at, (int)length, &decoded_length);
    if (!decoded)
        memory_exhausted();
    char *text = arena_alloc(arena, length + 1), *to = text;
    for (int i = 0; i < decoded_length; i++)
        if (decoded[i])
            *to++ = decoded[i];
        else
            to = stpcpy(to, "%00");
    curl_free(decoded);
    return text;
}

char *url_percent_encode(struct arena *arena, const char *text)
{
    char *encoded = curl_easy_escape(NULL, text, 0);
    if (!encoded)
        memory_exhausted();
    char *copy = arena_copy(arena, encoded, strlen(encoded));
    curl_free(encoded);
    return copy;
}
