/* Tables that classify providers' error answers: the rules, and the meaning of each status if no rule
 * applies.
 *
 * A rule applies when the status is of one of its classes and one of its patterns matches a code (an error's
 * type, code or reason; '*' stands for any text, the rest must match from start to end) or occurs in a
 * sentence (the pieces between '*' in this order; after '=' the pattern is the entire first sentence). All
 * patterns are in lower case. The first rule that applies decides, so special rules come before general ones;
 * if none applies, the status decides. To teach another provider's error, add a pattern or a rule here and a
 * case to tests/cases. */
#include "errors/failure_rules_internal.h"

#include <stddef.h>

#define PATTERNS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* clang-format off */
const struct failure_rule failure_rules[] = {
    /* Money and entitlement. Retrying does not help, whatever the status. OpenAI "Error codes"; Anthropic
     * "Errors"; DeepSeek "Error codes"; Moonshot and Zhipu API errors (1113: in arrears); Alibaba
     * "Arrearage"; xAI and others as observed. */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "insufficient_quota",
         "*insufficient_balance*",
         "*insufficient_funds*",
         "*insufficient_credit*",
         "exceeded_current_quota*",
         "billing_*",
         "*spending_limit*",
         "arrearage",
         "budget_exceeded")},
    {.statuses = ANY_STATUS, .match = IN_CODE, .only_if = NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("*payment_required*")},
    {.statuses = TOO_MANY_REQUESTS | PAYMENT_REQUIRED | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("1113")},
    {.statuses = TOO_MANY_REQUESTS | AMBIGUOUS, .match = IN_SENTENCE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "insufficient balance",
         "insufficient credit",
         "insufficient fund",
         "insufficient quota",
         "credit balance",
         "out of credits",
         "all available credits",
         "spending limit",
         "monthly*credits",
         "purchase*credits",
         "billing hard limit",
         "please recharge",
         "extra usage is required",
         "余额不足", /* the balance does not suffice */
         "欠费" /* in arrears */)},
    {.statuses = TOO_MANY_REQUESTS | AMBIGUOUS, .match = IN_SENTENCE, .only_if = NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "exceeded*current quota",
         "limit: 0")},

    /* A request larger than the whole rate-limit bucket never fits. Groq "Rate limits": 413 with
     * rate_limit_exceeded. */
    {.statuses = BAD_REQUEST | TOO_MANY_REQUESTS, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = NEVER,
     .patterns = PATTERNS("request too large for")},
    {.statuses = BAD_REQUEST, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = NEVER,
     .patterns = PATTERNS("rate_limit_exceeded")},

    /* Content filters. OpenAI and Azure "Content filtering"; Gemini "Safety settings" (block reasons);
     * Alibaba; Cohere. */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_CONTENT_FILTER, .retry = NEVER,
     .patterns = PATTERNS(
         "*content_filter*",
         "*content_policy*",
         "*contentfilter*",
         "invalid_prompt",
         "responsibleai*",
         "*moderation*",
         "data_inspection_failed",
         "datainspectionfailed",
         "prohibited_content",
         "blocklist",
         "safety",
         "recitation")},
    /* Zhipu */
    {.statuses = BAD_REQUEST | TOO_MANY_REQUESTS | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_CONTENT_FILTER, .retry = NEVER,
     .patterns = PATTERNS("1301")},
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE,
     .reason = FAILURE_CONTENT_FILTER, .retry = NEVER,
     .patterns = PATTERNS(
         "content management policy",
         "content filter",
         "content policy",
         "usage polic",
         "safety system",
         "unsafe content",
         "moderation",
         "flagged as",
         "inappropriate content",
         "blocked*safety")},

    /* Credentials. A bad key is a 400 at Google and a 403 at NVIDIA and AWS. Google "ErrorInfo" reasons;
     * AWS "Common errors". */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "api_key_*",
         "*invalid_api_key*",
         "invalidapikey",
         "unauthenticated")},
    {.statuses = AMBIGUOUS, .match = IN_CODE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "authentication_error",
         "unauthorized",
         "auth_error")},
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS("*unsupported_country*")},
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "location is not supported",
         "region*not supported")},
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "invalid api key",
         "invalid api-key",
         "incorrect api key",
         "api key not valid",
         "api key is invalid",
         "api key*expired",
         "no api key",
         "missing api key",
         "api key missing",
         "api key required")},
    {.statuses = BAD_REQUEST | FORBIDDEN, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS("organization_restricted")},
    /* Cohere's 498 */
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS("invalid token")},
    {.statuses = FORBIDDEN, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "unregistered callers",
         "established identity",
         "api key was reported",
         "security token*expired",
         "security token*invalid",
         "signature we calculated",
         "authorization failed",
         "authentication",
         "invalid token",
         "unauthorized")},

    /* Context length. OpenAI "context_length_exceeded"; llama.cpp, Cohere, Mistral, vLLM, SGLang, TGI,
     * xAI, Bedrock as observed; Cerebras answers without a body. */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER,
     .patterns = PATTERNS(
         "context_length*",
         "*context_window*",
         "exceed_context_size*",
         "context_too_long")},
    {.statuses = BAD_REQUEST | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER,
     .patterns = PATTERNS(
         "too_many_tokens",
         "too_many_*_tokens")},
    {.statuses = BAD_REQUEST, .match = EMPTY_BODY, .provider = "cerebras",
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER},
    {.statuses = BAD_REQUEST | INTERNAL_ERROR | SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER,
     .patterns = PATTERNS(
         "context length",
         "context window",
         "context size",
         "context limit",
         "maximum context",
         "prompt*too long",
         "input is too long",
         "input too long",
         "too many tokens",
         "too many input tokens",
         "input token*exceed",
         "input tokens exceed",
         "maximum prompt length",
         "sequence length",
         "range of input length",
         "longer than the model",
         "reduce the length of the",
         "inputs*max_new_tokens*must be",
         "inputs*must have less than*tokens")},

    /* The model. OpenAI, Mistral, Groq ("model_decommissioned"), Azure, Together, AWS Bedrock as observed. */
    {.statuses = AMBIGUOUS | NOT_FOUND, .match = IN_CODE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "*model_not_found*",
         "model_not_*",
         "model_decommissioned",
         "invalid_model*",
         "unknown_model",
         "deploymentnotfound",
         "dedicated_endpoint_not_running")},
    /* Mistral, Zhipu */
    {.statuses = BAD_REQUEST | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "1500",
         "1211")},
    {.statuses = BAD_REQUEST, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "unsupported_parameter",
         "unsupported_value")},
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE, .only_if = NO_PARAM,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "model*does not exist",
         "model*not found",
         "invalid model",
         "unknown model",
         "no such model",
         "not a valid model",
         "model identifier is invalid",
         "unable to access*model",
         "supported*model names",
         "is not supported*supported models",
         "not supported by any provider",
         "model*decommissioned",
         "model*end of its life")},

    /* A 404 that names the path and not the model usually means a wrong base_url. */
    {.statuses = NOT_FOUND, .match = HTML_BODY,
     .reason = FAILURE_OTHER, .retry = NEVER},
    {.statuses = NOT_FOUND, .match = IN_SENTENCE,
     .reason = FAILURE_OTHER, .retry = NEVER,
     .patterns = PATTERNS(
         "=not found",
         "=404 not found",
         "page not found",
         "resource not found",
         "invalid url",
         "unknown request url",
         "unrecognized request url",
         "cannot post",
         "no route",
         "no such endpoint",
         "unknown endpoint")},

    /* Overload. Moonshot "engine_overloaded_error"; Mistral, DeepInfra, Groq's 498 as observed; Google
     * "UNAVAILABLE". */
    {.statuses = TOO_MANY_REQUESTS | INTERNAL_ERROR | UNAVAILABLE | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "*overloaded*",
         "*capacity*",
         "model_busy",
         "no_available_*",
         "service_unavailable",
         "unavailable")},
    {.statuses = UNCOMMON, .match = IN_CODE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "*capacity_exceeded*",
         "*overloaded*")},
    /* Zhipu, Mistral */
    {.statuses = TOO_MANY_REQUESTS | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "1305",
         "3505")},
    {.statuses = TOO_MANY_REQUESTS | INTERNAL_ERROR | SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "overloaded",
         "capacity exceeded",
         "capacity constraints",
         "no capacity",
         "model busy",
         "model is busy",
         "server is busy",
         "service is too busy",
         "high demand",
         "at capacity")},
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS("capacity exceeded")},

    /* A mistake of the caller reported as an internal error: llama.cpp and Ollama as observed. A 501 needs
     * no rule. */
    {.statuses = INTERNAL_ERROR, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS("not_supported_error")},
    {.statuses = INTERNAL_ERROR, .match = IN_SENTENCE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "is not supported",
         "does not support",
         "cannot make*request",
         "invalid image",
         "failed to load image",
         "failed to decode image",
         "failed to parse grammar",
         "failed to parse messages")},

    /* Timeouts and broken connections. Google "DEADLINE_EXCEEDED"; sentences of Envoy. */
    {.statuses = INTERNAL_ERROR | UNAVAILABLE | UNCOMMON | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_TIMEOUT, .retry = LATER,
     .patterns = PATTERNS(
         "timeout*",
         "deadline_exceeded",
         "*_timeout")},
    {.statuses = INTERNAL_ERROR | SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_TIMEOUT, .retry = LATER,
     .patterns = PATTERNS(
         "timed out",
         "deadline exceeded",
         "deadline expired")},
    {.statuses = UNAVAILABLE, .match = IN_SENTENCE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "upstream connect error",
         "connection termination",
         "connection refused",
         "bad gateway")},
    /* TGI's 424 */
    {.statuses = UNCOMMON, .match = IN_CODE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "generation",
         "incomplete_generation",
         "server_error",
         "internal_server_error")},
    /* Google's 499 and 409 */
    {.statuses = UNCOMMON, .match = IN_CODE,
     .reason = FAILURE_OTHER, .retry = LATER,
     .patterns = PATTERNS(
         "cancelled",
         "aborted",
         "conflict")},

    /* Errors under a 2xx, where no status can decide. */
    {.statuses = INTERNAL_ERROR | UNAVAILABLE | UNCOMMON | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "rate_limit*",
         "ratelimit*",
         "*too_many_requests*",
         "resource_exhausted",
         "*rate_limit_exceeded*",
         "*per_minute_exceeded",
         "rpm_limit*",
         "tpm_limit*",
         "*rate_limited",
         "usage_limit_reached")},
    {.statuses = SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "rate limit",
         "rate_limit",
         "ratelimit",
         "too many requests")},
    {.statuses = SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "server had an error",
         "internal server error",
         "internal error",
         "unexpected error",
         "encountered an issue")},
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
         "forbidden")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "invalid_request*",
         "invalid_argument",
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
         "retry shortly",
         "retry your request")},
};

const size_t failure_rule_count = sizeof failure_rules / sizeof *failure_rules;

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
