/* A connection to Redis that runs one script. The link connects when needed, and again after the connection
 * broke.
 *
 * Calls block, but not for long: 300 ms for a connection, 1 s for an answer. After a failure calls pause
 * for a second, or for four times as long as the call took. A connection that was closed since the last
 * call (a restart, an idle timeout) is no failure: the call is repeated on a new one. After a timeout the
 * call is not repeated, because the first call may still be running. */
#include "ledger/redis_link.h"

#include <stdlib.h>

#include "config/redis_address.h"

#define PAUSE_US 1000000
#define PAUSE_TIMES 4

int64_t redis_link_pause_us(int64_t waited_us)
{
    return waited_us * PAUSE_TIMES > PAUSE_US ? waited_us * PAUSE_TIMES : PAUSE_US;
}

#ifdef HAVE_HIREDIS

#include <errno.h>
#include <fcntl.h>
#include <hiredis.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"

#define FAULT_SIZE 160
#define ADDRESS_SIZE 300

static const struct timeval connect_time = {.tv_usec = 300000}, answer_time = {.tv_sec = 1};

struct redis_link {
    struct redis_address address;
    struct secret password;
    const char *script;
    char sha1[DIGEST_SHA1_HEX + 1], address_text[ADDRESS_SIZE];
    redisContext *context;  /* NULL: not connected */
    int64_t began_us;       /* clock_monotonic_us() at the last call */
    int64_t retry_us;       /* after a failure: no call before this time */
    char fault[FAULT_SIZE]; /* "": none */
};

bool redis_link_possible(void)
{
    return true;
}

static void format_address(struct redis_link *link)
{
    const struct redis_address *address = &link->address;
    if (*address->path)
        snprintf(link->address_text, sizeof link->address_text, "unix:%s", address->path);
    else
        snprintf(link->address_text, sizeof link->address_text,
                 strchr(address->host, ':') ? "[%s]:%d" : "%s:%d", address->host, address->port);
}

struct redis_link *redis_link_open(const struct redis_address *address, const struct secret *password,
                                   const char *script)
{
    struct redis_link *link = memory_alloc(1, sizeof *link);
    link->address = *address;
    if (password->bytes)
        link->password = secret_copy(password->bytes, password->length);
    link->script = script;
    digest_sha1_hex(script, strlen(script), link->sha1);
    format_address(link);
    return link;
}

static void disconnect(struct redis_link *link)
{
    if (link->context)
        redisFree(link->context);
    link->context = NULL;
}

void redis_link_close(struct redis_link *link)
{
    if (!link)
        return;
    disconnect(link);
    secret_wipe(&link->password);
    free(link);
}

const char *redis_link_fault(const struct redis_link *link)
{
    return *link->fault ? link->fault : NULL;
}

const char *redis_link_address(const struct redis_link *link)
{
    return link->address_text;
}

/* Records why, closes the connection, and begins a pause. */
static bool PRINTF_LIKE(2, 3) fail_link(struct redis_link *link, const char *format, ...)
{
    char reason[FAULT_SIZE]; /* an argument may point to the old one */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    memcpy(link->fault, reason, sizeof reason);
    disconnect(link);
    int64_t now_us = clock_monotonic_us();
    link->retry_us = now_us + redis_link_pause_us(now_us - link->began_us);
    return false;
}

static bool fail_connection(struct redis_link *link)
{
    const redisContext *context = link->context;
    if (!context)
        return fail_link(link, "out of memory");
    bool late = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    return fail_link(link, "%s", late ? "no answer within a second" : context->errstr);
}

/* Uses the error text of Redis, except for AUTH, because Redis repeats the arguments of an unknown command,
 * and an argument of AUTH is the password. */
static bool fail_greeting(struct redis_link *link, const char *command, const char *words)
{
    if (strcmp(command, "AUTH") != 0)
        return fail_link(link, "%s: %s", command, words);
    if (strstr(words, "without any password"))
        return fail_link(link, "it has no password, but ledger_password gives one");
    if (strncmp(words, "WRONGPASS", 9) == 0 || strstr(words, "invalid password"))
        return fail_link(link, "it does not take this ledger_password");
    return fail_link(link, "it refuses AUTH");
}

/* ---- connecting ---- */

static bool greet(struct redis_link *link, const char *command, int count, const char **words,
                  const size_t *lengths)
{
    redisReply *response = redisCommandArgv(link->context, count, words, lengths);
    if (!response)
        return fail_connection(link);
    bool refused = response->type == REDIS_REPLY_ERROR;
    if (refused)
        (void)fail_greeting(link, command, response->str);
    freeReplyObject(response);
    return !refused;
}

static bool authenticate(struct redis_link *link)
{
    const char *user = link->address.user;
    const char *words[3] = {"AUTH"};
    size_t lengths[3] = {4};
    int count = 1;
    if (!link->password.length)
        return true;
    if (*user) {
        words[count] = user;
        lengths[count++] = strlen(user);
    }
    words[count] = link->password.bytes;
    lengths[count++] = link->password.length;
    return greet(link, "AUTH", count, words, lengths);
}

