/* Sets up and takes down the folder, the provider and the gateway of a case. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/answer.h"
#include "../kit/expand.h"
#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/variables.h"
#include "configure.h"

#define START_MS 20000
#define STOP_MS 10000
#define MAX_WORDS 32

void complain(struct stage *stage, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_put(&stage->complaints, "    ");
    text_vformat(&stage->complaints, format, arguments);
    text_put(&stage->complaints, "\n");
    va_end(arguments);
}

char *stage_path(const struct stage *stage, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", stage->folder, name);
    return path.bytes;
}

/* The body of the last "upstream says" before the part that is being compared. */
static void put_said(const struct stage *stage, struct text *value)
{
    const struct test_case *test = stage->test;
    const struct section *says = NULL;
    for (size_t i = 0; i < test->said_count && test->upstream_says[i]->line < stage->line; i++)
        says = test->upstream_says[i];
    if (!says)
        give_up("${said}: the provider has said nothing yet");
    const char *at = section_body(says->body, says->length), *end = says->body + says->length;
    struct text plain = {0};
    for (const char *next; at < end; at = next) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        next = stop ? stop + 1 : end;
        if (*at != '@')
            text_append(&plain, at, (size_t)(next - at));
    }
    expand(value, text_words(&plain), plain.length, NULL, NULL);
    text_free(&plain);
}

bool stage_lookup(void *context, const char *name, struct text *value)
{
    const struct stage *stage = context;
    if (strcmp(name, "port") == 0)
        text_format(value, "%u", stage->port);
    else if (strcmp(name, "refused") == 0)
        text_format(value, "%u", stage->refused);
    else if (strcmp(name, "folder") == 0)
        text_put(value, stage->folder);
    else if (strcmp(name, "said") == 0)
        put_said(stage, value);
    else if (strncmp(name, "heard ", 6) == 0 && stage->answer) {
        char *header = answer_header(stage->answer, name + 6);
        text_put(value, header ? header : "");
        free(header);
    } else
        return false;
    return true;
}

/* The words of a command line, the gateway's own command last; NULL-terminated. */
static void gateway_words(const struct stage *stage, const char **words, const char *const *own)
{
    size_t count = 0;
    char *under = stage->programs->under ? strdup(stage->programs->under) : NULL;
    for (char *word = under ? strtok(under, " ") : NULL; word && count < MAX_WORDS / 2;
         word = strtok(NULL, " "))
        words[count++] = word;
    words[count++] = stage->programs->penstock;
    for (; *own && count < MAX_WORDS - 1; own++)
        words[count++] = *own;
    words[count] = NULL;
}

static void start_provider(struct stage *stage)
{
    char *script = stage_path(stage, "script"), *log = stage_path(stage, "heard"),
         *port = stage_path(stage, "port");
    struct text answers = {0}, number = {0};
    for (size_t i = 0; i < stage->test->said_count; i++) {
        const struct section *says = stage->test->upstream_says[i];
        text_format(&answers, "--- answer\n%s\n", says->body);
    }
    file_write(script, text_words(&answers), answers.length);
    const char *arguments[] = {
        stage->programs->provider, "--script", script, "--log", log, "--port-file", port, NULL};
    struct variables environment = {0};
    variables_inherit(&environment);
    struct launch launch = {.arguments = arguments,
                            .environment = variables_vector(&environment),
                            .in = -1,
                            .out = -1,
                            .err = stage->errors};
    stage->provider = process_start(&launch);
    for (int64_t deadline = now_ms() + START_MS; !file_read_if_there(port, &number); rest())
        if (now_ms() > deadline)
            give_up("the fake provider did not start");
    stage->port = (unsigned)atoi(number.bytes);
    text_free(&answers);
    text_free(&number);
    variables_free(&environment);
    free(script);
    free(log);
    free(port);
}

static void start_gateway(struct stage *stage)
{
    char *config = stage_path(stage, "penstock.conf"), *socket = stage_path(stage, "sock");
    const char *serve[] = {"serve", "-c", config, NULL}, *nothing[] = {NULL}, *words[MAX_WORDS];
    bool fd0 = stage->way == WAY_FD0;
    struct variables environment = {0};
    variables_inherit(&environment);
    if (fd0) {
        variables_set(&environment, "PENSTOCK_CONFIG", "%s", config);
        stage->listener = net_listen_unix(socket);
    }
    gateway_words(stage, words, fd0 ? nothing : serve);
    struct launch launch = {.arguments = words,
                            .environment = variables_vector(&environment),
                            .in = stage->listener,
                            .out = stage->errors,
                            .err = stage->errors};
    stage->gateway = process_start(&launch);
    if (fd0)
        close(stage->listener);
    variables_free(&environment);
    free(config);
    free(socket);
}

