/* The reasons of a failure and the defaults of each reason. */
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>

/* The contract, section 4, "reason", "category", "retryable" and "HTTP status". */
static const struct failure_defaults defaults[FAILURE_REASONS] = {
    [FAILURE_NONE] = {"none", 200, CATEGORY_PROVIDER, SOURCE_GATEWAY, false, "", ""},
    [FAILURE_AUTHENTICATION] = {"authentication", 401, CATEGORY_AUTHENTICATION, SOURCE_PROVIDER, false,
                                "authentication_error", "invalid_api_key"},
    [FAILURE_PERMISSION] = {"permission", 403, CATEGORY_AUTHENTICATION, SOURCE_PROVIDER, false,
                            "permission_error", "permission_denied"},
    [FAILURE_MODEL_NOT_FOUND] = {"model_not_found", 404, CATEGORY_MODEL_NOT_FOUND, SOURCE_PROVIDER, false,
                                 "invalid_request_error", "model_not_found"},
    [FAILURE_INVALID_REQUEST] = {"invalid_request", 400, CATEGORY_REQUEST, SOURCE_PROVIDER, false,
                                 "invalid_request_error", ""},
    [FAILURE_CONTEXT_LENGTH] = {"context_length", 400, CATEGORY_REQUEST, SOURCE_PROVIDER, false,
                                "invalid_request_error", "context_length_exceeded"},
    [FAILURE_CONTENT_FILTER] = {"content_filter", 400, CATEGORY_REQUEST, SOURCE_PROVIDER, false,
                                "invalid_request_error", "content_filter"},
    [FAILURE_RATE_LIMIT] = {"rate_limit", 429, CATEGORY_RATE_LIMIT, SOURCE_PROVIDER, true, "rate_limit_error",
                            "rate_limit_exceeded"},
    [FAILURE_QUOTA_EXHAUSTED] = {"quota_exhausted", 429, CATEGORY_RATE_LIMIT, SOURCE_PROVIDER, false,
                                 "insufficient_quota", "insufficient_quota"},
    [FAILURE_OVERLOADED] = {"overloaded", 503, CATEGORY_TRANSIENT, SOURCE_PROVIDER, true, "server_error",
                            "overloaded"},
    [FAILURE_UPSTREAM_5XX] = {"upstream_5xx", 502, CATEGORY_TRANSIENT, SOURCE_PROVIDER, true, "server_error",
                              ""},
    [FAILURE_BAD_RESPONSE] = {"bad_response", 502, CATEGORY_TRANSIENT, SOURCE_PROVIDER, true, "server_error",
                              "bad_response"},
    [FAILURE_OTHER] = {"other", 502, CATEGORY_PROVIDER, SOURCE_PROVIDER, false, "provider_error", ""},
    [FAILURE_TIMEOUT] = {"timeout", 504, CATEGORY_TRANSIENT, SOURCE_NETWORK, true, "timeout_error",
                         "timeout"},
    [FAILURE_CONNECT] = {"connect_failed", 502, CATEGORY_TRANSIENT, SOURCE_NETWORK, true, "connection_error",
                         "connect_failed"},
    [FAILURE_DNS] = {"dns_failed", 502, CATEGORY_TRANSIENT, SOURCE_NETWORK, true, "connection_error",
                     "dns_failed"},
    [FAILURE_TLS] = {"tls_failed", 502, CATEGORY_TRANSIENT, SOURCE_NETWORK, true, "connection_error",
                     "tls_failed"},
    [FAILURE_UPSTREAM_CUT] = {"upstream_cut", 502, CATEGORY_TRANSIENT, SOURCE_NETWORK, true,
                              "connection_error", "upstream_cut"},
    [FAILURE_BAD_REQUEST] = {"bad_request", 400, CATEGORY_REQUEST, SOURCE_GATEWAY, false,
                             "invalid_request_error", "bad_request"},
    [FAILURE_NOT_FOUND] = {"not_found", 404, CATEGORY_REQUEST, SOURCE_GATEWAY, false, "invalid_request_error",
                           "not_found"},
    [FAILURE_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405, CATEGORY_REQUEST, SOURCE_GATEWAY, false,
                                    "invalid_request_error", "method_not_allowed"},
    [FAILURE_TOO_LARGE] = {"too_large", 413, CATEGORY_REQUEST, SOURCE_GATEWAY, false, "invalid_request_error",
                           "request_too_large"},
    [FAILURE_UNSUPPORTED_MEDIA_TYPE] = {"bad_request", 415, CATEGORY_REQUEST, SOURCE_GATEWAY, false,
                                        "invalid_request_error", "unsupported_media_type"},
    [FAILURE_UNAUTHORIZED] = {"unauthorized", 401, CATEGORY_AUTHENTICATION, SOURCE_GATEWAY, false,
                              "authentication_error", "invalid_api_key"},
    [FAILURE_FORBIDDEN] = {"forbidden", 403, CATEGORY_AUTHENTICATION, SOURCE_GATEWAY, false,
                           "permission_error", "forbidden"},
    [FAILURE_UNAVAILABLE] = {"unavailable", 503, CATEGORY_TRANSIENT, SOURCE_GATEWAY, true, "server_error",
                             "unavailable"},
    [FAILURE_RUN_BLOCKED] = {"run_blocked", 503, CATEGORY_REQUEST, SOURCE_GATEWAY, false,
                             "invalid_request_error", "run_blocked"},
    [FAILURE_LIMIT_REACHED] = {"limit_reached", 429, CATEGORY_RATE_LIMIT, SOURCE_GATEWAY, true,
                               "rate_limit_error", "limit_reached"},
    [FAILURE_SETTING] = {"setting", 500, CATEGORY_PROVIDER, SOURCE_GATEWAY, false, "", ""},
};

static const char *const category_names[] = {
    "authentication", "request_error", "model_not_found", "rate_limit", "transient_upstream_failure",
    "provider_error",
};

static const char *const source_names[] = {"gateway", "provider", "network"};

bool fail(struct failure *why, enum failure_reason reason, const char *format, ...)
{
    const struct failure_defaults *row = failure_defaults(reason);
    if (!why)
        return false;
    *why = (struct failure){
        .reason = reason,
        .category = row->category,
        .source = row->source,
        .status = row->status,
        .retryable = row->retryable,
        .retry_after_ms = -1,
    };
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->message, sizeof why->message, format, arguments);
    va_end(arguments);
    snprintf(why->type, sizeof why->type, "%s", row->type);
    snprintf(why->code, sizeof why->code, "%s", row->code);
    return false;
}

const struct failure_defaults *failure_defaults(enum failure_reason reason)
{
    return &defaults[reason];
}

const char *failure_reason_name(enum failure_reason reason)
{
    return defaults[reason].name;
}

const char *failure_category_name(enum failure_category category)
{
    return category_names[category];
}

const char *failure_source_name(enum failure_source source)
{
    return source_names[source];
}
