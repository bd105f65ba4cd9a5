/* Rules for the sentences of providers' error answers, by what they mean.
 *
 * A rule applies when the status is of one of its classes and one of its patterns (failure_pattern.h) occurs
 * in the answer's sentences. The first rule that applies decides. The words are grouped by meaning, since
 * each provider has its own order of them. */
#include "errors/failure_rules_internal.h"

/* ---- words ---- */

#define KEY "(api key|apikey|access key|secret key|subscription key|api token)"
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

#define TEXT                                                                                                 \
    "(prompt|input|context|message|messages|conversation|text|sequence|request|requested|body|history|"      \
    "total|document|query|content|chat|model)"
#define EXCEEDS                                                                                              \
    "(exceed-|longer than|greater than|larger than|more than|over the|beyond|surpass-|above the|"            \
    "too long|too large|too big|too many|bigger than|higher than|does not fit|doesn't fit|cannot fit|"       \
    "supports at most|supports only|maximum is|max is|limit is|but the model|overflow-)"
#define OUTPUT_LIMIT                                                                                         \
    "(max tokens|max completion tokens|max output tokens|max new tokens|maxoutputtokens|max gen len)"

/* What a server says of itself and not of the request. */
#define OWN_FAULT                                                                                            \
    "(upstream|backend|nil pointer|null pointer|memory|cuda|gpu|panic|segmentation|connection|connect|"      \
    "timeout|timed out|eof|unavailable|crash-|terminated|stopped|overload-|busy|try again|retry|disk|"       \
    "device|socket|dns|tls|certificate|database|redis|sql|proxy|response from|invalid response|"             \
    "no response|empty response|response body|output|at pos|internal|unexpectedly|unexpected end|"           \
    "worker|null|could not complete|produced|communicating)"
#define PART_OF_REQUEST                                                                                      \
    "(parameter|param|field|option|argument|request|message|messages|role|content|prompt|input|image|"       \
    "audio|video|file|tool|function|grammar|schema|json|format|template|chat template|type|value|"           \
    "string|array|object|number|integer|boolean|temperature|stop|logprob|stream|logit bias|embedding|"       \
    "completion|reranking|infill|modality|multimodal|base64|conversation roles|model|server|decoding|"       \
    "prefill|thinking|seed|n)"
/* Said of requests only; "_-" is any name with an underscore. */
#define MUST_BE                                                                                              \
    "(not supported|does not support|doesn't support|do not support|don't support|unsupported|"              \
    "isn't supported|aren't supported|not both|mutually exclusive|cannot use|can't use|cannot be used|"      \
    "can not be used|cannot be combined|used together|cannot have|can't have|cannot contain|cannot mix|"     \
    "cannot specify|cannot set|not allowed|only allowed|not permitted|must be|must have|must not|"           \
    "must contain|must alternate|must start|must end|must match|should be|should have|is required|"          \
    "are required|required|not enabled|incompatible|not compatible|does not match|only supports|"            \
    "only support|only use one|only one|at most|at least|too complex|out of range|out of bounds|"            \
    "cannot be empty|be empty|is empty|cannot unmarshal)"
#define WRONG                                                                                                \
    "(malformed|invalid|unknown|unrecognized|unrecognised|unexpected|empty|duplicate|without|too long|"      \
    "too large to process|could not unmarshal|failed to parse|could not parse|cannot parse|"                 \
    "error parsing|failed to decode|could not decode|cannot decode|failed to load image|"                    \
    "failed to load audio|failed to load video|illegal|not valid|is not a|is not an|are not a|expected|"     \
    "too many|too few|no user message|no chat template|not found in)"

const char *const short_period_patterns[] = {"(per minute|per min|per second|per sec|per hour|per hr|a "
                                             "minute|each minute|every minute|one minute|1 "
                                             "minute|last minute|hourly|minutely)",
                                             "(/|/ )(minute|min|second|sec|hour|s|m|h)",
                                             "(rpm|tpm|qps|rps|qpm|tps|rph|tph|concurren-|parallel|in "
                                             "flight|inflight|burst|per 60s|per 1s|per 10s)",
                                             "*perminute",
                                             "*persecond",
                                             "*perhour",
                                             "*byminute",
                                             "(5 hour|5-hour|5h|five hour|每分钟|每秒|每小时|并发)",
                                             NULL};

