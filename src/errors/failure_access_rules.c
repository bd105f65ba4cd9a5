/* Rules for sentences of providers' error answers about access: region, entitlement, permission, credentials
 * in other words. failure_account_rules.c explains how they apply. */
#include "errors/failure_rules_internal.h"

/* ---- words ---- */

#define KEY                                                                                                  \
    "(api key|apikey|access key|secret key|private key|subscription key|api token|api credential|"           \
    "authorization key|auth key|service key|license key)"
#define NOT_THE_KEY                                                                                          \
    "(limit|quota|budget|credit|balance|fund|trial|plan|permission|access to|upstream|not allowed|"          \
    "restricted to|usage)"

/* clang-format off */
static const struct failure_rule rules[] = {
    /* Region and entitlement. */
    {.statuses = AMBIGUOUS | UNAUTHORIZED, .match = IN_SENTENCE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "location is not supported",
         "region*not supported",
         "(country|region|location|territory|jurisdiction)&(not available|unavailable|"
             "cannot be used|can't be used|not served|don't serve|not serve|doesn't serve|"
                 "not supported|unsupported|not allowed|can't offer|cannot offer|not offered|"
                 "restricted|blocked)",
         "(ip|ip address|firewall|virtual network|allowlist|whitelist)&(not|denied|blocked|forbidden)&!(zip)",
         "(organization|organisation|account|project|team|workspace)&(must be verified|not verified|"
             "has been disabled|is disabled|restricted|has been banned|been suspended|is suspended)",
         "(requires|require|need|needs|only available|available only|upgrade)&(plan|subscription|paid|tier|"
             "pro|enterprise)&!(token|context|rate limit)",
         "(enterprise|business|premium|paid|paying|pro|partner|internal)&(only|customer|subscriber|member|"
             "for|account)&(model|feature|endpoint|api)&!(balance|credit|token|context|rate limit)",
         "(haven't|hasn't|have not|has not|not|never|aren't|isn't)&(been granted|granted|approved|invited)"
             "&(access|preview|beta|model|use)",
         "(access)&(requires|require|needs|need)&(approv-|application|request form|allowlist|whitelist|"
             "agreement|invitation)",
         "(admin|administrator|owner|account manager|sales)&(enable|turn on|grant|activate|unlock|approve|"
             "request access|switch on)",
         "(role|user|account|key|team|project|organization|principal|service account|you|your token)"
             "&(lack|no|missing|without|not have|doesn't have|don't have|hasn't)"
             "&(right|permission|privilege|scope|entitlement|access right|authorization to|authority)",
         "(only authorized|only be used|restricted)&(credential|key|token)&(for|to)&!(rate)",
         "(gated)&(model|repo)",
         "(accept|agree)&(license|terms|eula)",
         "(not available|not yet available|not enabled|not included|not include|not allow)&(plan|tier|"
             "account|"
             "organization|subscription|project|workspace)",
         "(insufficient|missing|lacks)&(permission|scope|privilege)",
         "(access)&(denied|restricted|forbidden)&(model|resource|deployment)",
         "(not allowed|not permitted|no permission|not entitled|not authorized|"
             "do not have permission|does not have permission|don't have permission|lacks permission)"
             "&(model|resource|operation|action|perform|access|api|endpoint|sample|inference|"
                 "deployment|organization)",
         "(not authorized|not licensed|not licenced|not entitled|not eligible)&(use|feature|to)"
             "&!(key|token|credential)",
         "(没有|无|缺少|未授予)&(权限|访问权)",
         "(无权|未授权|未开通|未开放|权限不足)",
         "(do not have access|does not have access|don't have access|doesn't have access|"
             "no access)&(model|deployment|engine|resource|api|project)"
             "&!(does not exist)")},
    /* A plan without the model, whatever the status. */
    {.statuses = TOO_MANY_REQUESTS | UNAVAILABLE | INTERNAL_ERROR, .match = IN_SENTENCE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "(plan|subscription|tier|license)&(not include|n't include|not included|not available in|"
             "not available on|not available under|not cover|n't cover)"
             "&!(token|rate|quota|request|second|minute|temporarily|currently)")},
    {.statuses = FORBIDDEN, .match = IN_SENTENCE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS("(have access to|has access to|has no access to|have no access to|no access to)"
                          "&(not|n't|no|only|never)&!(does not exist|doesn't exist|not found)")},

    /* Credentials in other words. */
    {.statuses = AMBIGUOUS | UNAUTHORIZED, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "no api key",
         "missing api key",
         "api key missing",
         "api key required",
         "(access token|auth token|bearer token|authorization token|jwt|id token|session token|"
             "credential|authorization header|authentication token)"
             "&(invalid|incorrect|expired|revoked|missing|malformed|not valid|not provided|"
                 "could not|cannot|verify|required|fail-)",
         "(signature)&(does not match|mismatch|invalid|expired|we calculated)"
             "&!(thinking|thought|block|reasoning|function|tool|content|part)",
         "(log in|sign in|login|log back in|reauthenticate|re-authenticate|not logged in|not signed in)"
             "&(again|first|required|to continue|please|must|need|expired|not)"
             "&!(console|dashboard|upgrade|access|permission)",
         "(authorization header|authorization|credential|bearer|api key|token header)&"
             "(no|missing|absent|send|supply|please provide|provide your|include your|pass your|not sent|"
             "not set|malformed|not present|needed)&!" NOT_THE_KEY "&!(context|length|number)",
         "(令牌|密钥|token|apikey|api key|鉴权|认证|身份验证)&(无效|非法|过期|失败|错误|不正确|已失效|不存在|缺失|为空|已禁用|未提供|有误|無效)",
         "(authentication|authorization)&(failed|failure|error|required|invalid|incorrect)",
         "(token|jwt|signature)&(verification failed|not verified|cannot be verified|could not be verified|"
             "signature failed|signature invalid|invalid signature)&!(thinking|organization)",
         "(token)&(expired|revoked|invalidated)&!(limit|quota|count)",
         "(key)&(expired|revoked)&!" NOT_THE_KEY,
         "login fail")},
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
         "(key|credential|password|login|session|passcode)&(unknown|bad|wrong|deleted|expired|revoked|"
             "invalid|"
             "incorrect|not recognised|not recognized|rejected|mismatch|not known|disabled|leaked|rotated|"
             "invalidated|not found)&!" NOT_THE_KEY "&!(model|object|member|parameter|field|property|index)",
         "(who are you|unidentified|anonymous|unauthenticated)&!(limit)",
         "security token*expired",
         "security token*invalid",
         "signature we calculated",
         "authorization failed",
         "authentication",
         "invalid token",
         "unauthorized")},
    {.statuses = SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "(key|credential|password|login|session)&(unknown|bad|wrong|deleted|expired|revoked|invalid|"
             "incorrect|not recognised|not recognized|rejected|disabled)&!" NOT_THE_KEY
             "&!(model|object|member|parameter|field|property|index)")},
    /* A status of permissions whose code says so too; before a sentence about the resource, which "may not
     * exist". */
    {.statuses = FORBIDDEN, .match = IN_CODE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "permission_denied*",
         "*_permission_denied",
         "access_denied*")},
    /* After the sentences about access, before those about the model, which many of these name. */
    {.statuses = BAD_REQUEST, .match = IN_CODE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "unsupported_parameter",
         "unsupported_value",
         "*_above_max_length",
         "*_above_max_value")},
};
/* clang-format on */

const struct failure_rule_list failure_access_rules = RULE_LIST(rules);
