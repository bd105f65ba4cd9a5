/* Rules for sentences of providers' error answers that outrank all others: content filters, and keys that are
 * named so.
 *
 * A rule applies when the status is of one of its classes and one of its patterns (failure_pattern.h) occurs
 * in the answer's sentences, or in the words of its codes. The first rule that applies decides. The words are
 * grouped by meaning, since each provider has its own order of them. */
#include "errors/failure_rules_internal.h"

/* ---- words ---- */

#define KEY                                                                                                  \
    "(api key|apikey|access key|secret key|private key|subscription key|api token|api credential|"           \
    "authorization key|auth key|service key|license key)"
#define NOT_THE_KEY                                                                                          \
    "(limit|quota|budget|credit|balance|fund|trial|plan|permission|access to|upstream|not allowed|"          \
    "restricted to|usage)"
/* The same, and what a server says that could not check the key. */
#define NOT_ABOUT_KEY                                                                                        \
    "(limit|quota|budget|credit|balance|fund|trial|plan|permission|access to|not allowed|restricted to|"     \
    "usage|try again|temporarily|timeout|timed out|unable to verify|could not verify|unavailable)"
/* What forbids a content, and what it does to it. */
#define GUARD                                                                                                \
    "(guardrail|safety|safety rule|safety filter|safety system|content rule|content polic|content policy|"   \
    "policies|policy|moderation|moderator|acceptable use|community guideline|community standard|"            \
    "responsible ai|content guideline|content safety|safety guideline|usage guideline|trust and safety)"
#define FORBIDS                                                                                              \
    "(stop-|block-|reject-|refus-|trip-|violat-|flag-|declin-|denied|prevent-|against|breach-|breaks|"       \
    "broke|intervene-|trigger-|caught|filter-|not pass|didn't pass|did not pass|failed|disallow-|"           \
    "not allowed|prohibit-|forbid-|forbidden|intercept-|withh-|suppress-|cut off|removed for)"
/* A filter that does not work says nothing about the content. */
#define GUARD_FAILS                                                                                          \
    "(unavailable|service failed|is down|timed out|timeout|unreachable|not reachable|could not be reached|"  \
    "service error|failed to call|connection|crash-)"
#define OF_OTHER_POLICY                                                                                      \
    "(rate limit|quota|retry|retention|data policy|privacy|cors|routing|cache|password|retries|access "      \
    "policy|iam|network|firewall|ip|organization|organisation|company|permission|budget|billing|plan)"

/* clang-format off */
const char *const passing_patterns[] = {
    "(overload-|busy|capacity|queue|queued|pending|loading|being loaded|not loaded|under load|high load|"
    "heavy load|warming|warm up|starting|scaling|not ready|are ready|is ready|initializing|download-|"
    "maintenance|restarting|shutting down|draining|in flight|concurren-|rate limit|too many requests|"
    "sent too many|throttl-|traffic|demand)",
    "(try again|retry|retrying)&!(without|with a valid|with valid|with fewer|with less|with another|"
    "with a different|with different)",
    "(currently)&!(support-|allow-)",
    "(later|shortly|temporarily|temporary|right now|at the moment|in a moment|in a minute|momentarily|"
    "please wait)",
    "(instance)&!(an instance|valid instance)",
    "(replica|worker|node|pod|upstream|backend|unhealthy|health check|connection|timeout|timed out|took|"
    "taking|takes too)",
    /* A gateway that cannot read the provider's answer. */
    "(sleep-|wakes|wake up|in response|in the response|response body|network|looking for beginning|"
    "available server|available provider|out of memory)",
    "(unexpected token|at position|from the provider|from provider|provider's|received)",
    "(负载|繁忙|拥挤|饱和|过载|稍后|重试)",
    NULL,
};

