/* Why a provider refused: a table of rules over what its answer says.
 *
 * A row fits when the status is of one of its classes and one of its patterns is found: among the typed words
 * (a whole word, '*' standing for anything) or in the sentences (the pieces between '*' in their order; after
 * '=' the whole first sentence). The first row that fits decides, so what is special stands before what is
 * general, and where none fits, the status decides. To teach another provider's error, add a pattern or a
 * row, and a case to tests/cases. */
#include "errors/failure_rules.h"

#include <string.h>

/* Classes of statuses, as bits. */
enum status_class {
    BAD = 1,      /* 400 413 415 422: the request */
    AUTH = 2,     /* 401 */
    PAY = 4,      /* 402 */
    FORBID = 8,   /* 403 */
    MISSING = 16, /* 404 410 */
    LIMIT = 32,   /* 429 */
    BROKEN = 64,  /* 500 501 */
    DOWN = 128,   /* 502 503 504 and an edge's 52x */
    ODD = 256,    /* any other, which says little */
    UNTOLD = 512, /* an error under a 2xx that names no status */
    ANY = 1023,
    VAGUE = BAD | FORBID | ODD | UNTOLD /* statuses under which all sorts of causes come */
};

enum rule_kind { WORD, TEXT, BARE /* there is no body */, PAGE /* the body is HTML */ };
enum rule_retry { AS_STATUS, NEVER, LATER };
enum rule_condition {
    ALWAYS,
    NO_DELAY, /* not when the answer says when to come back */
    NO_PARAM  /* not when it blames a parameter other than the model */
};

struct rule {
    unsigned classes;
    enum rule_kind kind;
    enum failure_reason reason;
    enum rule_retry retry;
    enum rule_condition health;
    const char *patterns; /* parted by '|' */
    const char *provider; /* NULL: whoever says so */
};