static bool select_database(struct redis_link *link)
{
    char number[16];
    int length = snprintf(number, sizeof number, "%d", link->address.database);
    const char *words[] = {"SELECT", number};
    const size_t lengths[] = {6, (size_t)length};
    return !link->address.database || greet(link, "SELECT", 2, words, lengths);
}

/* A signal may interrupt connecting, which is not a failure of Redis. */
static void connect_to(struct redis_link *link)
{
    const struct redis_address *address = &link->address;
    for (int attempts = 0; attempts < 2; attempts++) {
        disconnect(link);
        link->context = *address->path ? redisConnectUnixWithTimeout(address->path, connect_time)
                                       : redisConnectWithTimeout(address->host, address->port, connect_time);
        if (!link->context || !link->context->err || errno != EINTR)
            return;
    }
}

static bool open_connection(struct redis_link *link)
{
    connect_to(link);
    if (!link->context || link->context->err)
        return fail_link(link, "%s", link->context ? link->context->errstr : "out of memory");
    fcntl(link->context->fd, F_SETFD, FD_CLOEXEC);
    if (redisSetTimeout(link->context, answer_time) != REDIS_OK)
        return fail_connection(link);
    return authenticate(link) && select_database(link);
}

/* ---- running ---- */

/* EVALSHA with the digest, or EVAL with the script if Redis does not have the script (any more). */
static redisReply *evaluate(struct redis_link *link, const char *command, const char *script, size_t keys,
                            const struct redis_word *words, size_t count)
{
    char key_count[16];
    snprintf(key_count, sizeof key_count, "%zu", keys);
    const char *all[REDIS_WORDS_MAX + 3] = {command, script, key_count};
    size_t lengths[REDIS_WORDS_MAX + 3] = {strlen(command), strlen(script), strlen(key_count)};
    for (size_t i = 0; i < count; i++) {
        all[i + 3] = words[i].bytes;
        lengths[i + 3] = words[i].length;
    }
    return redisCommandArgv(link->context, (int)count + 3, all, lengths);
}

static redisReply *run_script(struct redis_link *link, size_t keys, const struct redis_word *words,
                              size_t count)
{
    redisReply *response = evaluate(link, "EVALSHA", link->sha1, keys, words, count);
    if (!response || response->type != REDIS_REPLY_ERROR || strncmp(response->str, "NOSCRIPT", 8) != 0)
        return response;
    freeReplyObject(response);
    return evaluate(link, "EVAL", link->script, keys, words, count);
}

static bool was_closed(const struct redis_link *link)
{
    int err = link->context->err;
    return err == REDIS_ERR_EOF || (err == REDIS_ERR_IO && (errno == EPIPE || errno == ECONNRESET));
}

static void take_numbers(const redisReply *response, struct redis_answer *answer)
{
    for (size_t i = 0; i < response->elements && answer->count < REDIS_NUMBERS_MAX; i++)
        answer->numbers[answer->count++] = response->element[i]->integer;
}

/* Before AUTH, Redis refuses commands of more than ten words with another error text. */
static bool wants_password(const char *words)
{
    return strncmp(words, "NOAUTH", 6) == 0 || strstr(words, "unauthenticated");
}

static bool take_answer(struct redis_link *link, const redisReply *response, struct redis_answer *answer)
{
    *answer = (struct redis_answer){0};
    if (response->type == REDIS_REPLY_ERROR && wants_password(response->str))
        return fail_link(link, "it wants a password: set ledger_password");
    if (response->type == REDIS_REPLY_ERROR)
        return fail_link(link, "%s", response->str);
    if (response->type == REDIS_REPLY_ARRAY)
        take_numbers(response, answer);
    if (response->type == REDIS_REPLY_INTEGER)
        answer->numbers[answer->count++] = response->integer;
    *link->fault = '\0';
    return true;
}

bool redis_link_pauses(const struct redis_link *link)
{
    return !link->context && clock_monotonic_us() < link->retry_us;
}

bool redis_link_run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
                    struct redis_answer *answer)
{
    link->began_us = clock_monotonic_us();
    if (!link->context && (redis_link_pauses(link) || !open_connection(link)))
        return false;
    redisReply *response = run_script(link, keys, words, count);
    if (!response && was_closed(link)) {
        if (!open_connection(link))
            return false;
        response = run_script(link, keys, words, count);
    }
    if (!response)
        return fail_connection(link);
    bool taken = take_answer(link, response, answer);
    freeReplyObject(response);
    return taken;
}

#else

bool redis_link_possible(void)
{
    return false;
}

struct redis_link *redis_link_open(const struct redis_address *address, const struct secret *password,
                                   const char *script)
{
    (void)address, (void)password, (void)script;
    return NULL;
}

void redis_link_close(struct redis_link *link)
{
    (void)link;
}

bool redis_link_run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
                    struct redis_answer *answer)
{
    (void)link, (void)keys, (void)words, (void)count;
    *answer = (struct redis_answer){0};
    return false;
}

bool redis_link_pauses(const struct redis_link *link)
{
    (void)link;
    return true;
}

const char *redis_link_address(const struct redis_link *link)
{
    (void)link;
    return "nowhere";
}

const char *redis_link_fault(const struct redis_link *link)
{
    (void)link;
    return "this penstock is built without Redis (--with-redis)";
}

#endif
