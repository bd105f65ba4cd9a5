/* Rules for sentences of providers' error answers about money and limits: balances, bills, quotas, budgets,
 * rates. failure_account_rules.c explains how they apply. */
#include "errors/failure_rules_internal.h"

/* ---- words ---- */

#define MONEY "(balance|credit|fund|prepaid|prepayment|wallet|neurons|money|coin|cash)"
#define LACKS                                                                                                \
    "(insufficient|insufficiently|inadequate|not enough|not sufficient|not have enough|"                     \
    "not have sufficient|not have any|don't have enough|don't have sufficient|don't have any|"               \
    "doesn't have enough|doesn't have sufficient|doesn't have any|isn't enough|isn't any|aren't any|"        \
    "aren't enough|is not any|are not any|haven't any|hasn't any|have none|has none|no|no more|low|zero|"    \
    "is 0|are 0|$0|empty|negative|minus|run out|ran out|running out|runs out|out of|exhaust-|deplet-|"       \
    "used up|used all|all used|been used|consumed|expired|lack|spent|gone|dry|needs|need more|require more|" \
    "requires more|required|not cover|cannot cover|can't cover|doesn't cover|too small|short of|nothing|"    \
    "none left|below|overdue|outstanding|unpaid|exceed-|drained|finished|burned|burnt)"
#define BILLS                                                                                                \
    "(billing|bill|invoice|payment|payment method|payment instrument|credit card|bank card|debit card|"      \
    "card on file|card was|card declined|your card|dues|charge failed|charging failed)"
#define UNPAID                                                                                               \
    "(overdue|past due|unpaid|outstanding|failed|failure|declined|inactive|not active|"                      \
    "update your|add a|enter a|add your|no|must be enabled|to be enabled|not enabled|disabled|problem|"      \
    "issue|in arrears|not paid|hasn't paid|haven't paid|not been paid|hasn't been paid|settle|settled|"      \
    "frozen|refused|rejected|owed|missing|is required|expired|open)"
/* Words of money in a sentence about something else. */
#define OF_NO_ACCOUNT                                                                                        \
    "(charged|deducted|billed|consumed by|not consumed|load|in flight|inflight|deadline|timeout|"            \
    "timed out|connection|temporarily|rate limit|raise|increase|higher|unlock)"
#define OF_A_RATE                                                                                            \
    "(rate limit|throttl-|allocated|per|not consumed|check your plan|resource has been exhausted)"
#define BUDGET                                                                                               \
    "(budget|spend|spending|spend limit|credit limit|allowance|usage cap|cost limit|usage limit|"            \
    "cost cap|account cap|key cap|team cap|user cap|project cap|cost ceiling|spending cap|hard limit|hard "  \
    "cap|dollar limit)"
#define REACHED                                                                                              \
    "(exceed-|reach-|hit|over|exhaust-|used up|use up|used|deplet-|finished|surpass-|limited to|"            \
    "limit of|limit|consumed|no more|run out|ran out|out of|too many|maximum number|spent|gone|burned|"      \
    "burnt|maxed|capped|all used|nothing left|none left|0 left|zero|drained|passed|met|full)"
#define LIMIT                                                                                                \
    "(limit|limited|quota|allocation|allotment|allowance|cap|call|request|token|usage|credit|neurons|"       \
    "budget|maximum|ceiling|generation|message|image|completion|query|queries|inference|plan|"               \
    "entitlement|use)"
#define DAYS                                                                                                 \
    "(day|daily|per day|today|24 hours|24h|rpd|tpd|month|monthly|per month|week|weekly|year|yearly|"         \
    "annual|january|february|april|june|july|august|september|october|november|december|86400s|quota "       \
    "period|billing period|billing cycle)"
/* What a customer has bought or was given. */
#define BOUGHT                                                                                               \
    "(allotment|allocation|allowance|plan|subscription|package|bundle|entitlement|trial|trial token|"        \
    "free token|included usage|token pack)"
#define USED_UP                                                                                              \
    "(used up|use up|gone|spent|exhaust-|deplet-|burned|burnt|run out|ran out|runs out|ran dry|run dry|"     \
    "finished|nothing left|none left|maxed out|drained|fully used|fully consumed|been consumed|all used|"    \
    "used all|over|ended)"

