/* Rules for sentences of providers' error answers about the request and the service: length, model, path,
 * overload, mistakes of the caller. failure_account_rules.c explains how they apply. */
#include "errors/failure_rules_internal.h"

/* ---- words ---- */

#define TEXT                                                                                                 \
    "(prompt|input|context|message|messages|conversation|text|sequence|request|requested|body|history|"      \
    "total|document|query|content|chat|model)"
#define EXCEEDS                                                                                              \
    "(exceed-|longer than|greater than|larger than|more than|over the|beyond|surpass-|above the|"            \
    "too long|too large|too big|too many|bigger than|higher than|does not fit|doesn't fit|cannot fit|"       \
    "supports at most|at most|over limit|supports only|maximum is|max is|limit is|but the model|"            \
    "overflow-)"
#define OUTPUT_LIMIT                                                                                         \
    "(max tokens|max completion tokens|max output tokens|max new tokens|maxoutputtokens|max gen len)"

#define CONTEXT                                                                                              \
    "(prompt|input|inputs|context|ctx|n_ctx|num_ctx|window|messages|conversation|chat|history|chat history|" \
    "text|request|document|sequence|token|dialog|dialogue|max position embedding|max model len|"             \
    "sequence length)"
#define TOO_LONG                                                                                             \
    "(too long|too large|too big|too much|overflow-|overran|overrun|overlong|oversize|oversized|"            \
    "not fit|doesn't fit|don't fit|won't fit|can't fit|cannot fit|fit into|fits into|not fit into|"          \
    "exceed-|surpass-|beyond|over the|larger than|longer than|bigger than|greater than|more than)"
/* Limits of other things than the context. */
#define OF_NO_CONTEXT                                                                                        \
    "(per minute|per second|per hour|per day|rate|quota|budget|image|audio|video|file|mb|kb|byte|key|tool|"  \
    "string|character|stop sequence|stop word|completion tokens|output "                                     \
    "tokens|output|name|seconds|second|pixel|array|items|"                                                   \
    "batch|batch size|concurren-|metadata|page|dimension|port|price|cost|credits|balance|took|deadline|"     \
    "timeout|traffic|load|queue|memory|tpm|rpm|description|schema|header|url|thinking|reasoning effort|"     \
    "id|user)"

/* What a server says of itself and not of the request. */
#define OWN_FAULT                                                                                            \
    "(upstream|backend|nil pointer|null pointer|memory|cuda|gpu|panic|segmentation|connection|connect|"      \
    "timeout|timed out|eof|unavailable|crash-|terminated|stopped|overload-|busy|try again|retry|disk|"       \
    "device|socket|dns|tls|certificate|database|redis|sql|proxy|response from|invalid response|"             \
    "no response|empty response|response body|output|at pos|internal|unexpectedly|"                          \
    "unexpected end of stream|unexpected end of json|unexpected end of file|worker|null|"                    \
    "could not complete|produced|communicating|returned|generated|scalar type|tensor|input batch|"           \
    "traceback|nonetype|keyerror|indexerror|attributeerror|typeerror|assert-|undefined|"                     \
    "cache|ended|chunk|looking for beginning|unexpected token <|in json at|indices must|open "               \
    "files|errno|running batch|"                                                                             \
    "resend|shared object|library|kernel|unhandled|unexpected exception|exception in|"                       \
    "people|users "                                                                                          \
    "are|weights|shard|disk|stream ended|in stream|model stream|"                                            \
    "not iterable|has no attribute|unexpected keyword argument|positional argument|out of range index|"      \
    "division by zero|cannot read propert-|nameerror|too long to|took too|gave up|restart-)"
#define PART_OF_REQUEST                                                                                      \
    "(parameter|param|field|option|argument|request|message|messages|role|content|prompt|input|image|"       \
    "audio|video|file|tool|function|grammar|schema|json|format|template|chat template|type|value|"           \
    "string|array|object|number|integer|boolean|temperature|stop|logprob|stream|logit bias|embedding|"       \
    "completion|dimension|voice|duration|vocabulary|token "                                                  \
    "id|option|echo|chat|suffix|reranking|infill|modality|multimodal|base64|conversation "                   \
    "roles|model|decoding|prefill|"                                                                          \
    "thinking|seed|n)"