/* clang-format off */
static const struct rule rules[] = {
    /* Money and entitlement: coming back does not help, whatever the status says. OpenAI "Error codes";
     * Anthropic "Errors"; DeepSeek "Error codes"; Moonshot and Zhipu API errors (1113: in arrears);
     * Alibaba "Arrearage"; xAI and others as seen. */
    {ANY, WORD, FAILURE_QUOTA_EXHAUSTED, NEVER, ALWAYS,
     "insufficient_quota|*insufficient_balance*|*insufficient_funds*|*insufficient_credit*|"
     "exceeded_current_quota*|"
     "billing_*|*spending_limit*|arrearage|budget_exceeded", NULL},
    {ANY, WORD, FAILURE_QUOTA_EXHAUSTED, NEVER, NO_DELAY, "*payment_required*", NULL},
    {LIMIT | PAY | UNTOLD, WORD, FAILURE_QUOTA_EXHAUSTED, NEVER, ALWAYS, "1113", NULL},
    {LIMIT | VAGUE, TEXT, FAILURE_QUOTA_EXHAUSTED, NEVER, ALWAYS,
     "insufficient balance|insufficient credit|insufficient fund|insufficient quota|credit balance|"
     "out of credits|"
     "all available credits|spending limit|monthly*credits|purchase*credits|billing hard limit|"
     "please recharge|"
     "extra usage is required|\xe4\xbd\x99\xe9\xa2\x9d\xe4\xb8\x8d\xe8\xb6\xb3|"
     "\xe6\xac\xa0\xe8\xb4\xb9", NULL},
    {LIMIT | VAGUE, TEXT, FAILURE_QUOTA_EXHAUSTED, NEVER, NO_DELAY, "exceeded*current quota|limit: 0", NULL},

    /* A request larger than the whole bucket never fits into it. Groq "Rate limits": 413 with
     * rate_limit_exceeded. */
    {BAD | LIMIT, TEXT, FAILURE_RATE_LIMIT, NEVER, ALWAYS, "request too large for", NULL},
    {BAD, WORD, FAILURE_RATE_LIMIT, NEVER, ALWAYS, "rate_limit_exceeded", NULL},

    /* The content. OpenAI and Azure "Content filtering"; Gemini "Safety settings" (block reasons);
     * Alibaba; Cohere. */
    {ANY, WORD, FAILURE_CONTENT_FILTER, NEVER, ALWAYS,
     "*content_filter*|*content_policy*|*contentfilter*|invalid_prompt|responsibleai*|*moderation*|"
     "data_inspection_failed|"
     "datainspectionfailed|prohibited_content|blocklist|safety|recitation", NULL},
    {BAD | LIMIT | UNTOLD, WORD, FAILURE_CONTENT_FILTER, NEVER, ALWAYS, "1301", NULL}, /* Zhipu */
    {VAGUE, TEXT, FAILURE_CONTENT_FILTER, NEVER, ALWAYS,
     "content management policy|content filter|content policy|usage polic|safety system|unsafe content|"
     "moderation|"
     "flagged as|inappropriate content|blocked*safety", NULL},

    /* Who asks. A bad key is a 400 at Google, a 403 at NVIDIA and AWS. Google "ErrorInfo" reasons; AWS
     * "Common errors". */
    {ANY, WORD, FAILURE_AUTHENTICATION, NEVER, ALWAYS,
     "api_key_*|*invalid_api_key*|invalidapikey|unauthenticated", NULL},
    {VAGUE, WORD, FAILURE_AUTHENTICATION, NEVER, ALWAYS,
     "authentication_error|unauthorized|auth_error", NULL},
    {ANY, WORD, FAILURE_PERMISSION, NEVER, ALWAYS, "*unsupported_country*", NULL},
    {VAGUE, TEXT, FAILURE_PERMISSION, NEVER, ALWAYS, "location is not supported|region*not supported", NULL},
    {VAGUE, TEXT, FAILURE_AUTHENTICATION, NEVER, ALWAYS,
     "invalid api key|invalid api-key|incorrect api key|api key not valid|api key is invalid|"
     "api key*expired|no api key|"
     "missing api key|api key missing|api key required", NULL},
    {BAD | FORBID, WORD, FAILURE_PERMISSION, NEVER, ALWAYS, "organization_restricted", NULL},
    {ODD, TEXT, FAILURE_AUTHENTICATION, NEVER, ALWAYS, "invalid token", NULL}, /* Cohere's 498 */
    {FORBID, TEXT, FAILURE_AUTHENTICATION, NEVER, ALWAYS,
     "unregistered callers|established identity|api key was reported|"
     "security token*expired|security token*invalid|signature we calculated|authorization failed|"
     "authentication|"
     "invalid token|unauthorized", NULL},

    /* The length. OpenAI "context_length_exceeded"; llama.cpp, Cohere, Mistral, vLLM, SGLang, TGI, xAI,
     * Bedrock as seen; Cerebras answers without a body. */
    {ANY, WORD, FAILURE_CONTEXT_LENGTH, NEVER, ALWAYS,
     "context_length*|*context_window*|exceed_context_size*|context_too_long", NULL},
    {BAD | UNTOLD, WORD, FAILURE_CONTEXT_LENGTH, NEVER, ALWAYS, "too_many_tokens|too_many_*_tokens", NULL},
    {BAD, BARE, FAILURE_CONTEXT_LENGTH, NEVER, ALWAYS, "", "cerebras"},
    {BAD | BROKEN | UNTOLD, TEXT, FAILURE_CONTEXT_LENGTH, NEVER, ALWAYS,
     "context length|context window|context size|context limit|maximum context|prompt*too long|"
     "input is too long|"
     "input too long|too many tokens|too many input tokens|input token*exceed|input tokens exceed|"
     "maximum prompt length|"
     "sequence length|range of input length|longer than the model|reduce the length of the|"
     "inputs*max_new_tokens*must be|inputs*must have less than*tokens", NULL},

    /* The model. OpenAI, Mistral, Groq ("model_decommissioned"), Azure, Together, AWS Bedrock as seen. */
    {VAGUE | MISSING, WORD, FAILURE_MODEL_NOT_FOUND, NEVER, ALWAYS,
     "*model_not_found*|model_not_*|model_decommissioned|invalid_model*|unknown_model|"
     "deploymentnotfound|"
     "dedicated_endpoint_not_running", NULL},
    {BAD | UNTOLD, WORD, FAILURE_MODEL_NOT_FOUND, NEVER, ALWAYS, "1500|1211", NULL}, /* Mistral, Zhipu */
    {BAD, WORD, FAILURE_INVALID_REQUEST, NEVER, ALWAYS, "unsupported_parameter|unsupported_value", NULL},
    {VAGUE, TEXT, FAILURE_MODEL_NOT_FOUND, NEVER, NO_PARAM,
     "model*does not exist|model*not found|invalid model|unknown model|no such model|not a valid model|"
     "model identifier is invalid|unable to access*model|supported*model names|"
     "is not supported*supported models|"
     "not supported by any provider|model*decommissioned|model*end of its life", NULL},

    /* A 404 that blames the path and not the model: mostly a wrong base_url. */
    {MISSING, PAGE, FAILURE_OTHER, NEVER, ALWAYS, "", NULL},
    {MISSING, TEXT, FAILURE_OTHER, NEVER, ALWAYS,
     "=not found|=404 not found|page not found|resource not found|invalid url|unknown request url|"
     "unrecognized request url|"
     "cannot post|no route|no such endpoint|unknown endpoint", NULL},

    /* Too much at once. Moonshot "engine_overloaded_error"; Mistral, DeepInfra, Groq's 498 as seen; Google
     * "UNAVAILABLE". */
    {LIMIT | BROKEN | DOWN | UNTOLD, WORD, FAILURE_OVERLOADED, LATER, ALWAYS,
     "*overloaded*|*capacity*|model_busy|no_available_*|service_unavailable|unavailable", NULL},
    {ODD, WORD, FAILURE_OVERLOADED, LATER, ALWAYS, "*capacity_exceeded*|*overloaded*", NULL},
    {LIMIT | UNTOLD, WORD, FAILURE_OVERLOADED, LATER, ALWAYS, "1305|3505", NULL}, /* Zhipu, Mistral */
    {LIMIT | BROKEN | UNTOLD, TEXT, FAILURE_OVERLOADED, LATER, ALWAYS,
     "overloaded|capacity exceeded|capacity constraints|no capacity|model busy|model is busy|server is busy|"
     "service is too busy|high demand|at capacity", NULL},
    {ODD, TEXT, FAILURE_OVERLOADED, LATER, ALWAYS, "capacity exceeded", NULL},

    /* A caller's mistake that is reported as the server's: llama.cpp, Ollama as seen. 501 says so by
     * itself. */
    {BROKEN, WORD, FAILURE_INVALID_REQUEST, NEVER, ALWAYS, "not_supported_error", NULL},
    {BROKEN, TEXT, FAILURE_INVALID_REQUEST, NEVER, ALWAYS,
     "is not supported|does not support|cannot make*request|invalid image|failed to load image|"
     "failed to decode image|"
     "failed to parse grammar|failed to parse messages", NULL},

    /* Time, and what broke on the way. Google "DEADLINE_EXCEEDED"; Envoy's own sentences. */
    {BROKEN | DOWN | ODD | UNTOLD, WORD, FAILURE_TIMEOUT, LATER, ALWAYS,
     "timeout*|deadline_exceeded|*_timeout", NULL},
    {BROKEN | UNTOLD, TEXT, FAILURE_TIMEOUT, LATER, ALWAYS,
     "timed out|deadline exceeded|deadline expired", NULL},
    {DOWN, TEXT, FAILURE_UPSTREAM_5XX, LATER, ALWAYS,
     "upstream connect error|connection termination|connection refused|bad gateway", NULL},
    {ODD, WORD, FAILURE_UPSTREAM_5XX, LATER, ALWAYS,
     "generation|incomplete_generation|server_error|internal_server_error",
     NULL}, /* TGI's 424 */
    {ODD, WORD, FAILURE_OTHER, LATER, ALWAYS, "cancelled|aborted|conflict", NULL}, /* Google's 499 and 409 */

    /* Errors under a 2xx have no status to go by. */
    {BROKEN | DOWN | ODD | UNTOLD, WORD, FAILURE_RATE_LIMIT, LATER, ALWAYS,
     "rate_limit*|ratelimit*|*too_many_requests*|resource_exhausted|*rate_limit_exceeded*|"
     "*per_minute_exceeded|rpm_limit*|tpm_limit*|*rate_limited|usage_limit_reached", NULL},
    {UNTOLD, TEXT, FAILURE_RATE_LIMIT, LATER, ALWAYS,
     "rate limit|rate_limit|ratelimit|too many requests", NULL},
    {UNTOLD, TEXT, FAILURE_UPSTREAM_5XX, LATER, ALWAYS,
     "server had an error|internal server error|internal error|unexpected error|encountered an issue", NULL},
    {UNTOLD, WORD, FAILURE_UPSTREAM_5XX, LATER, ALWAYS,
     "server_error|internal*|api_error|engine_error", NULL},
    {UNTOLD, WORD, FAILURE_PERMISSION, NEVER, ALWAYS, "permission*|forbidden", NULL},
    {UNTOLD, WORD, FAILURE_INVALID_REQUEST, NEVER, ALWAYS,
     "invalid_request*|invalid_argument|badrequest*|bad_request*|validation*|unprocessable*", NULL},

    /* Statuses that say nothing: the sentence is all there is. */
    {ODD, TEXT, FAILURE_AUTHENTICATION, AS_STATUS, ALWAYS,
     "api key|auth token|authenticat|not authorized|unauthorized|access token", NULL},
    {ODD, TEXT, FAILURE_RATE_LIMIT, AS_STATUS, ALWAYS, "rate limit", NULL},
    {ODD, TEXT, FAILURE_OTHER, LATER, ALWAYS,
     "retry in|try again in|try again later|retry shortly|retry your request", NULL},
};