/* clang-format off */
static const struct failure_rule rules[] = {
    /* Content filters come before money, because "No credits were charged" stands beside "flagged". */
    {.statuses = AMBIGUOUS | INTERNAL_ERROR, .match = IN_SENTENCE,
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
         "(nsfw|csam|pornograph-|hate speech)&(detected|blocked|not allowed|violat-|flag-|contain-)",
         "敏感",
         "违规",
         "不安全",
         "不合规")},

    /* Credentials that are named so. */
    {.statuses = AMBIGUOUS | INTERNAL_ERROR, .match = IN_SENTENCE,
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
         "(quota)&(not enough|insufficient|used up|exhaust-|no more|run out|deplet-|consumed|zero|your)"
             "&(not enough|insufficient|used up|exhaust-|no more|run out|deplet-|consumed|zero|"
                 "exceed-|reached)"
             "&!" OF_A_RATE,
         "exceeded*current quota",
         "(key limit|inference limit|set limit|account limit|plan limit|trial limit|free tier)&" REACHED,
         "(free tier|free trial|free quota|free allocation)&(exhaust-|exceed-|used up|ended|over|"
             "expired|deplet-)")},
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

    /* Region and entitlement. */
    {.statuses = AMBIGUOUS | UNAUTHORIZED, .match = IN_SENTENCE,
     .reason = FAILURE_PERMISSION, .retry = NEVER,
     .patterns = PATTERNS(
         "location is not supported",
         "region*not supported",
         "(country|region|location|territory|jurisdiction)&(not available|unavailable|"
             "not supported|unsupported|not allowed|restricted|blocked)",
         "(ip|ip address|firewall|virtual network|allowlist|whitelist)&(not|denied|blocked|forbidden)&!(zip)",
         "(organization|account|project|team|workspace)&(must be verified|not verified|"
             "has been disabled|is disabled|restricted|has been banned|been suspended|is suspended)",
         "(requires|require|only available|available only|upgrade)&(plan|subscription|paid|tier|"
             "pro|enterprise)&!(token|context|rate limit)",
         "(gated)&(model|repo)",
         "(accept|agree)&(license|terms|eula)",
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
         "(authentication|authorization)&(failed|failure|error|required|denied|invalid|incorrect)",
         "(token)&(expired|revoked)&!(limit|quota|count)",
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

    /* llama.cpp: more tokens than a batch of the server, whatever the model could take. */
    {.statuses = INTERNAL_ERROR, .match = IN_SENTENCE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS("too large to process*batch size")},

    /* Context length. */
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
         "maximum input length",
         "max_seq_len",
         "max_model_len",
         "sequence length",
         "range of input length",
         "longer than the model",
         "reduce the length of the",
         "inputs*max_new_tokens*must be",
         "inputs*must have less than*tokens",
         "max tokens of*exceeded",
         "token limit exceeded",
         "(prompt|input|inputs)&" OUTPUT_LIMIT "&(exceed-|greater than|larger than|more than)",
         "(prompt|context|conversation)&(too large)&!(image|audio|video|file|string|tool)",
         "(context)&(supports)&(request|requested|prompt)",
         "(maximum input tokens|max input tokens|maximum number of input tokens|max prompt tokens)",
         "(context)&(full|overflow-)&!(queue)",
         "(token)&(request|prompt|input|message)&(more than|exceed-)&(max tokens allowed|max message tokens)",
         "(prompt|input|conversation|context|message|chat history)&(too long|too big)&!(image|audio|"
             "video|file|string|tool)",
         "(prompt|input|conversation|context|message|messages)&(exceed-|longer than)&(max length|"
             "maximum length|length limit|kv size|kv cache)",
         "(too large)&(max size|maximum)&(token)",
         "(token)&" TEXT "&" EXCEEDS "&!" OUTPUT_LIMIT
             "&!(per minute|rate limit|tool|stop|quota|budget|completion tokens|output tokens|deadline|time)",
         "(length|context|window|max len)&" TEXT "&" EXCEEDS "&!" OUTPUT_LIMIT
             "&!(per minute|rate limit|image|file|byte|mb|tool|array|string|character|stop|quota|"
                 "budget|deadline|time|timeout)",
         "(输入|提示|上下文|文本|消息|内容|对话|prompt)&(过长|太长|超长)",
         "(输入|提示|上下文|文本|消息|请求|内容|对话|prompt|token)&(过长|太长|超过|超出|超长|超限)&(长度|token|上下文|字数|限制|最大)")},

    /* The model. */
    {.statuses = BAD_REQUEST | FORBIDDEN | UNCOMMON | SUCCESS, .match = IN_SENTENCE, .only_if = NO_PARAM,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "model*does not exist",
         "model*not found",
         "invalid model",
         "unknown model",
         "no such model",
         "unsupported model",
         "not a supported model",
         "model is not supported",
         "model '*' is not supported",
         "model `*` is not supported",
         "model \"*\" is not supported",
         "not a valid model",
         "model identifier is invalid",
         "unable to access*model",
         "supported*model names",
         "is not supported*supported models",
         "not supported by any provider",
         "model*decommissioned",
         "model*end of its life",
         "(model|engine|deployment)&(deprecated|decommissioned|retired|sunset|discontinued|"
             "shut down|no longer available|no longer supported|end of life|does not exist|"
             "doesn't exist|not found|not exist)"
             "&!(parameter|param|field|option|function|feature|argument|for this model|"
                 "with this model|by this model)",
         "模型&(不存在|已下线|下线)")},
    {.statuses = INTERNAL_ERROR, .match = IN_SENTENCE, .only_if = NO_PARAM,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "(model)&(does not exist|not found|no such)&!(file|path|layer|runner|backend|worker|server|channel)",
         "no such model",
         "unknown model")},

    /* A 404 that names the path and not the model usually means a wrong base_url. */
    {.statuses = NOT_FOUND, .match = HTML_BODY,
     .reason = FAILURE_OTHER, .retry = NEVER},
    {.statuses = NOT_FOUND, .match = IN_SENTENCE,
     .reason = FAILURE_OTHER, .retry = NEVER,
     .patterns = PATTERNS(
         "=not found",
         "=404 not found",
         "=404 page not found",
         "=the requested url was not found on this server",
         "=file not found",
         "page not found",
         "resource not found",
         "invalid url",
         "unknown request url",
         "unrecognized request url",
         "cannot post",
         "cannot get",
         "no route",
         "no such endpoint",
         "unknown endpoint",
         "unexpected endpoint",
         "(path|route|url|uri|method)&(not found|no|does not exist|unknown|invalid|unrecognized|"
             "no matching)&!(model|deployment)")},
    /* A 404 of another thing: a file, a run, an answer that was not kept. */
    {.statuses = NOT_FOUND, .match = IN_SENTENCE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "(file|fine tune|fine tuning job|fine tuning|job|run|run step|step|thread|assistant|"
             "batch|vector store|container|response|previous response|conversation|"
             "message|upload|item|cache|cached content|cachedcontent|prompt|voice|image|video|"
                 "eval|checkpoint|organization|project|session|request|task|dataset|collection|user|"
                 "skill|agent)"
             "&(not found|no|no such|could not find|couldn't find|cannot find|unable to find|"
                 "does not exist|doesn't exist|not exist|was not found|expired)"
             "&!(model|models|deployment|engine|publisher|function|endpoints|provider)")},

    /* Overload, and models that are being loaded. */
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
         "at capacity",
         "(server|service|model|engine|system|backend|cluster|infrastructure|worker)&(busy|overload|"
             "overloaded|saturated|maximum capacity|full capacity|heavy load|high load)&!(your)",
         "(high|heavy|increased|unusual)&(traffic|load|demand)&!(your)",
         "(capacity)&(exceeded|temporarily|maximum|no|insufficient|not enough|out of)&!(your)",
         "(queue)&(full|too long)",
         "(model)&(loading|being loaded|not ready|warming up|starting up|cold start)&!(failed|"
             "error loading|unable)",
         "(负载|繁忙|拥挤|饱和|过载)")},
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS("capacity exceeded")},

    /* Timeouts and broken connections; sentences of Envoy. */
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

    /* A mistake of the caller reported as an internal error by servers of one's own: llama.cpp, Ollama, vLLM,
     * TGI, koboldcpp, LM Studio and gateways as observed. */
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
         "failed to parse messages",
         "chat template is no longer allowed",
         "missing data required for",
         "conversation roles must alternate",
         "roles must alternate",
         "unsupportedparamserror",
         "badrequesterror",
         "validation error for",
         "code = invalidargument",
         "code = unimplemented",
         "cannot unmarshal",
         "unknown format",
         "(requires|require|needs|with|without|set|use|pass|enable) --",
         "(start it|start the server|run with)* --",
         " --*flag",
         "`--",
         "(missing field|missing required|missing parameter|missing param|missing argument|missing role|"
             "missing content|missing message|missing image|missing prompt|missing tool|missing input)"
             "&!" OWN_FAULT,
         "missing '&!" OWN_FAULT,
         "(cannot process|can't process|unable to process|cannot handle)&(image|audio|video|file|pdf)",
         "(not|only|no|isn't|aren't)*supported&" PART_OF_REQUEST "&!" OWN_FAULT,
         "(only)*(is|are) supported&!" OWN_FAULT,
         MUST_BE "&" PART_OF_REQUEST "&!" OWN_FAULT,
         MUST_BE "&(_-)&!" OWN_FAULT,
         WRONG "&" PART_OF_REQUEST "&!" OWN_FAULT)},

    /* Errors under a 2xx, where no status can decide. */
    {.statuses = SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_RATE_LIMIT, .retry = LATER,
     .patterns = PATTERNS(
         "rate limit",
         "rate_limit",
         "ratelimit",
         "too many requests",
         "(qps|rpm|tpm|qpm|request limit|frequency|concurren-)&(limit|reach-|exceed-|too high|too many)")},
    {.statuses = SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "server had an error",
         "internal server error",
         "internal error",
         "unexpected error",
         "encountered an issue",
         "bad gateway")},
};
/* clang-format on */

const struct failure_rule_list failure_sentence_rules = RULE_LIST(rules);
