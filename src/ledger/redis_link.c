/* A connection to Redis that runs one script. The link connects when needed, and again after the connection
 * broke.
 *
 * Calls wait, but not for long: 300 ms for a connection, 1 s for an answer. With an event loop they wait in
 * it, and one task after the other uses the connection; without one they block. After a failure calls pause
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
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "loop/loop.h"

#define FAULT_SIZE 160
#define ADDRESS_SIZE 300

#define CONNECT_US 300000
#define ANSWER_US 1000000

static const struct timeval connect_time = {.tv_usec = CONNECT_US}, answer_time = {.tv_sec = 1};

/* A task that waits until another one has its answer. */
struct link_queue {
    struct task *task;
    struct link_queue *next;
};

struct redis_link {
    struct redis_address address;
    struct secret password;
    const char *script;
    char sha1[DIGEST_SHA1_HEX + 1], address_text[ADDRESS_SIZE];
    redisContext *context; /* NULL: not connected */
    struct loop *loop;     /* NULL: calls block */
    struct loop_watch watch;
    uint32_t ready;           /* events of the connection that have not been used up */
    struct task *user;        /* the task that uses the connection; NULL: none */
    struct link_queue *queue; /* the tasks that wait for it */
    int64_t began_us;         /* clock_monotonic_us() at the last call */
    int64_t retry_us;         /* after a failure: no call before this time */
    char fault[FAULT_SIZE];   /* "": none */
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
    link->watch.descriptor = -1;
    format_address(link);
    return link;
}

void redis_link_wait_in(struct redis_link *link, struct loop *loop)
{
    link->loop = loop;
}

static void disconnect(struct redis_link *link)
{
    if (link->loop)
        loop_unwatch(link->loop, &link->watch);
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

/* ---- waiting in the loop ---- */

static void note_events(void *context, uint32_t events)
{
    struct redis_link *link = context;
    link->ready |= events;
    if (link->user)
        loop_wake(link->loop, link->user);
}

/* Waits for one of the events. Returns false at `until_us`, with errno as after a blocking read. */
static bool wait_for(struct redis_link *link, uint32_t events, int64_t until_us)
{
    while (!(link->ready & (events | EPOLLERR | EPOLLHUP)))
        if (!loop_wait(link->loop, until_us) && clock_monotonic_us() >= until_us) {
            link->context->err = REDIS_ERR_IO;
            errno = EAGAIN;
            return false;
        }
    link->ready &= ~events;
    return true;
}

static bool send_command(struct redis_link *link, int64_t until_us)
{
    int sent = 0;
    while (redisBufferWrite(link->context, &sent) == REDIS_OK)
        if (sent)
            return true;
        else if (!wait_for(link, EPOLLOUT, until_us))
            return false;
    return false;
}

/* Reads until nothing is left before it waits, because each event is reported once. */
static redisReply *receive_reply(struct redis_link *link, int64_t until_us)
{
    void *reply = NULL;
    while (redisGetReplyFromReader(link->context, &reply) == REDIS_OK) {
        if (reply)
            return reply;
        size_t before = link->context->reader->len;
        if (redisBufferRead(link->context) != REDIS_OK)
            return NULL;
        if (link->context->reader->len == before && !wait_for(link, EPOLLIN, until_us))
            return NULL;
    }
    return NULL;
}

static redisReply *run_command(struct redis_link *link, int count, const char **words, const size_t *lengths)
{
    if (!link->loop)
        return redisCommandArgv(link->context, count, words, lengths);
    int64_t until_us = clock_monotonic_us() + ANSWER_US;
    if (redisAppendCommandArgv(link->context, count, words, lengths) != REDIS_OK ||
        !send_command(link, until_us))
        return NULL;
    return receive_reply(link, until_us);
}

/* Waits until no other task uses the connection. */
static void take_link(struct redis_link *link)
{
    if (!link->loop)
        return;
    struct link_queue own = {.task = loop_task(link->loop), .next = link->queue};
    link->queue = &own;
    while (link->user)
        (void)loop_wait(link->loop, INT64_MAX);
    struct link_queue **at = &link->queue;
    while (*at != &own)
        at = &(*at)->next;
    *at = own.next;
    link->user = own.task;
}

static void release_link(struct redis_link *link)
{
    link->user = NULL;
    for (struct link_queue *waiting = link->queue; waiting; waiting = waiting->next)
        loop_wake(link->loop, waiting->task);
}

/* ---- connecting ---- */

static bool greet(struct redis_link *link, const char *command, int count, const char **words,
                  const size_t *lengths)
{
    redisReply *response = run_command(link, count, words, lengths);
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

/* hiredis resolves the host's name at once, so the host should be an address or a name of this network. */
static void connect_in_loop(struct redis_link *link)
{
    const struct redis_address *address = &link->address;
    disconnect(link);
    link->ready = 0;
    link->context = *address->path ? redisConnectUnixNonBlock(address->path)
                                   : redisConnectNonBlock(address->host, address->port);
    if (!link->context || link->context->err)
        return;
    link->watch = (struct loop_watch){.handle = note_events, .context = link, .descriptor = -1};
    int error = 0;
    socklen_t size = sizeof error;
    if (!loop_watch(link->loop, &link->watch, link->context->fd, EPOLLIN | EPOLLOUT | EPOLLET) ||
        !wait_for(link, EPOLLOUT, clock_monotonic_us() + CONNECT_US))
        error = errno == EAGAIN ? ETIMEDOUT : errno;
    else
        getsockopt(link->context->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (!error)
        return;
    link->context->err = REDIS_ERR_IO;
    snprintf(link->context->errstr, sizeof link->context->errstr, "%s", strerror(error));
}

static bool open_connection(struct redis_link *link)
{
    if (link->loop)
        connect_in_loop(link);
    else
        connect_to(link);
    if (!link->context || link->context->err)
        return fail_link(link, "%s", link->context ? link->context->errstr : "out of memory");
    fcntl(link->context->fd, F_SETFD, FD_CLOEXEC);
    if (!link->loop && redisSetTimeout(link->context, answer_time) != REDIS_OK)
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
    return run_command(link, (int)count + 3, all, lengths);
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

static bool run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
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

bool redis_link_run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
                    struct redis_answer *answer)
{
    take_link(link);
    bool done = run(link, keys, words, count, answer);
    release_link(link);
    return done;
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

void redis_link_wait_in(struct redis_link *link, struct loop *loop)
{
    (void)link, (void)loop;
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
