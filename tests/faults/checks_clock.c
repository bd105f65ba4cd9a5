/* The wall clock jumps a day ahead and two days back: running requests go on, and no client is locked out. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/text.h"
#include "../pool/chat.h"
#include "raw_request.h"

#define A_DAY 86400L
#define BREAKER_FAILURES 5

static char *shift_file;

/* Renamed into place, so that no process reads half a number. */
static void set_clock(long seconds)
{
    struct text words = {0}, fresh = {0};
    text_format(&words, "%ld\n", seconds);
    text_format(&fresh, "%s.new", shift_file);
    file_write(fresh.bytes, words.bytes, words.length);
    EXPECT(chmod(fresh.bytes, 0644) == 0 && rename(fresh.bytes, shift_file) == 0, "the clock cannot be set");
    text_free(&words);
    text_free(&fresh);
}

/* Everything that the service starts from now on has the clock of set_clock(). */
static void take_clock(const struct service *service)
{
    char library[PATH_MAX];
    struct text path = {0};
    ssize_t length = readlink("/proc/self/exe", library, sizeof library - 1);
    library[length > 0 ? length : 0] = '\0';
    snprintf(strrchr(library, '/'), 32, "/clock_shift.so");
#if defined(__SANITIZE_ADDRESS__)
    check_cannot_run("sanitizers want to be loaded first");
#endif
    if (access(library, R_OK) != 0)
        check_cannot_run("clock_shift.so is not built");
    text_format(&path, "%s/shift", service->folder);
    shift_file = path.bytes;
    set_clock(0);
    setenv("LD_PRELOAD", library, 1);
    setenv("CLOCK_SHIFT", shift_file, 1);
}

static int ask_model(const struct service *service, const char *model)
{
    struct text body = {0};
    raw_chat_body(&body, model, false);
    int status = raw_ask(service, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

/* The silent provider is given up after two seconds by a clock without jumps. */
static void expect_even_timeout(const struct service *service, long from, long to, const char *what)
{
    struct talk chat;
    set_clock(from);
    EXPECT(chat_begin(&chat, service, "silent", false), "cannot connect");
    int64_t began = now_ms();
    talk_step(&chat, 300);
    set_clock(to);
    EXPECT(chat_completes(&chat) && strstr(text_words(&chat.heard), "Status: 504"), "%s: %s", what,
           text_words(&chat.heard));
    int64_t took = now_ms() - began;
    printf("%s: a timeout of 2 s after %d ms\n", what, (int)took);
    EXPECT(took >= 1900, "%s: a timeout of 2 s after %d ms", what, (int)took);
    chat_free(&chat);
}

/* Its provider is given up after two seconds of silence. */
static unsigned start_impatient(struct service *service)
{
    struct text settings = {0};
    unsigned port = chat_service_start(service, "");
    service_stop(service);
    unlink(service->errors);
    text_format(
        &settings,
        "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; timeout: { first_byte = 2; }; }; };\n"
        "access: { anonymous = true; };\nretry: { max_attempts = 1; };\n"
        "pool: { min_spare = 2; max_spare = 4; max_workers = 8; };\n",
        port);
    service_start(service, settings.bytes);
    text_free(&settings);
    return port;
}

static void jumps_disturb_nothing(struct service *service)
{
    struct talk stream;
    take_clock(service);
    unsigned port = start_impatient(service);
    chat_hold(&stream, service, 0);
    EXPECT(chat_receives(&stream, "frame-1"), "no frame");
    expect_even_timeout(service, 0, A_DAY, "a day ahead");
    expect_even_timeout(service, A_DAY, -A_DAY, "two days back");
    EXPECT(chat_once(service), "no service after the jumps");
    chat_release(&stream, port, 0);
    EXPECT_SOON(count_in_file(service->usage, "\n") == 4, "%zu records of 4 requests",
                count_in_file(service->usage, "\n"));
    service_stop(service);
}

static void jumps_lock_no_client_out(struct service *service)
{
    take_clock(service);
    set_clock(A_DAY);
    chat_service_start(
        service,
        "pool: { min_spare = 2; max_spare = 4; max_workers = 8; };\nretry: { max_attempts = 1; };\n");
    for (int i = 0; i < BREAKER_FAILURES; i++)
        EXPECT(ask_model(service, "error-500") == 500, "no failure");
    EXPECT(ask_model(service, "error-500") == 503, "the breaker stays closed");
    set_clock(-A_DAY);
    EXPECT(ask_model(service, "error-500") == 500, "the breaker is open for two days more");
    EXPECT(ask_model(service, "error-500") == 503, "the failed probe has not opened the breaker again");
    set_clock(A_DAY);
    EXPECT(ask_model(service, "error-500") == 500, "the breaker is open when its time is over");
    service_stop(service);
}

const struct check clock_checks[] = {
    {"clock: jumps disturb neither streams nor timeouts", jumps_disturb_nothing},
    {"clock: jumps lock no client out", jumps_lock_no_client_out},
    {0},
};
