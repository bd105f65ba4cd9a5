/* Sets up providers and a gateway for one row of the matrix. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/expand.h"
#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/variables.h"
#include "script.h"
#include "setup.h"

#define START_MS 30000
#define STOP_MS 10000
#define COMMAND_WORDS 10
#define REPETITIONS 6 /* of the last answer: more than any row asks for */

static const char healthy_json[] = "&json\n&whole";
static const char healthy_stream[] = "&stream\n&frames 1 5\n&finish\n&done";

char *fixture_path(const struct fixture *fixture, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", fixture->folder, name);
    return path.bytes;
}

pid_t fixture_start(const struct fixture *fixture, const char *const *arguments, int out)
{
    struct variables environment = {0};
    variables_inherit(&environment);
    struct launch launch = {.arguments = arguments,
                            .environment = variables_vector(&environment),
                            .in = -1,
                            .out = out,
                            .err = fixture->errors};
    pid_t pid = process_start(&launch);
    variables_free(&environment);
    return pid;
}

static unsigned read_port(const char *path)
{
    struct text number = {0};
    for (int64_t deadline = now_ms() + START_MS; !file_read_if_there(path, &number); rest())
        if (now_ms() > deadline)
            give_up("a fake provider did not start");
    unsigned port = (unsigned)atoi(number.bytes);
    text_free(&number);
    return port;
}

static pid_t start_provider(const struct fixture *fixture, const char *name, const struct text *answers,
                            unsigned *port)
{
    struct text file = {0};
    text_format(&file, "%s-script", name);
    char *script = fixture_path(fixture, file.bytes), *port_file = fixture_path(fixture, name);
    file_write(script, answers->bytes, answers->length);
    const char *arguments[] = {fixture->provider, "--script", script, "--port-file", port_file, NULL};
    pid_t pid = fixture_start(fixture, arguments, -1);
    *port = read_port(port_file);
    text_free(&file);
    free(script);
    free(port_file);
    return pid;
}

static void put_answer(struct text *answers, const char *words)
{
    text_put(answers, "--- answer\n");
    script_put(answers, words);
}

static void start_providers(struct fixture *fixture)
{
    const struct fault *fault = fixture->fault;
    struct text bad = {0}, good = {0};
    size_t count = fault->says_count[fixture->kind];
    for (size_t i = 0; i < count; i++)
        put_answer(&bad, fault->says[fixture->kind][i]);
    for (size_t i = 0; i < REPETITIONS; i++) {
        put_answer(&bad, count ? fault->says[fixture->kind][count - 1] : "@close");
        put_answer(&good, fixture->kind == BUFFERED ? healthy_json : healthy_stream);
    }
    fixture->faulty = start_provider(fixture, "faulty", &bad, &fixture->faulty_port);
    fixture->healthy = start_provider(fixture, "healthy", &good, &fixture->healthy_port);
    text_free(&bad);
    text_free(&good);
}

static bool look_up(void *context, const char *name, struct text *value)
{
    const struct fixture *fixture = context;
    if (strcmp(name, "port") == 0)
        text_format(value, "%u", fixture->faulty_port);
    else if (strcmp(name, "healthy") == 0)
        text_format(value, "%u", fixture->healthy_port);
    else if (strcmp(name, "refused") == 0)
        text_format(value, "%u", fixture->refused_port);
    else if (strcmp(name, "deaf") == 0)
        text_format(value, "%u", fixture->deaf_port);
    else if (strcmp(name, "tls") == 0)
        text_format(value, "%u", fixture->tls_port);
    else if (strcmp(name, "folder") == 0)
        text_put(value, fixture->folder);
    else
        return false;
    return true;
}

static void configure(const struct fixture *fixture)
{
    static const char common[] =
        "access: { anonymous = true; };\n"
        "log: { usage = \"${folder}/usage.jsonl\"; errors = \"${folder}/error.log\"; };\n"
        "state_dir = \"${folder}\";\nlisten = \"${folder}/sock\";\n"
        "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n";
    const struct fault *fault = fixture->fault;
    struct text lines = {0}, out = {0};
    text_put(&lines, common);
    if (geteuid() == 0)
        text_put(&lines, "user = \"nobody\";\n");
    text_format(
        &lines,
        "providers: {\n  faulty: { base_url = \"%s\"; api_key = \"sk-of-the-faulty\"; timeout: { %s }; };\n"
        "  healthy: { base_url = \"http://127.0.0.1:${healthy}/v1\"; api_key = \"sk-of-the-healthy\"; };\n"
        "};\n",
        fault->url ? fault->url : "http://127.0.0.1:${port}/v1", text_words(&fault->timeouts));
    text_format(&lines, "aliases: ( { name = \"m\"; targets = [ \"faulty:m\"%s ];%s } );\n",
                fixture->targets == ONE ? "" : ", \"healthy:m\"",
                fixture->targets == HELD ? " hold: { bytes = -1; };" : "");
    text_put(&lines, text_words(&fault->settings));
    expand(&out, lines.bytes, lines.length, look_up, (void *)fixture);
    char *path = fixture_path(fixture, "penstock.conf");
    file_write(path, out.bytes, out.length);
    free(path);
    text_free(&lines);
    text_free(&out);
}

