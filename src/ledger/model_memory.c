/* What the ledger remembers of a model: how long its answers and prompts were.
 *
 * The lengths of answers fall by 1/32 with each answer that is shorter. The client decides how long its next
 * answer is, and could get many short ones first, so what is set aside falls slowly, from a length that few
 * answers exceed, and never below a length that many answers have. */
#include "ledger/model_memory.h"

#include "base/base.h"
#include "ledger/ledger_internal.h"
#include "usage/exchange_facts.h"

#define CAUTIOUS_FIRST 32768
#define CAUTIOUS_LEAST 4096
#define FADES 32

static struct ledger_key model_key(enum ledger_kind kind, const struct exchange_facts *facts)
{
    struct ledger_key key = ledger_key_kind(kind);
    ledger_key_add_name(&key, facts->provider);
    ledger_key_add_name(&key, facts->model);
    return key;
}

int64_t model_recall(struct ledger *ledger, enum ledger_kind kind, const struct exchange_facts *facts)
{
    struct ledger_key key = model_key(kind, facts);
    int64_t tokens;
    ledger_load(ledger, &key, &tokens, sizeof tokens);
    return tokens;
}

void model_learn(struct ledger *ledger, enum ledger_kind kind, const struct exchange_facts *facts,
                 int64_t tokens)
{
    struct ledger_key key = model_key(kind, facts);
    int64_t kept = min_int64(tokens, MODEL_TOKENS_MAX);
    if (kept > model_recall(ledger, kind, facts))
        ledger_store(ledger, &key, &kept, sizeof kept);
}

/* As it is stored. */
struct memory {
    int64_t longest, cautious; /* 0: none yet */
};

static struct memory recall(struct ledger *ledger, const struct ledger_key *key)
{
    struct memory memory;
    ledger_load(ledger, key, &memory, sizeof memory);
    if (!memory.cautious)
        memory.cautious = CAUTIOUS_FIRST;
    return memory;
}

static int64_t with_a_quarter(int64_t tokens)
{
    return tokens + (tokens + 3) / 4;
}

static int64_t faded(int64_t tokens, int64_t known)
{
    return min_int64(max_int64(tokens, known - known / FADES), MODEL_TOKENS_MAX);
}

struct answer_lengths model_recall_answers(struct ledger *ledger, const struct exchange_facts *facts)
{
    struct ledger_key key = model_key(KIND_LONGEST, facts);
    struct memory memory = recall(ledger, &key);
    return (struct answer_lengths){.expected = with_a_quarter(memory.longest), .cautious = memory.cautious};
}

void model_learn_answer(struct ledger *ledger, const struct exchange_facts *facts, int64_t tokens)
{
    struct ledger_key key = model_key(KIND_LONGEST, facts);
    const struct memory known = recall(ledger, &key);
    struct memory memory = {
        .longest = faded(tokens, known.longest),
        .cautious = max_int64(faded(with_a_quarter(tokens), known.cautious), CAUTIOUS_LEAST),
    };
    if (memory.longest != known.longest || memory.cautious != known.cautious)
        ledger_store(ledger, &key, &memory, sizeof memory);
}