/* Said of requests only; "_-" is any name with an underscore. */
#define MUST_BE                                                                                              \
    "(not supported|does not support|doesn't support|do not support|don't support|unsupported|"              \
    "isn't supported|aren't supported|not both|mutually exclusive|cannot use|can't use|cannot be used|"      \
    "can not be used|cannot be combined|used together|cannot have|can't have|cannot contain|cannot mix|"     \
    "cannot specify|cannot set|can't combine|cannot combine|does not work with|doesn't work with|not "       \
    "accepted|aren't accepted|isn't accepted|only accepts|accepts only|may contain only|may only|can only "  \
    "contain|may not|"                                                                                       \
    "expects a|wants a|takes no|needs a|requires a|not work "                                                \
    "together|"                                                                                              \
    "don't work together|conflicts with|cannot be mixed|can't be mixed|not allowed|only allowed|not "        \
    "permitted|must "                                                                                        \
    "be|must have|must not|"                                                                                 \
    "must contain|must alternate|must start|must end|must match|should be|should have|is required|"          \
    "are required|required|not enabled|incompatible|not compatible|does not match|only supports|"            \
    "only support|only use one|only one|at most|at least|too complex|out of range|out of bounds|"            \
    "cannot be empty|be empty|is empty)"
#define WRONG                                                                                                \
    "(malformed|invalid|unknown|unrecognized|unrecognised|unexpected|empty|duplicate|without|too long|"      \
    "too large to process|could not unmarshal|failed to parse|could not parse|cannot parse|"                 \
    "error parsing|failed to decode|could not decode|cannot decode|failed to load image|"                    \
    "failed to load audio|failed to load video|illegal|not valid|is not a|is not an|are not a|expected|"     \
    "too many|too few|no user message|no chat template|not found in)"

/* Nouns that a server uses of requests only, and what it may say of them. */
#define ONLY_OF_REQUESTS                                                                                     \
    "(parameter|param|argument|messages|role|prompt|image|audio|video|pdf|tool|tool choice|"                 \
    "grammar|schema|json schema|response format|temperature|top p|penalty|logprob|embedding|lora|"           \
    "adapter|chat template|stop|seed|max tokens|input)"
#define REFUSES                                                                                              \
    "(not|no|cannot|can't|must|should|has to|have to|only|exceed-|too|between|provide|require-|"             \
    "recognised|recognized|invalid|wrong|missing|maximum|unknown|bad|incomplete|combine|conflict-|"          \
    "contradict-|mismatch|negative|needs|need|expects|accepts|choose|specify|more than|unexpected|"          \
    "malformed|corrupt|corrupted|broken|unreadable|illegal|duplicate|twice|empty|unsupported|both)"
#define MODEL "(model|engine|deployment)"
#define UNKNOWN                                                                                              \
    "(unknown|unrecognized|unrecognised|never heard|could not be resolved|cannot be resolved|couldn't "      \
    "resolve|could not resolve|not registered|isn't registered|not recognized|"                              \
    "not recognised|don't recognise|don't recognize|no such|can't find|cannot find|could not find|"          \
    "couldn't find|can not find|unable to find|unable to locate|cannot locate|not known|isn't known|"        \
    "not offered|not offer|don't offer|do not offer|don't have a|do not have a|don't host|do not host|"      \
    "don't serve|isn't served|isn't hosted|isn't one of|not one of|not among|isn't among|not part of|"       \
    "isn't part of|isn't in|not in our|not in the|not a known|isn't a known|isn't a model|"                  \
    "not a model|does not match any|doesn't match any|not exist|doesn't exist|didn't exist|nonexistent|"     \
    "non existent|removed|deleted|switched off|turned off|withdrawn|retired|gone|discontinued|"              \
    "no longer|superseded|misspelled|mistyped|invalid|wrong|bad|not listed|isn't listed|isn't deployed|"     \
    "not configured|isn't configured|isn't supported by this|not supported by this server|"                  \
    "not an available|not a recognised|not a recognized|isn't a recognised|isn't a recognized|isn't an "     \
    "available|end of support|end of service|unavailable to)"
/* A sentence about something else than the model's name. */
#define OF_NO_MODEL                                                                                          \
    "(parameter|param|field|option|function|feature|argument|for this model|with this model|"                \
    "by this model|for the model|by the model|with the model|of the model|of this "                          \
    "model|subscription|plan|throughput|required|provided|provider data|temporarily|"                        \
    "currently|right now|at the moment|retry|try again|access|permission|output|response|input|prompt|"      \
    "message|messages|tool|token|image|audio|video|file|schema|json|request|key|role|content|"               \
    "value|temperature|context|format|template|grammar|embedding|type|settings|path|layer|runner|backend|"   \
    "worker|server "                                                                                         \
    "error|weights|disk|cache|memory|shard|checkpoint|people|loading|load|stream|thinking|reasoning|only|"   \
    "does not support|"                                                                                      \
    "doesn't support|max tokens|returned|produced|generated|outputs|responses)"