/* Workers of a root master run as "nobody" and must reach their socket and their logs. */
static void give_away(const struct fixture *fixture)
{
    struct passwd *account = geteuid() == 0 ? getpwnam("nobody") : NULL;
    if (account && chown(fixture->folder, account->pw_uid, account->pw_gid) != 0)
        give_up("cannot give %s away: %s", fixture->folder, strerror(errno));
}

/* The gateway's command line, with what the row wants before it. */
static void put_command(const struct fixture *fixture, const char *words[static COMMAND_WORDS],
                        const char *config)
{
    const char *before[] = {"/usr/bin/unshare", "-m", "/bin/sh", "-c", fixture->before};
    const char *serve[] = {"serve", "-c", config};
    size_t count = 0;
    for (size_t i = 0; fixture->before && i < sizeof before / sizeof *before; i++)
        words[count++] = before[i];
    words[count++] = fixture->penstock;
    for (size_t i = 0; !fixture->cgi && i < sizeof serve / sizeof *serve; i++)
        words[count++] = serve[i];
    words[count] = NULL;
}

static void start_gateway(struct fixture *fixture)
{
    const char *words[COMMAND_WORDS];
    char *config = fixture_path(fixture, "penstock.conf");
    put_command(fixture, words, config);
    fixture->gateway = fixture_start(fixture, words, fixture->errors);
    free(config);
}

bool fixture_open(struct fixture *fixture, struct text *why)
{
    give_away(fixture);
    char *errors = fixture_path(fixture, "stderr");
    fixture->errors = open(errors, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    free(errors);
    net_refusing_port(&fixture->refused_port);
    start_providers(fixture);
    if (!setup(fixture, why))
        return false;
    configure(fixture);
    if (!fixture->cgi)
        start_gateway(fixture);
    return true;
}

/* A gateway that has just been started needs a moment until its socket is there. */
static int connect_gateway(const struct fixture *fixture)
{
    char *path = fixture_path(fixture, "sock");
    int socket = -1, status = -1;
    for (int64_t deadline = now_ms() + START_MS; socket < 0 && status == -1 && now_ms() < deadline;) {
        socket = net_connect_unix(path, 20);
        status = socket < 0 ? process_wait(fixture->gateway, 0) : -1;
    }
    if (socket < 0)
        give_up("cannot connect to %s", path);
    free(path);
    return socket;
}

static void put_body(const struct fixture *fixture, struct text *body)
{
    size_t more = fixture->fault->body;
    bool responses = fixture->kind == RESPONSES;
    text_format(body, "{\"model\":\"m\",\"stream\":%s,%s\"hi", fixture->kind == BUFFERED ? "false" : "true",
                responses ? "\"input\":" : "\"messages\":[{\"role\":\"user\",\"content\":");
    memset(text_room(body, more), 'x', more);
    text_fill(body, more);
    text_put(body, responses ? "\"}" : "\"}]}");
}

static void run_cgi(const struct fixture *fixture, struct talk *talk, struct variables *variables,
                    const struct text *body)
{
    const char *words[COMMAND_WORDS];
    char *config = fixture_path(fixture, "penstock.conf");
    variables_inherit(variables);
    variables_set(variables, "PENSTOCK_CONFIG", "%s", config);
    put_command(fixture, words, config);
    talk_cgi(talk, words, variables, body->bytes, body->length, fixture->errors);
    free(config);
}

void fixture_ask(const struct fixture *fixture, struct talk *talk)
{
    struct variables variables = {0};
    struct text body = {0};
    char length[24];
    put_body(fixture, &body);
    snprintf(length, sizeof length, "%zu", body.length);
    variables_for_request(&variables, "POST",
                          fixture->kind == RESPONSES ? "/v1/responses" : "/v1/chat/completions");
    variables_set_header(&variables, "Content-Type", "application/json");
    variables_set_header(&variables, "Content-Length", length);
    if (fixture->cgi)
        run_cgi(fixture, talk, &variables, &body);
    else
        talk_fastcgi(talk, connect_gateway(fixture), &variables, body.bytes, body.length);
    variables_free(&variables);
    text_free(&body);
}

int fixture_close(struct fixture *fixture)
{
    int status = fixture->gateway ? process_stop(fixture->gateway, STOP_MS) : 0;
    process_stop(fixture->faulty, 5000);
    process_stop(fixture->healthy, 5000);
    if (fixture->helper)
        process_stop(fixture->helper, 5000);
    return status;
}

bool gateway_knows(const char *penstock, const char *setting)
{
    char command[600], *folder = folder_create("knows");
    struct text file = {0}, line = {0};
    text_format(&file, "%s/conf", folder);
    text_format(&line, "%s\n", setting);
    file_write(file.bytes, line.bytes, line.length);
    snprintf(command, sizeof command, "'%s' check -c %s 2>&1 | grep -q 'unknown setting'", penstock,
             file.bytes);
    bool unknown = system(command) == 0;
    text_free(&file);
    text_free(&line);
    folder_remove(folder);
    free(folder);
    return !unknown;
}