/* Workers of a root master run as the account "nobody" and must reach their socket and logs. */
static void open_folder(struct stage *stage)
{
    stage->folder = folder_create("case");
    struct passwd *account = geteuid() == 0 ? getpwnam("nobody") : NULL;
    if (account && chown(stage->folder, account->pw_uid, account->pw_gid) != 0)
        give_up("cannot give %s away: %s", stage->folder, strerror(errno));
    char *errors = stage_path(stage, "stderr");
    stage->errors = open(errors, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    free(errors);
}

void stage_open(struct stage *stage, const struct programs *programs, const struct test_case *test,
                enum way way)
{
    *stage = (struct stage){.programs = programs, .test = test, .way = way, .listener = -1};
    open_folder(stage);
    stage->refusing = net_refusing_port(&stage->refused);
    start_provider(stage);
    configure(stage);
    if (way != WAY_CGI)
        start_gateway(stage);
}

static void ask_cgi(struct stage *stage, struct talk *talk, struct variables *request,
                    const struct text *body)
{
    char *config = stage_path(stage, "penstock.conf"), *lines = NULL;
    const char *own[MAX_WORDS] = {NULL}, *words[MAX_WORDS];
    if (stage->test->arguments) {
        size_t count = 0;
        struct text expanded = {0};
        expand(&expanded, stage->test->arguments->body, stage->test->arguments->length, stage_lookup, stage);
        lines = expanded.bytes;
        for (char *line = strtok(lines, "\n"); line && count < MAX_WORDS - 1; line = strtok(NULL, "\n"))
            own[count++] = line;
    }
    variables_inherit(request);
    variables_set(request, "PENSTOCK_CONFIG", "%s", config);
    gateway_words(stage, words, own);
    talk_cgi(talk, words, request, text_words(body), body->length, stage->errors);
    free(config);
    free(lines);
}

/* A master needs a moment after its start to create its socket. */
static int connect_gateway(struct stage *stage)
{
    char *path = stage_path(stage, "sock");
    int socket = -1;
    for (int64_t deadline = now_ms() + START_MS; socket < 0 && now_ms() < deadline;) {
        socket = net_connect_unix(path, 20);
        int status = socket < 0 ? process_wait(stage->gateway, 0) : -1;
        if (status != -1) {
            struct text said = {0};
            lseek(stage->errors, 0, SEEK_SET);
            ssize_t got = read(stage->errors, text_room(&said, 2000), 2000);
            text_fill(&said, got > 0 ? (size_t)got : 0);
            give_up("the gateway did not start: %s: %s", process_end_words(status), text_words(&said));
        }
    }
    if (socket < 0)
        give_up("the gateway does not listen on %s", path);
    free(path);
    return socket;
}

void stage_ask(struct stage *stage, struct talk *talk, struct variables *request, const struct text *body)
{
    if (stage->way == WAY_CGI)
        ask_cgi(stage, talk, request, body);
    else
        talk_fastcgi(talk, connect_gateway(stage), request, text_words(body), body->length);
}

long stage_provider_counts(const struct stage *stage, const char *name)
{
    struct text state = {0}, member = {0};
    text_format(&member, "\"%s\":", name);
    if (!net_get(stage->port, "/_state", &state, 5000))
        give_up("the fake provider does not answer");
    const char *found = strstr(text_words(&state), member.bytes);
    if (!found)
        give_up("the fake provider does not count %s", name);
    long value = atol(found + member.length);
    text_free(&state);
    text_free(&member);
    return value;
}

void stage_close_programs(struct stage *stage)
{
    if (stage->gateway) {
        int status = process_stop(stage->gateway, STOP_MS);
        if (status != 0)
            complain(stage, "the gateway ended with %s", process_end_words(status));
    }
    process_stop(stage->provider, 5000);
    stage->gateway = stage->provider = 0;
}

void stage_clear(struct stage *stage)
{
    close(stage->errors);
    close(stage->refusing);
    folder_remove(stage->folder);
    free(stage->folder);
    text_free(&stage->complaints);
}
