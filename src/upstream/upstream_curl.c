/* Helpers around libcurl: calls that must not fail, trusted certificates, errors converted to failures. */
#include "upstream/upstream_curl_internal.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/url.h"
#include "upstream/tls.h"

#define CA_DIRECTORY "/etc/ssl/certs"

/* ---- calls that must not fail ---- */

void must_easy(CURLcode code, const char *what)
{
    if (code != CURLE_OK)
        die("libcurl: %s: %s", what, curl_easy_strerror(code));
}

void must_multi(CURLMcode code, const char *what)
{
    if (code != CURLM_OK)
        die("libcurl: %s: %s", what, curl_multi_strerror(code));
}

struct curl_slist *append_or_die(struct curl_slist *lines, const char *line)
{
    struct curl_slist *longer = curl_slist_append(lines, line);
    if (!longer)
        memory_exhausted();
    return longer;
}

/* ---- trusted certificates ---- */

/* True if this is a directory of certificates with links named by hash, as OpenSSL needs it. */
static bool is_hashed(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool found = false;
    while (directory && !found && (entry = readdir(directory))) {
        size_t length = strlen(entry->d_name);
        found = length == 10 && strcmp(entry->d_name + 8, ".0") == 0;
    }
    if (directory)
        closedir(directory);
    return found;
}

/* OpenSSL reads files of the system's directory only as needed, but a bundle in full, which takes 15 ms for
 * each new connection. Both options are set each time, because the handle serves other providers too. */
void set_trust(CURL *easy, const char *url, const char *ca_file)
{
    static enum { UNKNOWN, HASHED, OTHER } system;
    if (strncasecmp(url, "https:", 6) != 0)
        return;
    if (system == UNKNOWN)
        system = is_hashed(CA_DIRECTORY) ? HASHED : OTHER;
    const curl_version_info_data *standard = curl_version_info(CURLVERSION_NOW);
    const char *file = standard->cainfo, *directory = standard->capath;
    if (system == HASHED) {
        file = NULL;
        directory = CA_DIRECTORY;
    }
    if (ca_file && *ca_file) {
        file = ca_file;
        directory = NULL;
    }
    SET_OPTION(easy, CURLOPT_CAINFO, file);
    /* A libcurl without OpenSSL may not support directories; it then has its own store. */
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
    if (code != CURLE_NOT_BUILT_IN)
        must_easy(code, "CURLOPT_CAPATH");
}

/* ---- methods ---- */

/* The second option is reset by the first one. */
void set_method(CURL *easy, const char *method)
{
    SET_OPTION(easy, CURLOPT_HTTPGET, 1L);
    if (method && strcmp(method, "HEAD") == 0)
        SET_OPTION(easy, CURLOPT_NOBODY, 1L);
    SET_OPTION(easy, CURLOPT_CUSTOMREQUEST, method);
}

/* ---- errors ---- */

/* A certificate that does not verify would fail again, so the failure is not retried (contract, section
 * 4). */
static bool explain_tls(const struct curl_fault *fault, const char *host, struct failure *why)
{
    char sentence[512];
    const char *words = *fault->sentence ? fault->sentence : curl_easy_strerror(fault->code);
    if (tls_explain(fault->tls, host, sentence, sizeof sentence))
        fail(why, FAILURE_TLS, "%s", sentence);
    else if (fault->code == CURLE_PEER_FAILED_VERIFICATION)
        fail(why, FAILURE_TLS, "the certificate of %s is for another name: %s", host, words);
    else
        fail(why, FAILURE_TLS, "no TLS with %s: %s", host, words);
    why->retryable = fault->code == CURLE_SSL_CONNECT_ERROR && !fault->tls->code;
    return false;
}

/* Not retried, because a second answer would be as long and cost as much. */
static bool explain_size(const struct curl_fault *fault, const char *host, struct failure *why)
{
    if (fault->headers_too_large)
        return fail(why, FAILURE_BAD_RESPONSE, "the headers of %s are too large", host);
    fail(why, FAILURE_BAD_RESPONSE, "the answer of %s is larger than %zu bytes", host, fault->answer_max);
    why->retryable = false;
    return false;
}

/* Names the coding only if it is a token (RFC 9110, 8.4.1). */
static bool explain_coding(const struct curl_fault *fault, const char *host, struct failure *why)
{
    const char *coding = fault->coding ? fault->coding : "";
    size_t length = strspn(coding, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-, ");
    if (!*coding || coding[length] || length > 64)
        coding = "an unknown coding";
    return fail(why, FAILURE_BAD_RESPONSE, "the answer of %s cannot be decoded (content encoding: %s)", host,
                coding);
}

/* Any other error means that the connection broke. */
bool curl_explain(const struct curl_fault *fault, struct failure *why)
{
    char host[256];
    url_name_host(fault->url, host, sizeof host);
    switch (fault->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail(why, FAILURE_DNS, "the name of %s cannot be resolved", host);
    case CURLE_COULDNT_CONNECT:
        return fail(why, FAILURE_CONNECT, "cannot connect to %s: %s", host,
                    fault->system_error ? strerror((int)fault->system_error) : "no answer");
    case CURLE_OPERATION_TIMEDOUT:
        return fail(why, FAILURE_TIMEOUT, "no connection to %s within %g s", host,
                    (double)fault->connect_ms / 1000);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
        return explain_tls(fault, host, why);
    case CURLE_WRITE_ERROR:
        return explain_size(fault, host, why);
    case CURLE_PARTIAL_FILE:
        return fail(why, FAILURE_UPSTREAM_CUT,
                    "%s closed the connection before the end that its answer announced", host);
    case CURLE_OUT_OF_MEMORY: /* libcurl also reports this for a header over its own limits */
        return fail(why, FAILURE_BAD_RESPONSE, "%s sends a header that is too long", host);
    case CURLE_BAD_CONTENT_ENCODING:
        return explain_coding(fault, host, why);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return fail(why, FAILURE_BAD_RESPONSE, "%s does not answer in HTTP/1.1", host);
    default:
        return fail(why, FAILURE_UPSTREAM_CUT, "%s closed the connection %s", host,
                    fault->answer_begun ? "in the middle of its answer" : "without an answer");
    }
}
