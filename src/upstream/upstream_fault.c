/* libcurl's errors as our causes, each with a sentence that somebody can act on. */
#include "upstream/upstream_fault.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/failure.h"
#include "base/url.h"
#include "upstream/tls.h"

/* A certificate that does not verify will not do so the next time either (contract, section 4). */
static bool explain_tls(const struct upstream_fault *fault, const char *host, struct failure *why)
{
    char sentence[512];
    const char *words = *fault->words ? fault->words : curl_easy_strerror((CURLcode)fault->code);
    if (tls_explain(fault->tls, host, sentence, sizeof sentence))
        fail(why, FAILURE_TLS, "%s", sentence);
    else if (fault->code == CURLE_PEER_FAILED_VERIFICATION)
        fail(why, FAILURE_TLS, "the certificate of %s is for another name: %s", host, words);
    else
        fail(why, FAILURE_TLS, "no TLS with %s: %s", host, words);
    why->retryable = fault->code == CURLE_SSL_CONNECT_ERROR && !fault->tls->code;
    return false;
}

/* It would be as long the next time, and have to be paid again. */
static bool explain_size(const struct upstream_fault *fault, const char *host, struct failure *why)
{
    fail(why, FAILURE_BAD_RESPONSE, "the answer of %s is larger than %zu bytes", host, fault->answer_max);
    if (why)
        why->retryable = false;
    return false;
}

/* What is not listed broke in the middle. */
bool upstream_explain(const struct upstream_fault *fault, struct failure *why)
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
    case CURLE_OUT_OF_MEMORY: /* what libcurl says of a header over its own limits */
        return fail(why, FAILURE_BAD_RESPONSE, "%s sends a header that is too long", host);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return fail(why, FAILURE_BAD_RESPONSE, "%s does not answer in HTTP/1.1", host);
    default:
        return fail(why, FAILURE_UPSTREAM_CUT, "%s closed the connection %s", host,
                    fault->begun ? "in the middle of its answer" : "without an answer");
    }
}
