/* The ledger: which exchanges are open, what each client and run has used, and what all processes share.
 *
 * It is a cache of the usage log, and no process holds it in its own memory: the embedded store keeps it in
 * state_dir/ledger.mdb. If Redis is configured, the accounts of the whole fleet are in Redis.
 *
 * An exchange is begun, reserves what it may use, is settled, and ends once its line is in the usage log.
 * Any number of exchanges may be open in one process. No function fails a request. If the ledger cannot be
 * used, the error log and ledger_fault() report why, the process tries again after a second, and the ledger
 * later takes in what it has missed. */
#ifndef PENSTOCK_LEDGER_LEDGER_H
#define PENSTOCK_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"
#include "ledger/quota.h"
#include "usage/usage_log.h"

struct exchange_facts;
struct ledger;          /* the store; one in each process */
struct ledger_exchange; /* one exchange in it, from ledger_begin() to ledger_end() */
struct loop;
struct settings;

/* Each process opens the ledger for itself and only once, because LMDB's locks belong to the process; never
 * before a fork. Never returns NULL. */
struct ledger *ledger_open(const struct settings *settings);

/* The same only to read what is there: makes and changes no file. Where there is no ledger yet, all accounts
 * are empty. */
struct ledger *ledger_open_to_read(const struct settings *settings);
void ledger_close(struct ledger *ledger);

/* From now on calls of Redis wait in `loop`, and a wait within a transaction ends the process. */
void ledger_wait_in(struct ledger *ledger, struct loop *loop);

/* Removes the entries of exchanges that have ended, which otherwise stay until the next exchange takes
 * their place. An idle process calls this, because the lines of these exchanges may be in a file that is no
 * longer beside the log when the process dies later. */
void ledger_rest(struct ledger *ledger);

/* Returns why the ledger cannot be used now, NULL if it can. */
const char *ledger_fault(const struct ledger *ledger);
/* True if lines waited for the usage log when the last exchange began. */
bool ledger_lines_wait(const struct ledger *ledger);

/* Called when a request has arrived. From here on, any other process can record the exchange if this
 * process dies. The texts of `facts` must last until ledger_end(); results in `facts` are ignored. `place`
 * is the end of the usage log, or a position before it. Returns a handle that ledger_end() frees. */
struct ledger_exchange *ledger_begin(struct ledger *ledger, const struct exchange_facts *facts,
                                     const struct usage_log_position *place) MUST_CHECK;

/* What an exchange may use at most. Money is in billionths of a USD. */
struct ledger_demand {
    const char *address; /* of an anonymous client whose requests are limited; NULL: none */
    bool early;          /* the body is not known yet, and another demand follows */
    struct client_limits client_limits;
    struct run_limits run_limits;
    int64_t prompt_tokens;       /* estimated, without what is counted below */
    int64_t prompt_cost;         /* as far as the request shows it; 0: no price is known */
    int64_t prompt_token_cost;   /* cost of one more token */
    int64_t plain_tokens;        /* of the prompt besides the attachments, as an estimate would count them */
    int64_t attachments;         /* number of pictures and files that the request names by URL or id */
    int64_t attachment_tokens;   /* reckoned for each, unless the model has seen a larger one */
    int64_t hidden_tokens;       /* reckoned for what the provider adds; 0: it adds nothing */
    int64_t completion_cost;     /* cost of one token */
    int64_t completion_max;      /* tokens; -1: the request sets no bound */
    int64_t completion_usual;    /* tokens of one answer without a bound, at least; 0: of text */
    int64_t answers;             /* among which completion_max is divided; 0 counts as 1 */
    bool completion_is_reckoned; /* completion_max follows from no number in the request */
};

/* Decides whether the exchange may go on. If granted, counts the exchange and reserves its money and tokens
 * in the accounts of facts->client and facts->run_id. Fills `quota_status` in either case.
 *
 * May be called twice: before the body of the request arrives, without a run and with a demand that has only
 * the limits, and when all is known. */
enum quota_verdict ledger_reserve(struct ledger_exchange *exchange, const struct exchange_facts *facts,
                                  const struct ledger_demand *demand, struct quota_status *quota_status);

/* Reserves money for another attempt after a failed attempt that the provider may bill. Returns false if a
 * budget has no room for it, or if that is not known. */
bool ledger_reserve_attempt(struct ledger_exchange *exchange, const struct ledger_demand *demand);

/* The tokens that were reckoned for the parts of the prompt that the request does not show. */
int64_t ledger_reckoned_tokens(const struct ledger_exchange *exchange);

struct ledger_outcome {
    enum failure_reason reason; /* FAILURE_NONE: the exchange succeeded */
    bool run_error;             /* counts against the run's max_inference_errors */
    bool answered;              /* a provider has answered, so its model exists */
    bool lost;                  /* its process died: what it has used is not known */
};

/* The line of the usage log, with its line feed, and where it is about to be appended. */
struct ledger_line {
    const char *bytes;
    size_t length;
    struct usage_log_position place;
};

/* Settles an exchange that is over in the accounts and keeps its line, which must last until ledger_end().
 * The caller then appends the line to the usage log, and passes ledger_end() whether that worked. Returns
 * false if the log was begun anew since the line was placed: the caller then forgets the place. */
bool ledger_settle(struct ledger_exchange *exchange, const struct exchange_facts *facts,
                   const struct ledger_outcome *outcome, const struct ledger_line *line);
void ledger_end(struct ledger_exchange *exchange, bool logged);

#endif