/* What a status means where nothing else is known (RFC 9110, 15; 498, 499 and 52x are edges' own). */
static const struct status_row {
    int status;
    unsigned class;
    enum failure_reason reason;
    enum failure_category category;
    bool retryable;
} status_rows[] = {
    {0, UNTOLD, FAILURE_UPSTREAM_CUT, CATEGORY_TRANSIENT, true}, /* there was no answer */
    {400, BAD, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {401, AUTH, FAILURE_AUTHENTICATION, CATEGORY_AUTHENTICATION, false},
    {402, PAY, FAILURE_QUOTA_EXHAUSTED, CATEGORY_PROVIDER, false},
    {403, FORBID, FAILURE_PERMISSION, CATEGORY_AUTHENTICATION, false},
    {404, MISSING, FAILURE_MODEL_NOT_FOUND, CATEGORY_MODEL_NOT_FOUND, false},
    {408, ODD, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {410, MISSING, FAILURE_MODEL_NOT_FOUND, CATEGORY_PROVIDER, false},
    {413, BAD, FAILURE_INVALID_REQUEST, CATEGORY_PROVIDER, false},
    {415, BAD, FAILURE_INVALID_REQUEST, CATEGORY_PROVIDER, false},
    {422, BAD, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {425, ODD, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
    {429, LIMIT, FAILURE_RATE_LIMIT, CATEGORY_RATE_LIMIT, true},
    {500, BROKEN, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {501, BROKEN, FAILURE_INVALID_REQUEST, CATEGORY_PROVIDER, false},
    {502, DOWN, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {503, DOWN, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
    {504, DOWN, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {520, DOWN, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {521, DOWN, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {522, DOWN, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {523, DOWN, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {524, DOWN, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {525, DOWN, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {526, DOWN, FAILURE_UPSTREAM_5XX, CATEGORY_PROVIDER, false},
    {529, DOWN, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct status_row row_for(int status)
{
    for (size_t i = 0; i < COUNT(status_rows); i++)
        if (status_rows[i].status == status)
            return status_rows[i];
    if (status >= 200 && status < 300)
        return (struct status_row){status, UNTOLD, FAILURE_BAD_RESPONSE, CATEGORY_TRANSIENT, true};
    enum failure_reason reason = status >= 500 ? FAILURE_UPSTREAM_5XX : FAILURE_OTHER;
    return (struct status_row){status, ODD, reason, CATEGORY_PROVIDER, false};
}

struct piece {
    const char *at;
    size_t length;
};

/* The next piece of `*rest` up to `stop`; false when none is left. */
static bool next_piece(const char **rest, const char *end, char stop, struct piece *piece)
{
    if (*rest > end)
        return false;
    const char *found = memchr(*rest, stop, (size_t)(end - *rest));
    *piece = (struct piece){*rest, (size_t)((found ? found : end) - *rest)};
    *rest = found ? found + 1 : end + 1;
    return true;
}

static const char *find(const char *text, struct piece piece)
{
    return memmem(text, strlen(text), piece.at, piece.length);
}

/* The pieces between '*' occur in their order. */
static bool occurs(const char *text, struct piece pattern)
{
    const char *rest = pattern.at, *end = pattern.at + pattern.length;
    struct piece piece;
    while (next_piece(&rest, end, '*', &piece)) {
        const char *found = find(text, piece);
        if (!found)
            return false;
        text = found + piece.length;
    }
    return true;
}

static bool is_first_sentence(const char *text, struct piece wanted)
{
    size_t length = strcspn(text, "\n");
    while (length && strchr(".! ", text[length - 1]))
        length--;
    return length == wanted.length && memcmp(text, wanted.at, length) == 0;
}

static bool fits_text(const char *text, struct piece pattern)
{
    if (pattern.length && *pattern.at == '=')
        return is_first_sentence(text, (struct piece){pattern.at + 1, pattern.length - 1});
    return occurs(text, pattern);
}

/* The pieces between '*' in their order, the first one where the word begins and the last one where it ends.
 */
static bool fits_word(const char *word, struct piece pattern)
{
    const char *rest = pattern.at, *end = pattern.at + pattern.length, *word_end = word + strlen(word);
    struct piece piece;
    for (bool first = true; next_piece(&rest, end, '*', &piece); first = false) {
        bool last = rest > end;
        const char *found = last && !first ? word_end - piece.length : first ? word : find(word, piece);
        if (!found || found < word || (size_t)(word_end - found) < piece.length)
            return false;
        if (memcmp(found, piece.at, piece.length) != 0)
            return false;
        word = found + piece.length;
        if (first && last)
            return word == word_end;
    }
    return true;
}

static bool fits_words(const struct failure_evidence *evidence, struct piece pattern)
{
    for (size_t i = 0; i < evidence->word_count; i++)
        if (fits_word(evidence->words[i], pattern))
            return true;
    return false;
}

static bool fits_patterns(const struct rule *rule, const struct failure_evidence *evidence)
{
    const char *rest = rule->patterns, *end = rest + strlen(rest);
    struct piece pattern;
    while (next_piece(&rest, end, '|', &pattern))
        if (rule->kind == WORD ? fits_words(evidence, pattern) : fits_text(evidence->text, pattern))
            return true;
    return false;
}

static bool condition_holds(const struct rule *rule, const struct failure_evidence *evidence)
{
    if (rule->provider && strcmp(rule->provider, evidence->provider) != 0)
        return false;
    if (rule->health == NO_DELAY)
        return !evidence->delayed;
    bool blames_other = *evidence->param && strcmp(evidence->param, "model") != 0;
    return rule->health != NO_PARAM || !blames_other;
}

static bool fits(const struct rule *rule, unsigned class, const struct failure_evidence *evidence)
{
    if (!(rule->classes & class) || !condition_holds(rule, evidence))
        return false;
    if (rule->kind == BARE)
        return evidence->empty;
    if (rule->kind == PAGE)
        return evidence->html;
    return fits_patterns(rule, evidence);
}

/* The status decides the category, but where it says nothing and a rule does, the reason does. */
static enum failure_category category_of(const struct status_row *row, const struct rule *rule)
{
    bool says_nothing = row->class == UNTOLD || (row->class == ODD && row->category == CATEGORY_PROVIDER);
    if (!rule || !says_nothing)
        return row->category;
    struct failure usual;
    fail(&usual, rule->reason, "%s", "");
    return usual.category;
}

/* A permanent status that says when to come back, or that the cause will pass, is not permanent (402, 409,
 * 424, 499). */
static bool retryable(const struct status_row *row, const struct rule *rule,
                      const struct failure_evidence *evidence)
{
    if (rule && rule->retry != AS_STATUS)
        return rule->retry == LATER;
    bool passing = evidence->delayed && (row->class == PAY || row->class == ODD);
    return row->retryable || passing;
}

struct failure_verdict failure_judge(const struct failure_evidence *evidence)
{
    struct status_row row = row_for(evidence->status);
    const struct rule *rule = NULL;
    for (size_t i = 0; i < COUNT(rules) && !rule; i++)
        if (fits(&rules[i], row.class, evidence))
            rule = &rules[i];
    return (struct failure_verdict){
        .reason = rule ? rule->reason : row.reason,
        .category = category_of(&row, rule),
        .retryable = retryable(&row, rule, evidence),
        .permanent = rule && rule->retry == NEVER,
    };
}
