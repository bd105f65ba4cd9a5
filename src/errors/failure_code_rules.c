/* Rules for the codes of providers' error answers: types, codes and reasons that mean one thing only.
 *
 * A rule applies when the status is of one of its classes and one of its patterns (failure_pattern.h)
 * matches a code from start to end. The first rule that applies decides, so special rules come before general
 * ones. A code decides before any sentence does (failure_account_rules.c, failure_request_rules.c), except
 * the codes that providers use loosely (failure_rules.c). To teach another provider's error, add a pattern or
 * a rule here or there, and an answer to tests/unit/failure_words. */
#include "errors/failure_rules_internal.h"

/* clang-format off */
static const struct failure_rule rules[] = {
    /* Money, and quotas of a day or a month. Retrying does not help, whatever the status. OpenAI "Error
     * codes"; Anthropic "Errors"; DeepSeek "Error codes"; Moonshot API errors; Alibaba "Error messages";
     * Volcengine "Error codes"; watsonx.ai API; Tencent Cloud; google.rpc.QuotaFailure (quotaId). The
     * numbers: Zhipu (1113: in arrears; 1304: calls of a day; 1308 to 1310: limits of a subscription),
     * SiliconFlow (30001, 30011), MiniMax (base_resp), Baidu (error_code 17 and 19), Cloudflare (errors:
     * 3036, 4006). */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "insufficient_quota",
         "insufficient_*quota",
         "insufficientquota*",
         "*insufficient*balance*",
         "*insufficient*fund*",
         "*insufficient*credit*",
         "*not_enough_balance*",
         "*not_enough_credit*",
         "*no_credit*",
         "*out_of_credit*",
         "*credit_exhausted*",
         "*credits_exhausted*",
         "*credit_limit*",
         "*quota_reached*",
         "*quota_exhausted*",
         "*quotaexhausted*",
         "*token_quota_failed*",
         "exceeded_current_quota*",
         "billing_*",
         "*_billing",
         "*overdue*",
         "*arrear*",
         "*spending_limit*",
         "*spend_limit*",
         "*freetieronly*",
         "*free_tier_only*",
         "setlimitexceeded",
         "*chargeresourceexhaust*",
         "budget_exceeded",
         "budgetexceeded*",
         "exceededbudget*",
         "*_per_day*",
         "*perday*",
         "*_per_month*",
         "*permonth*",
         "*daily_limit*",
         "*dailylimit*",
         "*monthly_limit*",
         "*monthlylimit*",
         "*daily_quota*",
         "*monthly_quota*",
         "base_resp_1008",
         "error_code_17",
         "error_code_19",
         "errors_3036",
         "errors_4006")},
    {.statuses = FORBIDDEN | PAYMENT_REQUIRED | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "30001",
         "30011")},
    {.statuses = TOO_MANY_REQUESTS | PAYMENT_REQUIRED | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "1113",
         "1304",
         "1309",
         "1310")},
    {.statuses = ANY_STATUS, .match = IN_CODE, .only_if = NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("*payment_required*")},
    {.statuses = ANY_STATUS & ~(PAYMENT_REQUIRED | BAD_REQUEST), .match = IN_CODE,
     .only_if = NO_DELAY | NO_SHORT_PERIOD,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "quota_exceeded",
         "quotaexceeded",
         "monthly_*exceeded",
         "token_quota_exceeded")},

    /* A request larger than the whole rate-limit bucket never fits. Groq "Rate limits": 413 with
     * rate_limit_exceeded. */
    {.statuses = BAD_REQUEST, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = NEVER,
     .patterns = PATTERNS("rate_limit_exceeded")},

    /* A limit of a rate passes, whatever the status. AWS: ThrottlingException is a 400. */
    {.statuses = BAD_REQUEST | FORBIDDEN, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "*concurren*limit*",
         "*limit*concurren*",
         "*concurren*exceeded*",
         "*too_many_requests*",
         "toomanyrequests*",
         "throttling*",
         "throttled*",
         "*qps*limit*",
         "*per_minute_exceeded",
         "rpm_limit*",
         "tpm_limit*")},
    {.statuses = FORBIDDEN, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "rate_limit*",
         "ratelimitexceeded*",
         "*rate_limited",
         "*_rate_limit_*")},

    /* Content filters. OpenAI and Azure "Content filtering"; Gemini "Safety settings" (block reasons);
     * Alibaba; Cohere; Volcengine; MiniMax 1026 and 1027. */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_CONTENT_FILTER, .retry = NEVER,
     .patterns = PATTERNS(
         "*content_filter*",
         "*content_policy*",
         "*contentfilter*",
         "*contentpolicy*",
         "*sensitivecontent*",
         "*sensitive_content*",
         "*riskdetection*",
         "*risk_detection*",
         "invalid_prompt",
         "responsibleai*",
         "*moderation*",
         "data_inspection_failed",
         "datainspectionfailed",
         "prohibited_content",
         "blocklist",
         "safety",
         "recitation",
         "base_resp_1026",
         "base_resp_1027")},
    /* Zhipu */
    {.statuses = BAD_REQUEST | TOO_MANY_REQUESTS | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_CONTENT_FILTER, .retry = NEVER,
     .patterns = PATTERNS("1301")},

    /* Credentials. A bad key is a 400 at Google and a 403 at NVIDIA and AWS. Google "ErrorInfo" reasons;
     * AWS "Common errors"; MiniMax 1004 and 2049; Baidu 110 and 111. */
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "api_key_*",
         "*invalid_api_key*",
         "*invalidapikey*",
         "*expired_api_key*",
         "unauthenticated",
         "base_resp_1004",
         "base_resp_2049",
         "error_code_110",
         "error_code_111")},
    {.statuses = AMBIGUOUS, .match = IN_CODE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "authentication_error",
         "*invalid_authentication*",
         "authentication_failed",
         "authenticationerror",
         "unauthorized",
         "auth_error",
         "invalid_token",
         "token_expired",
         "invalidsignature*",
         "signaturedoesnotmatch",
         "expiredtoken*",
         "unrecognizedclient*")},
    {.statuses = ANY_STATUS, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "*unsupported_country*",
         "ip_not_authorized",
         "*unpurchased*",
         "1311" /* Zhipu: not in the subscription */,
         "*servicenotopen*")},
    {.statuses = BAD_REQUEST | FORBIDDEN, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS("organization_restricted")},

    /* Context length. OpenAI "context_length_exceeded"; llama.cpp, Cohere, Mistral, Copilot, Volcengine,
     * GitHub Models as observed; Cerebras answers without a body. */
    {.statuses = ANY_STATUS & ~TOO_MANY_REQUESTS, .match = IN_CODE,
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER,
     .patterns = PATTERNS(
         "context_length*",
         "contextlength*",
         "*context_window*",
         "*contextwindow*",
         "exceed_context_size*",
         "context_too_long",
         "outofcontext*",
         "prompt_too_long",
         "input_too_long",
         "tokens_limit_reached",
         "*prompt_tokens_exceeded",
         "string_too_long_for_model")},
    {.statuses = BAD_REQUEST | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER,
     .patterns = PATTERNS(
         "too_many_tokens",
         "too_many_*_tokens",
         "1261" /* Zhipu */,
         "base_resp_1039" /* MiniMax */,
         "errors_3039" /* Cloudflare, as 5021 */,
         "errors_5021")},
    {.statuses = BAD_REQUEST, .match = EMPTY_BODY, .provider = "cerebras",
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER},

    /* The model. OpenAI, Mistral, Groq ("model_decommissioned"), Azure, Together, AWS Bedrock as observed. */
    {.statuses = AMBIGUOUS | NOT_FOUND | INTERNAL_ERROR, .match = IN_CODE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "*model_not_found*",
         "modelnotfound*",
         "model_not_*",
         "model_decommissioned",
         "model_deprecated",
         "invalid_model*",
         "unknown_model",
         "deploymentnotfound",
         "dedicated_endpoint_not_running")},
    /* One API, under a 503 */
    {.statuses = UNAVAILABLE, .match = IN_CODE, .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "*model_not_found*",
         "modelnotfound*",
         "model_not_supported",
         "model_not_exist*",
         "model_decommissioned",
         "model_deprecated",
         "invalid_model*",
         "unknown_model",
         "deploymentnotfound")},
    /* Mistral, Zhipu, SiliconFlow, Cloudflare */
    {.statuses = BAD_REQUEST | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "1500",
         "1211",
         "20012",
         "errors_5007")},
    {.statuses = BAD_REQUEST, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "unsupported_parameter",
         "unsupported_value",
         "*_above_max_length",
         "*_above_max_value")},

    /* Overload. Moonshot "engine_overloaded_error"; Mistral, DeepInfra, Groq's 498 as observed; Google
     * "UNAVAILABLE"; AWS "ModelNotReadyException"; Cerebras "queue_exceeded"; Cloudflare 3040; Baidu
     * 336100. */
    {.statuses = TOO_MANY_REQUESTS | INTERNAL_ERROR | UNAVAILABLE | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "*overloaded*",
         "*capacity*",
         "model_busy",
         "server_busy",
         "queue_exceeded",
         "queue_full",
         "modelnotready*",
         "model_loading",
         "no_available_*",
         "errors_3040",
         "error_code_336100")},
    /* Under a 503 these say no more than the status; see failure_rules.c. */
    {.statuses = TOO_MANY_REQUESTS | INTERNAL_ERROR | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS(
         "service_unavailable",
         "serviceunavailable*",
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
         "1312",
         "3505")},

    /* MiniMax, Baidu: numbers under a 2xx. */
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "base_resp_1002",
         "base_resp_1041",
         "base_resp_2045",
         "base_resp_2056",
         "error_code_4",
         "error_code_18",
         "error_code_336501",
         "error_code_336502")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "base_resp_1042",
         "base_resp_2013",
         "error_code_336003")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS("error_code_6")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_TIMEOUT, .retry = LATER,
     .patterns = PATTERNS("base_resp_1001")},
    {.statuses = SUCCESS, .match = IN_CODE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "base_resp_1000",
         "base_resp_1013",
         "base_resp_1024",
         "base_resp_1033",
         "error_code_1",
         "error_code_2",
         "error_code_336000")},

    /* A mistake of the caller reported as an internal error: llama.cpp, One API, koboldcpp, TGI as observed.
     * A 501 needs no rule. */
    {.statuses = INTERNAL_ERROR | UNAVAILABLE, .match = IN_CODE, .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "not_supported_error",
         "bad_input",
         "template_error",
         "bind_request_body_failed",
         "invalid_request_body")},

    /* Timeouts and broken connections. Google "DEADLINE_EXCEEDED"; TGI's 424. */
    {.statuses = INTERNAL_ERROR | UNAVAILABLE | UNCOMMON | SUCCESS, .match = IN_CODE,
     .reason = FAILURE_TIMEOUT, .retry = LATER,
     .patterns = PATTERNS(
         "timeout*",
         "deadline_exceeded",
         "*_timeout")},
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
         "*_rate_limit_*",
         "*rate_limited",
         "throttling*",
         "usage_limit_reached")},
};
/* clang-format on */

const struct failure_rule_list failure_code_rules = RULE_LIST(rules);
