/* What a conversion needs to know of the provider that gets the request. */
#ifndef PENSTOCK_PROTOCOL_PROVIDER_FACTS_H
#define PENSTOCK_PROTOCOL_PROVIDER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/* Where a provider's chat completions carry reasoning. */
enum reasoning_form {
    REASONING_LEFT_OUT, /* not sent: most providers refuse unknown members */
    REASONING_MEMBER,   /* "reasoning_content" of the assistant's message (DeepSeek, Moonshot) */
    REASONING_TAGS      /* "<think>...</think>" in the message's text, also in answers */
};

struct provider_facts {
    const char *name, *model; /* in messages; the model as the provider names it, "" if unknown */
    enum reasoning_form reasoning;
    bool strict;        /* its tools may be strict */
    bool effort;        /* the model takes an effort of reasoning */
    bool top_k;         /* it takes "top_k" in chat completions */
    int64_t max_tokens; /* for a request without a limit, where the dialect needs one */
};

#endif