/* clang-format off */
const char *const short_period_patterns[] = {
    "(per minute|per min|per second|per sec|per hour|per hr|a minute|each minute|every minute|"
    "one minute|1 minute|last minute|this minute|a second|each second|an hour|this hour|hourly|minutely)",
    "(/|/ )(minute|min|second|sec|hour|s|m|h)",
    "(rpm|tpm|qps|rps|qpm|tps|rph|tph|concurren-|parallel|simultaneous|simultaneously|in flight|inflight|"
    "burst|per 60s|per 1s|per 10s|60 s|60 seconds|60s)",
    "*perminute",
    "*persecond",
    "*perhour",
    "*byminute",
    "(5 hour|5-hour|5h|five hour|每分钟|每秒|每小时|并发)",
    NULL,
};

static const struct failure_rule rules[] = {
    /* Money and entitlement. Retrying does not help, whatever the status. */
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_PERIOD,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         MONEY "&" LACKS "&!" OF_NO_ACCOUNT,
         "(add|purchase|buy|top up|recharge|deposit|please pay|refill|"
             "load)&" MONEY "&!(api key)&!" OF_NO_ACCOUNT,
         BILLS "&" UNPAID "&!(current quota|billing system|billing service|payment service|payment system|"
             "billing api|invoice service)&!" OF_NO_ACCOUNT,
         "(check your billing|check your payment|check your credit|check your plan and billing|"
             "check your invoice)&!(current quota|rate limit)",
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
         "(余额|额度|配额|资源包|免费额度|点数|积分|套餐|token 包|token包|流量包|餘額|額度)"
             "&(不足|不够|用尽|耗尽|用完|已用|已尽|超出|为零|为负|为0|透支|没有|到期|过期|用盡)",
         "欠费", /* in arrears */
         "欠費",
         "(充值|续费|缴费|付款|儲值)", /* recharge, renew, pay */
         "(资金|金额|费用|账户|token|tokens)&(不足|不够|用尽|耗尽|用完)&!(权限|长度|上下文)",
         "(insufficient|not enough|out of|no more|need more)&(point|unit)&!(data|float|unit test|gpu|"
             "compute)",
         "(subscription|trial|plan|licence|license|membership)&(lapsed|expired|renew|ended|run out|ran out)"
             "&!(token)",
         "(can't afford|cannot afford|can only afford|unable to afford|couldn't afford)",
         "(no active subscription|no active plan|no valid subscription|without an active subscription)",
         "(non payment|nonpayment|hasn't paid|haven't paid|has not paid|have not paid|did not pay|"
             "didn't pay|in arrears|"
             "in debt|owes|owe us|you owe|not been paid|can't bill|cannot bill|can't charge your|"
             "cannot charge your|unable to charge|could not charge|couldn't charge)",
         "(charge|charging|charging you|card)&(failed|declined|refused)&(coin|card|credit|account|balance|"
             "money)",
         "(pay|payment)&(before|until)&(further use|use|using|continue|resume|carry on|settled)")},
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_PERIOD | NO_SHORT_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         BUDGET "&" REACHED "&!(context|token limit|max tokens|thinking budget|budget tokens|"
             "rate limit|in flight)",
         "(usage limits)&" REACHED,
         BOUGHT "&" USED_UP "&!(rate|check your plan|per|over your plan's rate|context|model is over)"
             "&!(load|capacity|overload-|busy)",
         "(quota)&(account|organization|organisation|org|team|workspace|user|customer|tenant|company)"
             "&(exceed-|reached|hit|over|met|passed|full)&!(consumer|metric|service|per tier|"
                 "qps)&!" OF_A_RATE,
         "(recharge|top up|refill|purchase|buy)&(account|token|package|pack|plan|more)"
             "&!(rate|higher|raise|increase|increas-|limits|throughput)",
         "(out of token|no token left|no more token|ran out of token|run out of token)&!(context|window|"
             "limit)",
         "(trial|demo|evaluation)&(limited to|limit of|in total|only allows|allows only)&!(rate)",
         "(evaluation|trial|grace|free|promotional|demo)&(period|phase|time)&(ended|over|expired|passed|up)",
         "(no|nothing|none|zero|0)&(left|remaining)&(token|call|request|credit|quota|message|generation|"
             "usage|allowance|plan|trial)&!(rate limit|rate|slot|retry|retries|context|window|output)",
         "(cost|spend|spending|dollar|usd|money|expense)&(ceiling|cap|limit|maximum|threshold)"
             "&(hit|reach-|exceed-|over|met|passed|surpass-|maxed)&!(context|token limit|max tokens|"
                 "in flight)",
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
         "(本月|每月|当月|月度|每周|本周)&(上限|限制|额度|限额|用完|用尽|配额)")},
    /* A limit of a day that is over within the hour is a window that slides (Groq, OpenAI: TPD). */
    {.statuses = ANY_STATUS, .match = IN_SENTENCE, .only_if = NO_SHORT_DELAY | NO_SHORT_PERIOD,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         DAYS "&" LIMIT "&" REACHED "&!(load|demand|traffic|capacity|busy)",
         "(come back|try again|try|resume|reset|resume-|renew|available again|until|again|next)&"
             "(tomorrow|next month|next week|midnight|the first of|the 1st|the next day)"
             "&!(maintenance|load|demand|traffic|capacity|busy|outage)",
         "(每日|每天|当日|今日|单日|本日|当天|今天|日调用|日请求)"
             "&(上限|限制|额度|次数|限额|用完|用尽|配额)")},
    /* Under a 429 a limit has been reached, so the limit that the sentence names is this one. */
    {.statuses = TOO_MANY_REQUESTS | PAYMENT_REQUIRED, .match = IN_SENTENCE,
     .only_if = NO_DELAY | NO_SHORT_PERIOD,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS(
         DAYS "&" LIMIT "&!(load|demand|traffic|capacity|busy|outage|maintenance|overload-|any day)")},
    {.statuses = TOO_MANY_REQUESTS | AMBIGUOUS, .match = IN_SENTENCE, .only_if = NO_DELAY,
     .reason = FAILURE_QUOTA_EXHAUSTED, .retry = NEVER,
     .patterns = PATTERNS("limit: 0")},
    {.statuses = PAYMENT_REQUIRED, .match = IN_SENTENCE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS("(server|service|model|system|engine)&(busy|overload-|at capacity)")},
    {.statuses = BAD_REQUEST, .match = IN_SENTENCE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS("(degraded)&(function|model|service|endpoint|deployment|server)")},
    {.statuses = PAYMENT_REQUIRED, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS("(in flight|inflight|concurrent|rate limit|too many requests)")},

    /* A request larger than the whole rate-limit bucket never fits. */
    {.statuses = BAD_REQUEST | TOO_MANY_REQUESTS, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = NEVER,
     .patterns = PATTERNS("request too large for")},
    {.statuses = BAD_REQUEST, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = NEVER,
     .patterns = PATTERNS("rate_limit_exceeded")}, /* the code, in the place of a sentence */

    /* A limit of a rate under a status of permissions or of the caller's mistakes. */
    {.statuses = BAD_REQUEST, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS("(qps|rps|rpm|tpm|qpm|concurrency|concurrent request)&limit&(exceeded|reached|hit)"
                          "&!(must|not exceed|cannot|should|may not|parameter|param|field|day)")},
    {.statuses = BAD_REQUEST | FORBIDDEN | SUCCESS | INTERNAL_ERROR, .match = IN_SENTENCE,
     .only_if = NO_PARAM,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "(too often|too fast|too quickly|too frequent|too frequently|slow down|too many requests|"
             "too many calls|too many queries|throttled|throttling|throttle|being rate limited|"
             "was rate limited|got rate limited|rate limit exceeded|rate limit reached|rate limit hit|"
             "rate limit was|exceeded the rate limit|exceeded rate limit|exceeded your rate limit|"
             "reached the rate limit|hit the rate limit|hit a rate limit)"
             "&!(must|not exceed|cannot|should|may not|parameter|param|field|day|daily|month|speech|"
             "frames|in queue|sample rate)",
         "(请求|调用|访问|操作)&(频繁|过快|太快|过多|太多)",
         "(频率|速率|并发|qps|rpm|tpm|限流)&(限制|超|过高|上限|触发|达到)")},
    {.statuses = FORBIDDEN, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "(qps|rps|rpm|tpm|qpm|rate limit|request rate|request limit|requests per minute|tokens per minute|"
             "requests per second|concurrency|concurrent request)"
             "&(exceeded|exceeding|exceed|reached|too high|too many|hit)"
             "&!(must|not exceed|cannot|should|may not|parameter|param|field|too large|daily|per day|day)",
         "=too many requests",
         "too many concurrent requests")},
};
/* clang-format on */

const struct failure_rule_list failure_money_rules = RULE_LIST(rules);
