/* Runs one HTTP exchange with a provider at a time, with libcurl. Connections are kept for the next exchange.
 *
 * libcurl must not send a body twice on its own, because only the caller retries and counts its attempts. A
 * small body is sent with the head, in one segment, so that the provider wakes up once; a guard
 * (send_guard.c) prevents a second sending. Any other body comes from a read callback that cannot rewind,
 * so that libcurl fails with CURLE_SEND_FAIL_REWIND instead of sending it again. */
#include "upstream/upstream.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/portable.h"
#include "base/url.h"
#include "loop/loop.h"
#include "upstream/send_guard_internal.h"
#include "upstream/tls.h"
#include "upstream/upstream_body.h"
#include "upstream/upstream_curl_internal.h"
#include "upstream/upstream_hub_internal.h"
#include "upstream/upstream_reuse_internal.h"

#define HEADERS_MAX 100
#define HEADER_BYTES_MAX                                                                                     \
    (256 * 1024) /* libcurl has a limit of its own, which it reports as a broken connection */
#define READ_SIZE                                                                                            \
    4096 /* a read of libcurl: a worker may have a thousand such buffers, and events are short */
#define UNREAD_MAX 65536 /* bytes that libcurl may deliver while the exchange does something else */

/* Before a body of this size, libcurl would send "Expect: 100-continue" and wait for a response. */
#if LIBCURL_VERSION_NUM >= 0x075500
#define EXPECT_MIN (1 << 20)
#else
#define EXPECT_MIN 0
#endif

struct upstream {
    struct hub_transfer transfer; /* first: done() gets its address */
    CURL *easy;                   /* the transfer's */
    struct upstream_hub *hub;
    struct loop *loop;
    struct task *task; /* to wake when libcurl has made progress */
    CURLcode code;     /* how the transfer ended, if `done` */
    char *url;         /* URL of the last request; NULL before the first */
    CURLU *parts;      /* the same URL, parsed */
    char error[CURL_ERROR_SIZE];
    struct tls_fault tls;
    struct curl_slist *header_lines;
    struct upstream_request request;
    struct upstream_answer answer;
    struct upstream_body body;
    struct send_guard guard;
    int64_t started_us, last_byte_us; /* clock_monotonic_us() */
    int64_t sent_us;                  /* when libcurl last took a part of the request */
    bool can_guard;                   /* this libcurl calls the guard before it sends */
    bool active;                      /* true from upstream_start() to upstream_stop() */
    bool waiting;                     /* the exchange waits, so it reads the bytes at once */
    bool body_due;                    /* libcurl waits for more of the client's body */
    bool done, concluded;             /* libcurl has ended the transfer; upstream_wait() has reported it */
    bool connection_noted;
    bool progress;        /* upstream_wait() has progress to report */
    bool bytes_came;      /* bytes came since the last upstream_wait() and the clock was read */
    bool status_line_due; /* the next header line may be a status line */
    size_t header_bytes;  /* bytes of all header lines so far */
};

static void wake(struct upstream *upstream)
{
    if (upstream->task)
        loop_wake(upstream->loop, upstream->task);
}

/* Time spent reading the client's body does not count against the provider's first-byte timeout. The end of a
 * body that comes from the client counts as progress, because the caller then watches the client. libcurl
 * calls this on the loop's stack, where nothing may wait: if no bytes are there, upstream_wait() fetches
 * them. */
static size_t read_body(char *to, size_t size, size_t count, void *context)
{
    struct upstream *upstream = context;
    ssize_t given = upstream_body_read(&upstream->body, to, size * count);
    if (given == UPSTREAM_BODY_LATER) {
        upstream->body_due = true;
        wake(upstream);
        return CURL_READFUNC_PAUSE;
    }
    if (upstream->answer.sending) {
        upstream->sent_us = clock_monotonic_us();
        upstream->answer.sending = !upstream->body.rest_ended;
        upstream->progress = upstream->progress || !upstream->answer.sending;
    }
    return given < 0 ? CURL_READFUNC_ABORT : (size_t)given;
}

