/* Rules for the codes that providers use loosely, and the meaning of each status if no rule applies. */
#include "errors/failure_rules_internal.h"

/* clang-format off */
static const struct failure_rule rules[] = {
    /* Many providers give all their errors the type invalid_request_error, so the status and the sentences
     * count first. */
    {.statuses = INTERNAL_ERROR, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "invalid_argument",
         "badrequesterror",
         "bad_request_error",
         "invalid_request",
         "invalid_request_error",
         "*validation*",
         "*bad_request*",
         "invalid_param*",
         "*invalid_parameter*",
         "*invalid_argument*",
         "*invalid_request*",
         "*invalid_input*",
         "invalid_value",
         "*missing_parameter*",
         "*_param",
         "*_param_*",
         "*_params",
         "*_parameter*",
         "*_argument*",
         "missing_required*",
         "unprocessable*",
         "*not_implemented*",
         "unsupported_*")},
    {.statuses = UNAVAILABLE, .match = IN_CODE, .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "invalid_argument",
         "badrequesterror",
         "bad_request_error",
         "validation_error",
         "unsupported_*")},
    /* Only a caller has parameters. */
    {.statuses = INTERNAL_ERROR | UNAVAILABLE, .match = NAMED_PARAM, .only_if = NO_PASSING,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER},
    {.statuses = INTERNAL_ERROR | UNAVAILABLE | UNCOMMON | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS("resource_exhausted")},
    {.statuses = UNAVAILABLE, .match = IN_CODE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "service_unavailable",
         "serviceunavailable*",
         "unavailable")},
    {.statuses = BAD_REQUEST, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "access_denied*",
         "permission_denied",
         "permission_error",
         "forbidden")},
    {.statuses = UNAUTHORIZED, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "permission_denied",
         "permissiondenied",
         "permission_error")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "server_error",
         "internal*",
         "api_error",
         "engine_error")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "permission*",
         "*access_denied*",
         "*not_authorized*",
         "*not_allowed*",
         "forbidden")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "invalid_request*",
         "invalid_argument",
         "invalidparameter*",
         "invalid_parameter*",
         "badrequest*",
         "bad_request*",
         "validation*",
         "unprocessable*")},

    /* Uncommon statuses, where only the sentence can decide. */
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = BY_STATUS,
     .patterns = PATTERNS(
         "api key",
         "auth token",
         "authenticat",
         "not authorized",
         "unauthorized",
         "access token")},
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = BY_STATUS,
     .patterns = PATTERNS("rate limit")},
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_OTHER, .retry = LATER,
     .patterns = PATTERNS(
         "retry in",
         "try again in",
         "try again later",
         "try your request again",
         "retry shortly",
         "retry your request")},
};

const struct failure_rule_list failure_loose_rules = RULE_LIST(rules);

/* RFC 9110, 15. The statuses 498, 499 and 52x come from edge servers (nginx, Cloudflare, Esri). */
const struct status_rule status_rules[] = {
    {0, SUCCESS, FAILURE_UPSTREAM_CUT, CATEGORY_TRANSIENT, true}, /* no answer came */
    {400, BAD_REQUEST, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {401, UNAUTHORIZED, FAILURE_AUTHENTICATION, CATEGORY_AUTHENTICATION, false},
    {402, PAYMENT_REQUIRED, FAILURE_QUOTA_EXHAUSTED, CATEGORY_PROVIDER, false},
    {403, FORBIDDEN, FAILURE_PERMISSION, CATEGORY_AUTHENTICATION, false},
    {404, NOT_FOUND, FAILURE_MODEL_NOT_FOUND, CATEGORY_MODEL_NOT_FOUND, false},
    {408, UNCOMMON, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {410, NOT_FOUND, FAILURE_MODEL_NOT_FOUND, CATEGORY_PROVIDER, false},
    {413, BAD_REQUEST, FAILURE_INVALID_REQUEST, CATEGORY_PROVIDER, false},
    {415, BAD_REQUEST, FAILURE_INVALID_REQUEST, CATEGORY_PROVIDER, false},
    {422, BAD_REQUEST, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {425, UNCOMMON, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
    {429, TOO_MANY_REQUESTS, FAILURE_RATE_LIMIT, CATEGORY_RATE_LIMIT, true},
    {500, INTERNAL_ERROR, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {501, INTERNAL_ERROR, FAILURE_INVALID_REQUEST, CATEGORY_PROVIDER, false},
    {502, UNAVAILABLE, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {503, UNAVAILABLE, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
    {504, UNAVAILABLE, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {520, UNAVAILABLE, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {521, UNAVAILABLE, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {522, UNAVAILABLE, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {523, UNAVAILABLE, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {524, UNAVAILABLE, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {525, UNAVAILABLE, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {526, UNAVAILABLE, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {529, UNAVAILABLE, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
};
/* clang-format on */

const size_t status_rule_count = sizeof status_rules / sizeof *status_rules;