/* Members of requests whose names are no words of a server about itself. */
#define NAMES_OF_PARAMETERS                                                                                  \
    "(temperature|top p|top k|min p|logit bias|logprob|top logprob|tool choice|response format|max tokens|"  \
    "max completion tokens|json schema|image url|input audio|reasoning effort|frequency penalty|"            \
    "presence penalty|repetition penalty|best of|encoding format|parallel tool calls|tool call id|"          \
    "stream options|num ctx|chat template kwargs|enable thinking|guided json|guided regex|min tokens|"       \
    "stop token ids|prompt logprob)"
#define FAILS                                                                                                \
    "(could not|failed to process|failed to generate|error occurred|unable to process|not able|"             \
    "not found|not available)"

/* clang-format off */
/* What a server says only of a caller's request. */
static const char *const mistake_patterns[] = {
     "is not supported",
     "does not support",
     "cannot make*request",
    "option *must be of type",
    "invalid duration",
     "invalid image",
     "failed to load image",
     "failed to decode image",
     "failed to parse grammar",
     "failed to parse messages",
     "server does not support",
     "chat template is no longer allowed",
     "missing data required for",
     "(not implemented|isn't implemented|unimplemented|not available in this build|"
         "this build has no|not compiled|compiled without|built without)&!" OWN_FAULT,
     "at row *, column", /* of a chat template */
     "(grammar|schema|template|regex|regular expression|pattern)&"
         "(could not be compiled|cannot be compiled|can't be compiled|failed to compile|does not compile|"
         "doesn't compile|could not compile|could not be parsed|cannot be parsed)",
     "(grammar|schema|template|regex|json|syntax)&(error|syntax error)&(at|in|near|line)&!" OWN_FAULT,
     "conversation roles must alternate",
     "roles must alternate",
     "unsupportedparamserror",
     "badrequesterror",
     "validation error for",
     "code = invalidargument",
     "code = unimplemented",
     "cannot unmarshal&!(response|answer|chunk|reply)",
     "unknown format",
     "(requires|require|needs|need|with|without|set|use|pass|enable|add|missing|try|via) --",
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
     "(request body|request payload|body of the request|body of your request|request json|your json)&"
        "(parse|decode|unmarshal|deserialize|read|invalid|malformed|missing|empty)"
        "&!(response|upstream|provider|backend)",
    "(flag|option|switch|server|started|launched)* --",
    "(image|picture|audio|video|pdf|base64|attachment)&(could not be|cannot be|can't be|couldn't be|is not)&"
        "(decoded|read|loaded|opened|parsed|processed|fetched|downloaded|identified|valid)&!" OWN_FAULT,
    "(for this model|with this model|by this model|on this model)&"
        "(not available|isn't available|not enabled|isn't enabled|disabled|unavailable)&!" OWN_FAULT,
    "(messages|prompt|input|field|parameter|content)&(cannot be null|must not be null|may not be null|"
        "can't be null)",
    "(neither)&(prompt|messages|input|content)&!" OWN_FAULT,
    "(voice|token id|vocabulary|adapter|sampler)&(is not available|isn't available|does not contain|"
        "unknown|not in)"
        "&!" OWN_FAULT,
    NAMES_OF_PARAMETERS "&!" FAILS "&!" OWN_FAULT,
     "(cannot|can't|could not|couldn't|unable to|failed to|error|not able to|not possible to)"
         "&(decode|load|open|read|fetch|download|parse|identify|process|decoding|loading)"
         "&(image|picture|audio|video|pdf|data uri|base64|attachment|image url)&!" OWN_FAULT,
     MUST_BE "&" PART_OF_REQUEST "&!" OWN_FAULT,
     MUST_BE "&(_-)&!" OWN_FAULT,
     ONLY_OF_REQUESTS "&" REFUSES "&!" FAILS "&!" OWN_FAULT,
     WRONG "&" PART_OF_REQUEST "&!" OWN_FAULT,
     "(参数|字段|消息格式|请求体|请求格式|请求参数|入参)&"
         "(错误|无效|非法|缺失|缺少|不能为空|不支持|有误|取值|超出范围|不合法)",
    NULL,
};

