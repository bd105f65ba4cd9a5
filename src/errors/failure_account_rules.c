/* Rules for sentences of providers' error answers about the account: content filters, money, keys,
 * permission.
 *
 * A rule applies when the status is of one of its classes and one of its patterns (failure_pattern.h) occurs
 * in the answer's sentences. The first rule that applies decides. The words are grouped by meaning, since
 * each provider has its own order of them. */
#include "errors/failure_rules_internal.h"

/* ---- words ---- */

#define KEY "(api key|apikey|access key|secret key|private key|subscription key|api token)"
#define NOT_THE_KEY "(limit|quota|budget|credit|balance|fund|trial|plan|permission|access to|upstream)"
#define MONEY "(balance|credit|fund|prepaid|wallet|neurons)"
#define LACKS                                                                                                \
    "(insufficient|insufficiently|inadequate|not enough|not sufficient|not have enough|"                     \
    "not have sufficient|not have any|don't have enough|don't have sufficient|don't have any|"               \
    "doesn't have enough|doesn't have sufficient|doesn't have any|no|no more|low|zero|is 0|are 0|$0|"        \
    "empty|negative|run out|ran out|out of|exhaust-|deplet-|used up|used all|been used|consumed|"            \
    "expired|lack|spent|needs|need more|requires more|below|overdue|outstanding|unpaid|exceed-)"
#define BILLS "(billing|bill|invoice|payment|payment method|payment instrument)"
#define UNPAID                                                                                               \
    "(overdue|past due|unpaid|outstanding|failed|failure|declined|inactive|not active|check your|"           \
    "update your|add a|enter a|add your|no|must be enabled|to be enabled|not enabled|disabled|problem|"      \
    "issue|in arrears)"
/* Words of money in a sentence about something else. */
#define OF_NO_ACCOUNT                                                                                        \
    "(charged|deducted|billed|consumed by|not consumed|load|in flight|inflight|deadline|timeout|"            \
    "timed out|connection|temporarily|rate limit|raise|increase|higher|unlock)"
#define OF_A_RATE                                                                                            \
    "(rate limit|throttl-|allocated|per|not consumed|check your plan|resource has been exhausted)"
#define BUDGET "(budget|spend|spending|spend limit|credit limit|allowance|usage cap|cost limit|usage limit)"
#define REACHED                                                                                              \
    "(exceed-|reach-|hit|over|exhaust-|used up|use up|used|deplet-|finished|surpass-|limited to|"            \
    "limit of|limit|consumed|no more|run out|ran out|out of|too many|maximum number)"
#define LIMIT "(limit|limited|quota|allocation|allowance|cap|call|request|token|usage|credit|neurons|budget)"
#define DAYS                                                                                                 \
    "(day|daily|per day|today|24 hours|24h|rpd|tpd|month|monthly|per month|week|weekly|year|yearly|"         \
    "annual|86400s|quota period|billing period|billing cycle)"

/* clang-format off */
const char *const short_period_patterns[] = {
    "(per minute|per min|per second|per sec|per hour|per hr|a minute|each minute|every minute|"
    "one minute|1 minute|last minute|hourly|minutely)",
    "(/|/ )(minute|min|second|sec|hour|s|m|h)",
    "(rpm|tpm|qps|rps|qpm|tps|rph|tph|concurren-|parallel|in flight|inflight|burst|per 60s|per 1s|"
    "per 10s)",
    "*perminute",
    "*persecond",
    "*perhour",
    "*byminute",
    "(5 hour|5-hour|5h|five hour|每分钟|每秒|每小时|并发)",
    NULL,
};