/* Reads the clock only once for all bytes between two waits. */
static void note_bytes(struct upstream *upstream)
{
    if (upstream->bytes_came)
        return;
    upstream->last_byte_us = clock_monotonic_us();
    upstream->bytes_came = upstream->progress = true;
    if (upstream->answer.head.first_byte_us < 0)
        upstream->answer.head.first_byte_us = upstream->last_byte_us - upstream->started_us;
    wake(upstream);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct upstream *upstream = context;
    note_bytes(upstream);
    if (!upstream->waiting && upstream->answer.body.length >= UNREAD_MAX) {
        upstream->transfer.is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    return buffer_append(&upstream->answer.body, bytes, size * count) ? size * count : 0;
}

/* A status line begins a new set of headers, so the headers of an interim response (1xx) are dropped. */
static size_t take_header_line(char *line, size_t size, size_t count, void *context)
{
    struct upstream *upstream = context;
    struct upstream_answer *answer = &upstream->answer;
    size_t length = size * count;
    note_bytes(upstream);
    upstream->header_bytes += length;
    if (upstream->header_bytes > HEADER_BYTES_MAX)
        return 0;
    if (answer->headers_done)
        return length; /* a trailer */
    if (upstream->status_line_due && length > 5 && memcmp(line, "HTTP/", 5) == 0) {
        const char *blank = memchr(line, ' ', length);
        answer->head.status = blank ? atoi(blank) : 0;
        upstream->status_line_due = false;
        response_head_clear(&answer->head);
    } else if (length <= 2 && strchr("\r\n", *line)) {
        answer->headers_done = answer->head.status >= 200;
        if (answer->headers_done)
            reuse_judge_length(upstream->easy, &answer->head);
        upstream->status_line_due = true;
    } else if (answer->head.headers.count < HEADERS_MAX) {
        response_head_add(&answer->head, line, length);
    }
    return length;
}

static CURLcode watch_tls(CURL *easy, void *context, void *upstream)
{
    (void)easy;
    tls_watch(context, &((struct upstream *)upstream)->tls);
    return CURLE_OK;
}

static void set_permanent_options(struct upstream *upstream)
{
    CURL *easy = upstream->easy;
    SET_OPTION(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* If a name server does not answer, the limit of the exchange applies, not the resolver's. */
    SET_OPTION(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    SET_OPTION(easy, CURLOPT_ERRORBUFFER, upstream->error);
    SET_OPTION(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET_OPTION(easy, CURLOPT_TCP_NODELAY, 1L);
    SET_OPTION(easy, CURLOPT_BUFFERSIZE, (long)READ_SIZE);
    SET_OPTION(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* Decodes every coding that this libcurl knows. Requests ask for none: their own Accept-Encoding replaces
     * the header that libcurl would add. */
    SET_OPTION(easy, CURLOPT_ACCEPT_ENCODING, "");
    upstream->guard.hub = upstream->hub;
    upstream->can_guard = send_guard_watch(&upstream->guard, easy);
    SET_OPTION(easy, CURLOPT_READFUNCTION, read_body);
    SET_OPTION(easy, CURLOPT_READDATA, upstream);
    SET_OPTION(easy, CURLOPT_WRITEFUNCTION, take_body);
    SET_OPTION(easy, CURLOPT_WRITEDATA, upstream);
    SET_OPTION(easy, CURLOPT_HEADERFUNCTION, take_header_line);
    SET_OPTION(easy, CURLOPT_HEADERDATA, upstream);
    /* A libcurl without OpenSSL refuses the first option. Messages about certificates are then libcurl's
     * own. */
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, watch_tls);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, upstream);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET_OPTION(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET_OPTION(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

void upstream_prepare(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        die("libcurl cannot be initialised");
}

/* Called on the loop's stack. */
static void note_end(struct hub_transfer *transfer, CURLcode code)
{
    struct upstream *upstream = (struct upstream *)transfer;
    upstream->done = true;
    upstream->code = code;
    wake(upstream);
}

struct upstream *upstream_create(struct upstream_hub *hub, struct loop *loop)
{
    struct upstream *upstream = memory_alloc(1, sizeof *upstream);
    upstream->hub = hub;
    upstream->loop = loop;
    upstream->easy = curl_easy_init();
    upstream->parts = curl_url();
    if (!upstream->easy || !upstream->parts)
        die("libcurl cannot be initialised");
    upstream->transfer = (struct hub_transfer){.easy = upstream->easy, .done = note_end};
    hub_own_sockets(hub, upstream->easy);
    set_permanent_options(upstream);
    upstream->answer.head.headers.items = memory_alloc(HEADERS_MAX, sizeof(struct name_value));
    return upstream;
}

void upstream_destroy(struct upstream *upstream)
{
    upstream_stop(upstream);
    curl_easy_cleanup(upstream->easy);
    curl_url_cleanup(upstream->parts);
    free(upstream->url);
    free(upstream->answer.head.headers.items);
    free(upstream);
}

static struct curl_slist *add_header_line(struct curl_slist *lines, const struct header_line *header)
{
    size_t size = strlen(header->name) + strlen(header->value) + sizeof ": ";
    char small[256], *line = size <= sizeof small ? small : memory_alloc(size, 1);
    stpcpy(stpcpy(stpcpy(line, header->name), ": "), header->value);
    lines = append_or_die(lines, line);
    explicit_bzero(line, size); /* it may be the key */
    if (line != small)
        free(line);
    return lines;
}

static void set_header_lines(struct upstream *upstream)
{
    const struct upstream_request *request = &upstream->request;
    struct curl_slist *lines = NULL;
    for (size_t i = 0; i < request->header_count; i++)
        lines = add_header_line(lines, &request->headers[i]);
    int64_t length = upstream_body_length(&upstream->body);
    if (length < 0)
        lines = append_or_die(lines, "Transfer-Encoding: chunked");
    if (length < 0 || length >= EXPECT_MIN)
        lines = append_or_die(lines, "Expect:");
    upstream->header_lines = lines;
    SET_OPTION(upstream->easy, CURLOPT_HTTPHEADER, lines);
}

static void set_body(struct upstream *upstream)
{
    const struct upstream_request *request = &upstream->request;
    set_method(upstream->easy, request->method);
    upstream->guard.active = request->method;
    if (request->body_pieces == 0)
        return;
    const char *joined = upstream->can_guard ? upstream_body_join(&upstream->body) : NULL;
    upstream->guard.active = joined;
    SET_OPTION(upstream->easy, CURLOPT_POST, 1L);
    SET_OPTION(upstream->easy, CURLOPT_POSTFIELDS, joined);
    SET_OPTION(upstream->easy, CURLOPT_POSTFIELDSIZE_LARGE,
               (curl_off_t)upstream_body_length(&upstream->body));
}

/* Parses the URL once, because libcurl would parse it for each request. A URL that cannot be parsed is left
 * to libcurl, which then reports what is wrong. */
static void set_url(struct upstream *upstream, const char *url)
{
    if (upstream->url && strcmp(upstream->url, url) == 0)
        return;
    free(upstream->url);
    upstream->url = memory_copy(url, strlen(url));
    bool known = curl_url_set(upstream->parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    SET_OPTION(upstream->easy, CURLOPT_URL, url);
    SET_OPTION(upstream->easy, CURLOPT_CURLU, known ? upstream->parts : NULL);
}

/* An empty proxy disables the proxies of the environment, because in CGI a request can set one
 * ("httpoxy"). */
static void set_request(struct upstream *upstream)
{
    const struct upstream_request *request = &upstream->request;
    CURL *easy = upstream->easy;
    long connect_ms = (long)request->limits.connect_ms; /* 0 would be libcurl's own 300 s */
    set_url(upstream, request->url);
    SET_OPTION(easy, CURLOPT_PROXY, request->proxy ? request->proxy : "");
    SET_OPTION(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms ? connect_ms : INT32_MAX);
    reuse_begin(easy, request->fresh);
    set_trust(easy, request->url, request->ca_file);
    set_header_lines(upstream);
    set_body(upstream);
}

static void reset_answer(struct upstream *upstream)
{
    struct upstream_answer *answer = &upstream->answer;
    response_head_clear(&answer->head);
    buffer_free(&answer->body);
    *answer = (struct upstream_answer){
        .head = {.headers = answer->head.headers, .connect_us = -1, .first_byte_us = -1}};
    buffer_init(&answer->body, upstream->request.limits.answer_max);
    upstream_body_open(&upstream->body, upstream->request.body, upstream->request.body_pieces,
                       upstream->request.rest);
    answer->sending = upstream->request.rest;
    upstream->header_bytes = 0;
    upstream->progress = upstream->bytes_came = upstream->connection_noted = false;
    upstream->waiting = upstream->transfer.is_paused = upstream->body_due = false;
    upstream->done = upstream->concluded = false;
    upstream->status_line_due = true;
    upstream->error[0] = '\0';
    upstream->tls.code = 0;
    upstream->guard = (struct send_guard){.hub = upstream->hub};
}

void upstream_start(struct upstream *upstream, const struct upstream_request *request)
{
    upstream_stop(upstream);
    upstream->request = *request;
    reset_answer(upstream);
    set_request(upstream);
    upstream->started_us = upstream->last_byte_us = upstream->sent_us = clock_monotonic_us();
    upstream->active = true;
    hub_add(upstream->hub, &upstream->transfer);
}

static bool explain(const struct upstream *upstream, CURLcode code, struct failure *why)
{
    if (upstream->body.why.reason != FAILURE_NONE) {
        *why = upstream->body.why;
        return false;
    }
    struct curl_fault fault = {
        .code = code,
        .url = upstream->request.url,
        .sentence = upstream->error,
        .tls = &upstream->tls,
        .answer_begun = upstream->answer.head.first_byte_us >= 0,
        .headers_too_large = upstream->header_bytes > HEADER_BYTES_MAX,
        .coding = response_head_find(&upstream->answer.head, "Content-Encoding"),
        .connect_ms = upstream->request.limits.connect_ms,
        .answer_max = upstream->request.limits.answer_max,
    };
    curl_easy_getinfo(upstream->easy, CURLINFO_OS_ERRNO, &fault.system_error);
    return curl_explain(&fault, why);
}

static void note_connection(struct upstream *upstream)
{
    long connects = 0;
    curl_off_t plain = 0, secure = 0, ready = 0;
    curl_easy_getinfo(upstream->easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(upstream->easy, CURLINFO_CONNECT_TIME_T, &plain);
    curl_easy_getinfo(upstream->easy, CURLINFO_APPCONNECT_TIME_T, &secure);
    curl_easy_getinfo(upstream->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    upstream->answer.reused = connects == 0;
    upstream->answer.reached = ready > 0;
    if (connects && plain)
        upstream->answer.head.connect_us = secure > plain ? secure : plain;
}

/* Concludes a transfer that libcurl has ended. If the guard refused a second sending, or libcurl could not
 * rewind the body, a kept connection was dead. Returns false if the exchange failed. */
static bool conclude(struct upstream *upstream, struct failure *why)
{
    CURLcode code = upstream->guard.refused ? CURLE_SEND_FAIL_REWIND : upstream->code;
    upstream->concluded = true;
    if (code == CURLE_SEND_FAIL_REWIND)
        upstream->answer.reused = true;
    if (code != CURLE_OK)
        return explain(upstream, code, why);
    /* libcurl treats 101 as an end, but it is not an answer. */
    if (!upstream->answer.headers_done && upstream->answer.head.status == 101)
        return explain(upstream, CURLE_WEIRD_SERVER_REPLY, why);
    if (!upstream->answer.headers_done)
        return explain(upstream, CURLE_RECV_ERROR, why);
    upstream->answer.ended = upstream->progress = true;
    return true;
}

/* Looks at what libcurl has done since the last time. Returns false if the exchange failed. */
static bool check_transfer(struct upstream *upstream, struct failure *why)
{
    if (!upstream->connection_noted && (upstream->answer.headers_done || upstream->done)) {
        upstream->connection_noted = true;
        note_connection(upstream);
    }
    return !upstream->done || upstream->concluded || conclude(upstream, why);
}

static int64_t deadline_after(int64_t start_us, int64_t limit_ms)
{
    return limit_ms > 0 && limit_ms < INT64_MAX / 2000 ? start_us + limit_ms * 1000 : INT64_MAX;
}

struct deadline {
    int64_t at_us;
    int64_t limit_ms;
    const char *what;
};

/* Returns the limit that expires next: time until the headers, time without bytes, or total time. */
static struct deadline next_deadline(const struct upstream *upstream)
{
    const struct upstream_limits *limits = &upstream->request.limits;
    if (!upstream->active)
        return (struct deadline){.at_us = INT64_MAX};
    struct deadline next = {deadline_after(upstream->sent_us, limits->first_byte_ms), limits->first_byte_ms,
                            "did not begin to answer"};
    if (upstream->answer.headers_done)
        next = (struct deadline){deadline_after(upstream->last_byte_us, limits->idle_ms), limits->idle_ms,
                                 "went silent in the middle of its answer"};
    int64_t total = deadline_after(upstream->started_us, limits->total_ms);
    if (total < next.at_us)
        next = (struct deadline){total, limits->total_ms, "did not finish its answer"};
    return next;
}

static enum upstream_event expire(struct upstream *upstream, struct deadline deadline, struct failure *why)
{
    char host[256];
    note_connection(upstream);
    url_name_host(upstream->request.url, host, sizeof host);
    fail(why, FAILURE_TIMEOUT, "%s %s within %g s", host, deadline.what, (double)deadline.limit_ms / 1000);
    return UPSTREAM_FAILED;
}

/* Continues what libcurl has paused: the client's body is fetched here, because that may wait, and the
 * exchange has read the bytes of the answer. The time of the pause does not count as silence of the provider.
 */
static void resume(struct upstream *upstream)
{
    if (upstream->done || !(upstream->transfer.is_paused || upstream->body_due))
        return;
    if (upstream->body_due)
        upstream_body_fetch(&upstream->body);
    upstream->transfer.is_paused = upstream->body_due = false;
    upstream->last_byte_us = upstream->sent_us = clock_monotonic_us();
    must_easy(curl_easy_pause(upstream->easy, CURLPAUSE_CONT), "curl_easy_pause");
}

/* Returns true if there is something to report, which `event` then says. */
static bool find_event(struct upstream *upstream, int64_t until_us, enum upstream_event *event,
                       struct failure *why)
{
    *event = UPSTREAM_PROGRESS;
    if (upstream->active && !check_transfer(upstream, why)) {
        *event = UPSTREAM_FAILED;
        return true;
    }
    if (upstream->progress)
        return true;
    int64_t now_us = clock_monotonic_us();
    struct deadline deadline = next_deadline(upstream);
    if (now_us >= until_us) {
        *event = UPSTREAM_TIMEOUT;
        return true;
    }
    if (now_us < deadline.at_us)
        return false;
    *event = expire(upstream, deadline, why);
    return true;
}

enum upstream_event upstream_wait(struct upstream *upstream, int64_t wait_us, struct failure *why)
{
    int64_t until_us = wait_us < 0 ? INT64_MAX : clock_monotonic_us() + wait_us;
    enum upstream_event event = UPSTREAM_PROGRESS;
    bool other_wake = false;
    upstream->task = loop_task(upstream->loop);
    upstream->waiting = true;
    for (;;) {
        if (upstream->active)
            resume(upstream);
        if (find_event(upstream, until_us, &event, why))
            break;
        event = UPSTREAM_WOKEN;
        if (other_wake)
            break;
        int64_t due_us = min_int64(until_us, next_deadline(upstream).at_us);
        other_wake = loop_wait(upstream->loop, due_us) && !upstream->body_due &&
                     !upstream->transfer.is_paused;
    }
    upstream->waiting = upstream->progress = upstream->bytes_came = false;
    return event;
}

struct upstream_answer *upstream_answer(struct upstream *upstream)
{
    return &upstream->answer;
}

void upstream_limit_idle(struct upstream *upstream, int64_t idle_ms)
{
    upstream->request.limits.idle_ms = idle_ms;
}

bool upstream_has_sent(const struct upstream *upstream)
{
    long size = 0;
    curl_easy_getinfo(upstream->easy, CURLINFO_REQUEST_SIZE, &size);
    return size > 0;
}

void upstream_stop(struct upstream *upstream)
{
    if (!upstream->active)
        return;
    hub_remove(upstream->hub, &upstream->transfer);
    for (struct curl_slist *line = upstream->header_lines; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data)); /* one of the headers contains the key */
    curl_slist_free_all(upstream->header_lines);
    upstream->header_lines = NULL;
    SET_OPTION(upstream->easy, CURLOPT_HTTPHEADER, NULL);
    buffer_free(&upstream->answer.body);
    upstream_body_close(&upstream->body);
    response_head_clear(&upstream->answer.head);
    upstream->active = false;
    upstream->task = NULL;
}

void upstream_settle(struct upstream *upstream, int64_t wait_us)
{
    struct failure ignored;
    int64_t until_us = clock_monotonic_us() + wait_us;
    bool going = upstream->active && upstream->answer.headers_done;
    while (going && !upstream->answer.ended) {
        int64_t left_us = until_us - clock_monotonic_us();
        going = left_us > 0 && upstream_wait(upstream, left_us, &ignored) == UPSTREAM_PROGRESS;
        buffer_consume(&upstream->answer.body, upstream->answer.body.length);
    }
    upstream_stop(upstream);
}