static const struct failure_rule rules[] = {
    /* llama.cpp: more tokens than a batch of the server, whatever the model could take. */
    {.statuses = INTERNAL_ERROR, .match = IN_SENTENCE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS("too large to process*batch size")},

    /* Context length. */
    {.statuses = BAD_REQUEST | INTERNAL_ERROR | UNAVAILABLE | SUCCESS, .match = IN_SENTENCE,
     .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_CONTEXT_LENGTH, .retry = NEVER,
     .patterns = PATTERNS(
         "context length",
         "context window",
         "context size",
         "context limit",
         "maximum context",
         "context budget",
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
         "expected maxlength",
         "(max length|maximum length)&(question|current question|dialog|query)",
         "(length)&(token|prompt|input|message)&(must be|should be|less than|at most|not exceed)&"
             "!(image|audio|string|name|tool|stop)",
         "longer than the model",
         "(prompt|input)*+*max*tokens&#",
         "reduce the length of the",
         "inputs*max_new_tokens*must be",
         "inputs*must have less than*tokens",
         "max tokens of*exceeded",
         "token limit exceeded",
         "(prompt|conversation|messages)&" EXCEEDS "&(maximum|limit|size|capacity|model|allowed)"
             "&!(image|audio|video|file|tool|string|mb|byte|number of|rate|quota|key|output|max tokens)",
         "(prompt|input|request)&(token)&(only)*(fit)",
         "(prompt|input|inputs)&" OUTPUT_LIMIT "&(exceed-|greater than|larger than|more than)",
         "(prompt|context|conversation)&(too large)&!(image|audio|video|file|string|tool)",
         "(context)&(supports)&(request|requested|prompt)",
         "(maximum input tokens|max input tokens|maximum number of input tokens|max prompt tokens)",
         "(context)&(full|overflow-)&!(queue)",
         "(token)&(request|prompt|input|message)&(more than|exceed-)&(max tokens allowed|max message tokens)",
         "(prompt|input|conversation|context|message|request|chat history)&(too long|too big)&"
             "!(took|key|taking|queue|queued|waited|waiting|wait|running|image|audio|"
             "video|file|string|tool)",
         "(prompt|input|conversation|context|message|messages)&(exceed-|longer than)&(max length|"
             "maximum length|length limit|kv size|kv cache)",
         "(too large)&(max size|maximum)&(token)",
         "(token)&" TEXT "&" EXCEEDS "&!" OUTPUT_LIMIT
             "&!(per minute|rate limit|tool|stop|quota|budget|completion tokens|output tokens|"
                 "output|deadline|time)",
         "(length|context|window|max len)&" TEXT "&" EXCEEDS "&!" OUTPUT_LIMIT
             "&!(per minute|rate limit|image|file|byte|mb|tool|array|string|character|stop|quota|"
                 "budget|deadline|time|timeout)",
         "~" CONTEXT "&(token|n_ctx|ctx|context|window|prompt|max position embedding|"
             "max model len)&#&!" OUTPUT_LIMIT "&!" OF_NO_CONTEXT,
         "(ctx|n_ctx|num_ctx|context|window|prompt|conversation|history|chat|dialog)&" TOO_LONG
             "&!" OUTPUT_LIMIT "&!" OF_NO_CONTEXT,
         "(context|prompt|window)&(token)&(reached|hit|used up|is full|limit)&!" OUTPUT_LIMIT
             "&!" OF_NO_CONTEXT,
         "(prompt|input|context|token|conversation|chat|message|messages)&"
             "(shorten it|shorten your|shorten the|trim|truncate your|reduce your prompt|start a new)"
             "&!" OF_NO_CONTEXT,
         "(more text|more tokens|more input|longer text|longer prompt|longer)&(model|window|context)"
             "&(can|could|able|handle|read|take|accept|process|support-|allow-)&!" OUTPUT_LIMIT
             "&!" OF_NO_CONTEXT,
         "(max context|context exceeded|context exceed|input tokens limit|input token limit|"
             "prompt token limit|max prompt|max input|prompt limit|prompt size|input limit|tokens exceeded)"
             "&(exceed-|reached|over|too|error|larger|limit)&!" OUTPUT_LIMIT "&!" OF_NO_CONTEXT,
         "(token limit)&(exceed-|over|too)&!" OUTPUT_LIMIT "&!" OF_NO_CONTEXT,
         "(输入|提示|上下文|文本|消息|内容|对话|prompt)&(过长|太长|超长)",
         "(输入|提示|上下文|文本|消息|请求|内容|对话|prompt|token)&(过长|太长|超过|超出|超长|超限)&(长度|token|上下文|字数|限制|最大|上限)")},

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
         "no model named",
         "there is no model",
         "not in the list of available models",
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
             "shut down|no longer available|no longer supported|no longer be used|removed|"
                 "is unavailable|end of life|does not exist|"
             "doesn't exist|not found|not exist)"
             "&!(parameter|param|field|option|function|feature|argument|for this model|"
                 "with this model|by this model)",
         "(模型|model)&(停止服务|不可用|不存在|已下线|下线|不支持该模型|没有找到|找不到|未找到|无效的模型|已停用|停用|已废弃)",
         MODEL "&" UNKNOWN "&!" OF_NO_MODEL,
         MODEL "&(is not supported|isn't supported)&!" OF_NO_MODEL,
         "(no model|no deployment|no engine|no models)&(called|named|with the name|with id|by that|by the|"
             "like|matching|of that)&!(load|available to serve)",
         "(retired|decommissioned|sunset|sunsetted|end of life|discontinued|phased out)"
             "&!(parameter|param|field|option|function|argument|endpoint|route|version|header|api)",
         "(switched off|retired|sunset|deprecated|decommissioned|discontinued|withdrawn|superseded)"
             "&(move to|use|migrate to|switch to|replaced by|instead|successor)"
             "&!(parameter|param|field|option|function|argument|endpoint|version|header|api)")},
    {.statuses = BAD_REQUEST | SUCCESS, .match = IN_SENTENCE, .only_if = NO_PARAM,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "(model|engine|deployment)&(is not available|isn't available|not available on|not available at|"
             "not served|not hosted|not deployed|not installed)"
             "&!(parameter|param|field|option|function|feature|argument|tool|for this model|"
                 "with this model|by this model|temporarily|currently|"
             "right now|at the moment|retry|try again)")},
    {.statuses = UNAUTHORIZED, .match = IN_SENTENCE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS("(model)&(is not supported|isn't supported|not found|does not exist)"
                          "&!(key|token|auth-|credential|access|permission|login)")},
    /* A model that is not loaded yet is not found either. */
    {.statuses = UNAVAILABLE, .match = IN_SENTENCE, .only_if = NO_PARAM | NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS("model&does not exist&!(file|path|layer|runner|backend|worker|model server|"
         "llama-server|inference server|channel)")},
    {.statuses = INTERNAL_ERROR, .match = IN_SENTENCE, .only_if = NO_PARAM,
     .reason = FAILURE_MODEL_NOT_FOUND, .retry = NEVER,
     .patterns = PATTERNS(
         "(model)&(does not exist|not found|no such)&!(file|path|layer|runner|backend|worker|model server|"
             "llama-server|"
             "inference server|channel|weights|disk|cache|memory|shard|checkpoint)",
         "(model|engine|deployment)&(not registered|isn't registered|never heard|not recognised|"
             "not recognized|cannot find|can't find|could not find|couldn't find|doesn't exist|not a known|"
             "isn't one of|not one of|not configured|unknown|unrecognized|unrecognised|not hosted|"
             "not offered)&!" OF_NO_MODEL,
         "no such model",
         "unknown model")},

    /* A 404 that names the path and not the model usually means a wrong base_url. */
    {.statuses = NOT_FOUND, .match = HTML_BODY,
     .reason = FAILURE_OTHER, .retry = NEVER},
    {.statuses = NOT_FOUND, .match = PLAIN_BODY, .only_if = NO_MODEL,
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
         "(nothing|no handler|no resource|no service|no page)&(/v1|/api|path|here|url|address)&!(model|"
             "deployment)",
         "(address|page)&(not known|unknown|no such|not found|does not exist|wrong)&!(ip|email|model)",
         "(path|route|url|uri|method|endpoint)&(not found|no|does not exist|unknown|invalid|unrecognized|"
             "no matching)&!(endpoints|model|deployment|endpoint '|endpoint with name)")},
    /* A 404 of another thing: a file, a run, an answer that was not kept. */
    {.statuses = NOT_FOUND, .match = IN_SENTENCE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER,
     .patterns = PATTERNS(
         "(file|fine tune|fine tuning job|fine tuning|job|run|run step|step|thread|assistant|"
             "batch|vector store|container|response|previous response|conversation|"
             "message|upload|item|cache|cached content|cachedcontent|prompt|voice|image|video|"
                 "eval|checkpoint|organization|project|session|request|task|dataset|collection|user|"
                 "skill|agent)"
             "&(not found|no|no such|could not find|couldn't find|could not be found|"
                 "cannot be found|cannot find|unable to find|"
                 "can't find|can't be found|no longer exists|isn't there|is gone|was deleted|"
                     "has been deleted|"
                 "deleted|unknown|missing|"
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
         "(gpu)&(in use|busy|unavailable)",
         "(capacity)&(exhaust-|reached|exceeded|temporarily|maximum|no|insufficient|not enough|"
             "out of)&!(your)",
         "(queue)&(full|too long|backed up|overflow-)",
         "(gpu|slot|worker|replica|node|machine|instance|compute|cluster|host|provider)&(taken|busy|all full|"
             "no free|none free|all in use|are in use|not enough|swamped|saturated|hot|out of|maxed|occupied|"
             "exhaust-|none available|no available|unavailable right now)&!(your|out of memory|memory)",
         "(short of|short on|shortage of|lack of)&(gpu|capacity|compute|hardware|machine)",
         "(no gpu|no worker|no node|no slot|no replica|no server|no machine|no instance|no free|none of our)"
             "&(free|available|idle|left|gpu|slot|worker|ready|node|machine)&!(your)",
         "(swamped|overwhelmed|under load|too much load|too much traffic|under heavy|heavy usage|"
             "heavily loaded|busy right now|busy at the moment|is busy|are busy|too busy|really busy|"
             "very busy|quite busy|peak)&!(your|line)",
         "(maintenance|scheduled downtime|planned downtime)&!(your account|your plan|billing)",
         "(model|engine|weights|server)&(to load|to be loaded|to start|to wake|still loading|is loading|"
             "warming|warm up|spinning up|booting|"
             "waking up|not loaded yet|cold start|cold|being deployed|still starting)&!(failed|"
                 "error loading|unable|cannot|could not)",
         "(model)&(loading|being loaded|not ready|warming up|starting up|cold start)&!(failed|"
             "error loading|unable)",
         "(负载|繁忙|拥挤|饱和|过载|访问量过大|排队|加载中|维护中|系统忙|服务忙|忙碌)")},
    {.statuses = UNCOMMON, .match = IN_SENTENCE,
     .reason = FAILURE_OVERLOADED, .retry = LATER,
     .patterns = PATTERNS("capacity exceeded")},

    /* Timeouts and broken connections; sentences of Envoy. */
    {.statuses = INTERNAL_ERROR | SUCCESS, .match = IN_SENTENCE,
     .reason = FAILURE_TIMEOUT, .retry = LATER,
     .patterns = PATTERNS(
         "timed out",
         "deadline exceeded",
         "deadline expired",
         "(gateway timeout|request timeout|read timeout|connect timeout|timeout exceeded|timeout reached|"
             "timeout error|timeout while|timeout waiting|timeout after|hit the timeout|time limit exceeded)"
             "&!(parameter|must|invalid|should|field)",
         "(took|takes|taking) too long",
         "took&longer than&(second|minute|limit|allowed)",
         "(gave up|giving up|gives up)&(after|waiting|second)",
         "(no answer|no response|no reply|not answer|not respond|didn't answer|didn't respond|no token)"
             "&(in time|within|seconds|after)",
         "(超时)")},
    {.statuses = UNAVAILABLE, .match = IN_SENTENCE,
     .reason = FAILURE_UPSTREAM_5XX, .retry = LATER,
     .patterns = PATTERNS(
         "upstream connect error",
         "connection termination",
         "connection refused",
         "bad gateway")},

    /* A mistake of the caller reported as an internal error by servers of one's own: llama.cpp, Ollama, vLLM,
     * TGI, koboldcpp, LM Studio and gateways as observed. */
    {.statuses = INTERNAL_ERROR | UNAVAILABLE, .match = IN_SENTENCE, .only_if = NO_PASSING_IF_UNAVAILABLE,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER, .patterns = mistake_patterns},

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
    {.statuses = SUCCESS, .match = IN_SENTENCE, .only_if = NO_PASSING,
     .reason = FAILURE_INVALID_REQUEST, .retry = NEVER, .patterns = mistake_patterns},
};
/* clang-format on */

const struct failure_rule_list failure_request_rules = RULE_LIST(rules);