const char *const passing_patterns[] = {
    "(overload-|busy|capacity|queue|pending|loading|being loaded|not loaded|under load|high load|"
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
         "content filter",
         "content policy",
         "content exists risk",
         "usage polic",
         "safety system",
         "unsafe content",
         "moderation",
         "flagged as",
         "inappropriate content",
         "blocked*safety",
         "new_sensitive",
         "(input|prompt|request|content|message|image|text|output)&(flagged)",
         "(violat-)&(policy|policies|guideline|terms|usage guidelines|safety|rules|law)&!(rate limit|quota)",
         "(rejected|blocked|refused|declined|filtered)&(risk|risky|high risk|safety|policy|"
             "harmful|unsafe|sensitive|prohibited)",
         "(contain-|include-|detect-)&(sensitive|harmful|inappropriate|prohibited|unsafe|illegal|"
             "offensive|explicit)&!(key|credential|token)",
         "safety_check",
         "(risky|unsafe|harmful)&(prompt|input|content|image|request|text|output)",
         "(nsfw|csam|pornograph-|hate speech|violence|violent|sexual|self harm|nudity|"
             "copyrighted)&(detected|blocked|rejected|refused|not allowed|violat-|flag-|contain-)",
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
         KEY "&(invalid|incorrect|wrong|expired|revoked|disabled|deactivated|deleted|not valid)"
             "&!" NOT_THE_KEY)},
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE,
     .reason = FAILURE_AUTHENTICATION, .retry = NEVER,
     .patterns = PATTERNS(
         KEY "&(not found|does not exist|doesn't exist|malformed|unauthorized|format|missing|not provided|"
             "must be passed|must be provided|must be set|required|not set|valid|"
             "no)&!" NOT_THE_KEY)},

    /* Money and entitlement. Retrying does not help, whatever the status. */
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_PERIOD,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         MONEY "&" LACKS "&!" OF_NO_ACCOUNT,
         "(add|purchase|buy|top up|recharge|deposit|please pay)&" MONEY "&!(api key)&!" OF_NO_ACCOUNT,
         BILLS "&" UNPAID "&!(current quota|system|service)&!" OF_NO_ACCOUNT,
         "credit balance",
         "all available credits",
         "spending limit",
         "monthly*credits",
         "billing hard limit",
         "please recharge",
         "extra usage is required",
         "out of extra usage",
         "(trial|free plan|free tier|free account)&" LIMIT "&(exceed-|reached|hit|used up)",
         "prohibited, please enter a payment",
         "(account|subscription|organization|team|workspace|service)&(suspended|inactive|paused|"
             "not active)&(payment|billing|balance|plan|usage limit|spend-|quota)",
         "(inactive subscription|subscription expired|subscription has expired|plan has expired|"
             "package has expired|trial has expired|trial expired|trial has ended|free trial ended)",
         "(余额|额度|配额|资源包|免费额度|点数)&(不足|用尽|耗尽|用完|已用|超出|为零)",
         "欠费", /* in arrears */
         "充值" /* recharge */)},
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_PERIOD | NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         BUDGET "&" REACHED "&!(context|token limit|max tokens|thinking budget|budget tokens|"
             "rate limit|in flight)",
         "(usage limits)&" REACHED,
         "(plan|subscription)&(limit|quota|allowance|maximum)&(exceed-|reach-|hit|used up|exhaust-)"
             "&!(rate|check your plan|per)",
         "(quota)&(not enough|insufficient|used up|exhaust-|no more|run out|deplet-|consumed|zero|your)"
             "&(not enough|insufficient|used up|exhaust-|no more|run out|deplet-|consumed|zero|"
                 "exceed-|reached)"
             "&!" OF_A_RATE,
         "exceeded*current quota",
         "(key limit|inference limit|set limit|account limit|plan limit|trial limit|free tier)&" REACHED,
         "(free tier|free trial|free quota|free allocation)&(exhaust-|exceed-|used up|ended|over|"
             "expired|deplet-)")},
    /* Who sends the customer to the bill means money, and a Retry-After of a proxy in between says nothing.
     * Google says the same of a limit per minute, but then names the minute or the delay. */
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_PERIOD | NO_PASSING,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("(quota)&(check your plan|check your billing|plan and billing|billing details)")},
    {.statuses = BAD_REQUEST | UNAUTHORIZED | FORBIDDEN, .match = IN_SENTENCE,
     .only_if = NO_SHORT_PERIOD | NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("(quota)&(exceed-|reached|no)&!" OF_A_RATE)},
    {.statuses = ANY_STATUS, .match = IN_SENTENCE,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         "out of call volume quota",
         "limit: 0,",
         "limit: 0\n",
         "bymodelbyday",
         "byday. ",
         "(month|monthly|week|weekly|per month|per week)&" LIMIT "&" REACHED "&!(context)",
         "(本月|每月|当月|每周)&(上限|限制|额度|用完)")},
    /* A limit of a day that is over within the hour is a window that slides (Groq, OpenAI: TPD). */
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_DELAY | NO_SHORT_PERIOD,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         DAYS "&" LIMIT "&" REACHED "&!(load|demand|traffic|capacity|busy)",
         "(每日|每天|当日|今日|单日)&(上限|限制|额度|次数)")},
    {.statuses = TOO_MANY_REQUESTS | AMBIGUOUS, .match = IN_SENTENCE, .only_if = NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("limit: 0")},
    {.statuses = PAYMENT_REQUIRED, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS("(in flight|inflight|concurrent|rate limit|too many requests)")},

    /* A request larger than the whole rate-limit bucket never fits. */
    {.statuses = BAD_REQUEST | TOO_MANY_REQUESTS, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = NEVER,
     .patterns = PATTERNS("request too large for")},

    /* A limit of a rate under a status of permissions or of the caller's mistakes. */
    {.statuses = BAD_REQUEST, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS("(qps|rps|rpm|tpm|qpm|concurrency|concurrent request)&limit&(exceeded|reached|hit)"
                          "&!(must|not exceed|cannot|should|may not|parameter|param|field|day)")},
    {.statuses = FORBIDDEN, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "(qps|rps|rpm|tpm|qpm|rate limit|request rate|request limit|requests per minute|tokens per minute|"
             "requests per second|concurrency|concurrent request)"
             "&(exceeded|exceeding|exceed|reached|too high|too many|hit)"
             "&!(must|not exceed|cannot|should|may not|parameter|param|field|too large|daily|per day|day)",
         "=too many requests",
         "too many concurrent requests")},

    /* Region and entitlement. */
    {.statuses = AMBIGUOUS | UNAUTHORIZED, .match = IN_SENTENCE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "location is not supported",
         "region*not supported",
         "(country|region|location|territory|jurisdiction)&(not available|unavailable|"
             "cannot be used|can't be used|not served|not supported|unsupported|not allowed|"
                 "restricted|blocked)",
         "(ip|ip address|firewall|virtual network|allowlist|whitelist)&(not|denied|blocked|forbidden)&!(zip)",
         "(organization|account|project|team|workspace)&(must be verified|not verified|"
             "has been disabled|is disabled|restricted|has been banned|been suspended|is suspended)",
         "(requires|require|only available|available only|upgrade)&(plan|subscription|paid|tier|"
             "pro|enterprise)&!(token|context|rate limit)",
         "(gated)&(model|repo)",
         "(accept|agree)&(license|terms|eula)",
         "(not available|not enabled|not included|not include|not allow)&(plan|tier|account|"
             "organization|subscription|project|workspace)",
         "(insufficient|missing|lacks)&(permission|scope|privilege)",
         "(access)&(denied|restricted|forbidden)&(model|resource|deployment)",
         "(not allowed|not permitted|no permission|not entitled|not authorized|"
             "do not have permission|does not have permission|don't have permission|lacks permission)"
             "&(model|resource|operation|action|perform|access|api|endpoint|sample|inference|"
                 "deployment|organization)",
         "(do not have access|does not have access|don't have access|doesn't have access|"
             "no access)&(model|deployment|engine|resource|api|project)"
             "&!(does not exist)")},

    /* Credentials in other words. */
    {.statuses = AMBIGUOUS, .match = IN_SENTENCE,
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
         "(signature)&(does not match|mismatch|invalid|expired|we calculated)",
         "(令牌|密钥|token|apikey|api key|鉴权|认证|身份验证)&(无效|非法|过期|失败|错误|不正确|已失效)",
         "(authentication|authorization)&(failed|failure|error|required|invalid|incorrect)",
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
         "security token*expired",
         "security token*invalid",
         "signature we calculated",
         "authorization failed",
         "authentication",
         "invalid token",
         "unauthorized")},

};
/* clang-format on */

const struct failure_rule_list failure_account_rules = RULE_LIST(rules);
