/* What the ledger remembers of a model: how long its answers and prompts were. */
#ifndef PENSTOCK_LEDGER_MODEL_MEMORY_H
#define PENSTOCK_LEDGER_MODEL_MEMORY_H

#include <stdint.h>

#include "ledger/ledger_key.h"

struct exchange_facts;
struct ledger;

#define MODEL_TOKENS_MAX                                                                                     \
    INT64_C(100000000) /* of one request: times the highest price it is still a number                       \
                        */

/* All functions are called within a transaction. The model is that of facts->provider and facts->model. */

/* Returns the largest number of tokens of this kind; 0: nothing is remembered. */
int64_t model_recall(struct ledger *ledger, enum ledger_kind kind, const struct exchange_facts *facts);
void model_learn(struct ledger *ledger, enum ledger_kind kind, const struct exchange_facts *facts,
                 int64_t tokens);

/* The length of answers to requests that set no bound, in tokens. */
struct answer_lengths {
    int64_t expected; /* the longest recent answer, plus a quarter; 0: the model has not answered yet */
    int64_t cautious; /* what is set aside for an answer, beside others: at least 4096 */
};

struct answer_lengths model_recall_answers(struct ledger *ledger, const struct exchange_facts *facts);
void model_learn_answer(struct ledger *ledger, const struct exchange_facts *facts, int64_t tokens);

#endif
