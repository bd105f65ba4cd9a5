/* Plays a plan to one peer, a step at a time, never blocking: one process serves all connections.
 *
 * Tests of aborted transfers look for a peer that leaves during an answer. So it is noticed at any time
 * (EPOLLRDHUP), and counted apart from one that leaves between two requests. */
#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confirmed.h"
#include "heard.h"
#include "journal.h"
#include "plan.h"
#include "timers.h"

#define READ_BYTES 65536
#define MAX_DESCRIPTORS 65536

void (*connection_left)(const struct connection *connection);
static int poll_descriptor;
static struct connection *by_descriptor[MAX_DESCRIPTORS];

void connection_open(int poll, int descriptor)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection || descriptor >= MAX_DESCRIPTORS)
        give_up("too many connections");
    poll_descriptor = poll;
    connection->descriptor = descriptor;
    connection->number = ++journal.connections;
    journal.open++;
    by_descriptor[descriptor] = connection;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = connection};
    epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

static void note_leaver(const struct connection *connection)
{
    journal_left(connection->number);
    if (connection_left)
        connection_left(connection);
}

static void end_answer(struct connection *connection)
{
    plan_release(connection->plan);
    connection->plan = NULL;
    connection->step = connection->sent = 0;
    connection->repetitions = 0;
    timers_clear(connection);
    journal.answering--;
}

static void drop(struct connection *connection)
{
    if (connection->plan)
        end_answer(connection);
    by_descriptor[connection->descriptor] = NULL;
    close(connection->descriptor);
    text_free(&connection->in);
    free(connection);
    journal.open--;
}

static void watch_output(struct connection *connection, bool on)
{
    if (connection->watches_output == on)
        return;
    connection->watches_output = on;
    unsigned events = EPOLLIN | EPOLLRDHUP | (on ? EPOLLOUT : 0);
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(poll_descriptor, EPOLL_CTL_MOD, connection->descriptor, &event);
}

enum outcome { WAIT, NEXT, GONE };

/* The pause between repetitions counts from when the last one was due, so that delays do not add up. */
static enum outcome repeat(struct connection *connection, const struct step *step)
{
    connection->sent = 0;
    if (++connection->repetitions >= step->count)
        return NEXT;
    int64_t now = now_us(), due = connection->due_us + step->ms * 1000;
    if (connection->repetitions == 1 || due < now - 1000000)
        due = now + step->ms * 1000;
    timers_set(connection, due);
    return WAIT;
}

static void stamp(const struct step *step)
{
    char digits[PLAN_STAMP_DIGITS + 1];
    snprintf(digits, sizeof digits, "%0*lld", PLAN_STAMP_DIGITS, (long long)now_us());
    memcpy(step->bytes + step->stamp, digits, PLAN_STAMP_DIGITS);
}

static enum outcome play_send(struct connection *connection, const struct step *step)
{
    if (step->stamp && connection->sent == 0)
        stamp(step);
    while (connection->sent < step->length) {
        ssize_t sent = send(connection->descriptor, step->bytes + connection->sent,
                            step->length - connection->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            watch_output(connection, true);
            return WAIT;
        }
        if (sent < 0) {
            note_leaver(connection);
            drop(connection);
            return GONE;
        }
        connection->sent += (size_t)sent;
    }
    watch_output(connection, false);
    return repeat(connection, step);
}

static enum outcome play_pause(struct connection *connection, const struct step *step)
{
    if (connection->paused) {
        connection->paused = false;
        return NEXT;
    }
    connection->paused = true;
    timers_set(connection, now_us() + step->ms * 1000);
    return WAIT;
}

static enum outcome hang_up(struct connection *connection, bool reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (reset)
        setsockopt(connection->descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    drop(connection);
    return GONE;
}

static enum outcome play_step(struct connection *connection, const struct step *step)
{
    switch (step->kind) {
    case STEP_SEND:
        return play_send(connection, step);
    case STEP_PAUSE:
        return play_pause(connection, step);
    case STEP_AWAIT:
        return confirmed(step->bytes) ? NEXT : WAIT;
    case STEP_CLOSE:
        return hang_up(connection, false);
    case STEP_RESET:
        return hang_up(connection, true);
    case STEP_SILENCE:
        break;
    }
    return WAIT;
}

/* True if the plan has been played to its end and the connection is still open. */
static bool play(struct connection *connection)
{
    while (connection->step < connection->plan->count) {
        enum outcome outcome = play_step(connection, &connection->plan->steps[connection->step]);
        if (outcome != NEXT)
            return false;
        connection->step++;
        connection->repetitions = 0;
    }
    journal.completed++;
    end_answer(connection);
    return true;
}

/* Answers all complete requests; false if the connection was dropped. */
static bool serve(struct connection *connection, answer_request *answer)
{
    for (;;) {
        struct heard heard;
        int whole = heard_parse(&heard, text_words(&connection->in), connection->in.length);
        if (whole < 0) {
            drop(connection);
            return false;
        }
        if (!whole)
            return true;
        connection->keep_alive = heard.keep_alive;
        connection->taken = heard.length;
        connection->plan = answer(connection, &heard);
        journal_answer();
        int descriptor = connection->descriptor;
        if (!play(connection))
            return by_descriptor[descriptor] == connection;
        if (!connection->keep_alive) {
            drop(connection);
            return false;
        }
        text_consume(&connection->in, connection->taken);
    }
}

static void go_on(struct connection *connection, answer_request *answer)
{
    if (!play(connection))
        return;
    if (!connection->keep_alive) {
        drop(connection);
        return;
    }
    text_consume(&connection->in, connection->taken);
    serve(connection, answer);
}

/* One read is enough while the peer stays; what a leaving peer sent is read first. False: it has left. */
static bool take_in(struct connection *connection, unsigned events)
{
    ssize_t got;
    do {
        got = recv(connection->descriptor, text_room(&connection->in, READ_BYTES), READ_BYTES, MSG_DONTWAIT);
        if (got > 0)
            text_fill(&connection->in, (size_t)got);
    } while (got > 0 && (events & (EPOLLRDHUP | EPOLLHUP)));
    return got > 0 || (got < 0 && errno == EAGAIN);
}

void connection_ready(struct connection *connection, unsigned events, answer_request *answer)
{
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        bool here = take_in(connection, events);
        if (!connection->plan && !serve(connection, answer))
            return;
        if (!here) {
            if (connection->plan)
                note_leaver(connection);
            drop(connection);
            return;
        }
    }
    if ((events & EPOLLOUT) && connection->plan)
        go_on(connection, answer);
}

void connection_due(struct connection *connection, answer_request *answer)
{
    if (connection->plan)
        go_on(connection, answer);
}

void connections_wake(answer_request *answer)
{
    for (int i = 0; i < MAX_DESCRIPTORS; i++) {
        struct connection *connection = by_descriptor[i];
        if (connection && connection->plan && connection->step < connection->plan->count &&
            connection->plan->steps[connection->step].kind == STEP_AWAIT)
            go_on(connection, answer);
    }
}