static const struct failure_rule rules[] = {
    /* Content filters come before money, because "No credits were charged" stands beside "flagged". */
    {.statuses = AMBIGUOUS | INTERNAL_ERROR | UNAVAILABLE, .match = IN_SENTENCE,
     .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_CONTENT_FILTER, .retry = NEVER,
     .patterns = PATTERNS(
         "content management policy",
         "content filter&!" GUARD_FAILS,
         "content policy&!" GUARD_FAILS,
         "content exists risk",
         "usage polic",
         "safety system&!" GUARD_FAILS,
         "unsafe content",
         "moderation&!" GUARD_FAILS,
         "flagged as",
         "inappropriate content",
         "blocked*safety",
         "new_sensitive",
         "(input|prompt|request|content|message|image|text|output)&(flagged)",
         "(violat-)&(policy|policies|guideline|terms|usage guidelines|safety|rules|law)&!(rate limit|quota)",
         "(rejected|blocked|refused|declined|filtered)&(risk|risky|high risk|safety|policy|"
             "harmful|unsafe|sensitive|prohibited)&!" OF_OTHER_POLICY,
         "(contain-|include-|detect-)&(sensitive|harmful|inappropriate|prohibited|unsafe|illegal|"
             "offensive|explicit|forbidden word|banned|blacklisted|disallowed|forbidden term|"
             "forbidden content|forbidden topic)&!(key|credential|token)",
         "safety_check",
         "(risky|unsafe|harmful)&(prompt|input|content|image|request|text|output)",
         "(nsfw|csam|pornograph-|hate speech|violence|violent|sexual|self harm|nudity|"
             "copyrighted)&(detected|blocked|rejected|refused|not allowed|violat-|flag-|contain-)",
         GUARD "&" FORBIDS "&!" OF_OTHER_POLICY,
         "(content|input|output|prompt|answer)&(is|are|was|were)&(sensitive|illegal|inappropriate|harmful)"
             "&!(case sensitive|json|character|value|argument|parameter)",
         "(content|prompt|input|output|response|text|image|answer)&(blocked|filtered|flagged|intercepted|"
             "disallowed)&!(cors|firewall|ip|waf|network|account|organization|key|rate|queue)",
         "(safety block|safety violation|unsafe request|harm category|harmful content|blocked content|"
             "content blocked|content violation|content rejected|content refused|policy violation)",
         "(can't|cannot|can not|won't|will not|not able to|unable to)&(answer|discuss|assist with|help with|"
             "respond to|talk)&(about|topic|subject|this kind|such|that request|this request)",
         "(审核|安全策略|内容安全|风控)&(未通过|不通过|拦截|失败|拒绝|触发|命中)",
         "(违法|不当内容|不良信息|色情|暴力内容)",
         "(违反|涉嫌|含有)&(规范|规定|政策|法律|法规|违规|违禁)",
         "敏感",
         "违规",
         "违禁",
         "不安全",
         "不合规")},

    /* Credentials that are named so. */
    {.statuses = AMBIGUOUS | INTERNAL_ERROR | UNAVAILABLE, .match = IN_SENTENCE,
     .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         "invalid api key",
         "invalid api-key",
         "incorrect api key",
         "api key not valid",
         "api key is invalid",
         "api key*expired",
         KEY "&(invalid|incorrect|wrong|expired|revoked|disabled|deactivated|deleted|not valid|unknown|"
             "unrecognized|unrecognised|not recognized|not recognised|don't recognise|don't recognize|"
             "do not recognise|do not recognize|bad|leaked|compromised|isn't valid|not a valid|isn't known|"
             "not known|mismatch|could not be verified|cannot be verified|verification failed|does not match|"
             "could not be validated|failed validation|rejected|no longer works|inactive)"
             "&!" NOT_THE_KEY)},
    {.statuses = UNAVAILABLE, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         KEY "&(invalid|incorrect|wrong|expired|revoked|disabled|not valid)&!" NOT_ABOUT_KEY)},
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         KEY "&(not found|could not be found|cannot be found|does not exist|doesn't exist|malformed|"
             "unauthorized|format|missing|not provided|"
             "must be passed|must be provided|must be set|required|not set|valid|"
             "no)&!" NOT_THE_KEY)},
};
/* clang-format on */

const struct failure_rule_list failure_account_rules = RULE_LIST(rules);
