/* Helpers around libcurl. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_CURL_INTERNAL_H
#define PENSTOCK_UPSTREAM_UPSTREAM_CURL_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct tls_fault;

/* Ends the process if `code` is an error: the libcurl calls that are checked this way fail only if memory is
 * exhausted. */
#define SET_OPTION(easy, option, value) must_easy(curl_easy_setopt(easy, option, value), #option)
#define SET_MULTI_OPTION(multi, option, value) must_multi(curl_multi_setopt(multi, option, value), #option)

void must_easy(CURLcode code, const char *what);
void must_multi(CURLMcode code, const char *what);

/* Adds a copy of `line` to the list, or ends the process. */
struct curl_slist *append_or_die(struct curl_slist *lines, const char *line);

/* Sets the trusted certificates for the host of `url`: those of `ca_file` (NULL or "": the system's). Does
 * nothing for a URL without TLS. */
void set_trust(CURL *easy, const char *url, const char *ca_file);

/* Prepares a request without a body; a body may be added. `method` NULL: GET, or POST with a body. */
void set_method(CURL *easy, const char *method);

/* Details of a transfer that failed. */
struct curl_fault {
    CURLcode code;
    long system_error;    /* errno of the connection; 0: none */
    const char *url;      /* messages contain only its host */
    const char *sentence; /* libcurl's message; "": none */
    const struct tls_fault *tls;
    bool answer_begun;
    bool headers_too_large;
    const char *coding; /* Content-Encoding of the answer; NULL: none */
    int64_t connect_ms; /* the limits that the transfer had */
    size_t answer_max;
};

/* Fills `why` from the fault: dns_failed, connect_failed, timeout, tls_failed, upstream_cut or bad_response.
 * Always returns false, for `return curl_explain(...)`. */
bool curl_explain(const struct curl_fault *fault, struct failure *why);

#endif
