/* Puts keys in every place where a provider could echo them, and searches for them: leaks [PENSTOCK PROVIDER]
 *
 * Searches every answer to the client, the usage log, the error log at its most verbose, standard error, and
 * the command lines of the gateway's processes. A mark that replaces the keys proves that a place was shown.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/expand.h"
#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/variables.h"
#include "base/digest.h"
#include "leaks.h"

#define PATIENCE_MS 20000
#define PROVIDER_KEY "Pr0v/own+key~77"
#define CLIENT_KEY "client-own-key-4711"
#define REFUSED_KEY "a-stranger-s-key-0815" /* only sent: in a text it looks like a word */

/* Keys as a provider would write them, and the part that must not be shown. Penstock knows the first two. */
static const struct {
    const char *written, *core;
} keys[] = {
    {PROVIDER_KEY, PROVIDER_KEY},
    {CLIENT_KEY, CLIENT_KEY},
    {"sk-proj-AbCdEf01", "AbCdEf01"},
    {"nvapi-Nv0123-x_y", "Nv0123"},
    {"gsk_Gs0123abcd", "Gs0123"},
    {"Bearer Tk.0123-abc", "Tk.0123"},
    {"https://a.test/v1?key=Uk0123&b=c", "Uk0123"},
    {"authorization: Bearer Au0123", "Au0123"},
};

#define KEYS (sizeof keys / sizeof *keys)

struct stage {
    char *folder;
    unsigned port;
    int listener, errors;
    pid_t provider, gateway;
    size_t failed;
};

static char *path_in(const struct stage *stage, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", stage->folder, name);
    return path.bytes;
}

static void write_in(const struct stage *stage, const char *name, const struct text *text)
{
    char *path = path_in(stage, name);
    file_write(path, text_words(text), text->length);
    free(path);
}

static bool put_keys(void *context, const char *name, struct text *value)
{
    (void)context;
    for (size_t i = 0; strcmp(name, "keys") == 0 && i < KEYS; i++)
        text_format(value, "%s%s", i ? " " : "", keys[i].written);
    return strcmp(name, "keys") == 0;
}

static void write_script(const struct stage *stage)
{
    struct text script = {0};
    for (size_t i = 0; i < places_count; i++) {
        text_put(&script, "--- answer\n");
        expand(&script, places[i].answer, strlen(places[i].answer), put_keys, NULL);
        text_put(&script, "\n");
    }
    write_in(stage, "script", &script);
    text_free(&script);
}

static void start_provider(struct stage *stage, const char *program)
{
    char *script = path_in(stage, "script"), *port = path_in(stage, "port");
    const char *words[] = {program, "--script", script, "--port-file", port, NULL};
    struct variables environment = {0};
    struct text number = {0};
    variables_inherit(&environment);
    struct launch launch = {
        .arguments = words, .environment = variables_vector(&environment), .in = -1, .out = -1, .err = 2};
    stage->provider = process_start(&launch);
    for (int64_t deadline = now_ms() + PATIENCE_MS; !file_read_if_there(port, &number); rest())
        if (now_ms() > deadline)
            give_up("the fake provider did not start");
    stage->port = (unsigned)atoi(number.bytes);
    variables_free(&environment);
    text_free(&number);
    free(script);
    free(port);
}

static void write_settings(const struct stage *stage)
{
    unsigned char digest[DIGEST_BYTES];
    struct text settings = {0};
    digest_sha256(CLIENT_KEY, strlen(CLIENT_KEY), digest);
    text_format(&settings,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"" PROVIDER_KEY
                "\"; }; };\n"
                "error_detail = true;\nstate_dir = \"%s\";\n"
                "log: { usage = \"%s/usage.jsonl\"; errors = \"%s/error.log\"; level = \"debug\"; };\n"
                "clients: ( { name = \"one\"; key_sha256 = \"",
                stage->port, stage->folder, stage->folder, stage->folder);
    for (size_t i = 0; i < sizeof digest; i++)
        text_format(&settings, "%02x", digest[i]);
    text_put(&settings, "\"; } );\n");
    write_in(stage, "penstock.conf", &settings);
    text_free(&settings);
}

/* A worker started by a web server: descriptor 0 listens. */
static void start_gateway(struct stage *stage, const char *program)
{
    char *config = path_in(stage, "penstock.conf"), *socket = path_in(stage, "sock");
    const char *words[] = {program, NULL};
    struct variables environment = {0};
    variables_inherit(&environment);
    variables_set(&environment, "PENSTOCK_CONFIG", "%s", config);
    variables_set(&environment, "PENSTOCK_RETRY_MAX_ATTEMPTS", "1"); /* the script has one answer for each */
    variables_set(&environment, "PENSTOCK_BREAKER_FAILURES", "0");
    stage->listener = net_listen_unix(socket);
    struct launch launch = {.arguments = words,
                            .environment = variables_vector(&environment),
                            .in = stage->listener,
                            .out = stage->errors,
                            .err = stage->errors};
    stage->gateway = process_start(&launch);
    variables_free(&environment);
    free(config);
    free(socket);
}

static void ask(const struct stage *stage, const char *url, const char *key, bool stream, struct text *heard)
{
    struct variables request = {0};
    struct text body = {0};
    struct talk talk;
    char *path = path_in(stage, "sock");
    text_format(&body, "{\"model\":\"m\",\"messages\":[]%s}", stream ? ",\"stream\":true" : "");
    variables_for_request(&request, "POST", url);
    variables_set(&request, "CONTENT_LENGTH", "%zu", body.length);
    variables_set_header(&request, "Content-Type", "application/json");
    variables_set(&request, "HTTP_AUTHORIZATION", "Bearer %s", key);
    int socket = net_connect_unix(path, PATIENCE_MS);
    if (socket < 0)
        give_up("the gateway did not start");
    talk_fastcgi(&talk, socket, &request, text_words(&body), body.length);
    for (int64_t deadline = now_ms() + PATIENCE_MS; talk_step(&talk, 50);)
        if (now_ms() > deadline)
            give_up("an answer does not end");
    text_append(heard, text_words(&talk.heard), talk.heard.length);
    talk_end(&talk, PATIENCE_MS);
    variables_free(&request);
    text_free(&body);
    free(path);
}

static void fail_place(struct stage *stage, const char *place, const char *what, const char *text)
{
    printf("FAILED %s: %s: %s\n", place, what, text);
    stage->failed++;
}

static void search(struct stage *stage, const char *place, const char *where, const struct text *text)
{
    for (size_t i = 0; i < KEYS; i++)
        if (text->length && memmem(text->bytes, text->length, keys[i].core, strlen(keys[i].core)))
            fail_place(stage, place, where, keys[i].core);
    if (text->length && memmem(text->bytes, text->length, REFUSED_KEY, strlen(REFUSED_KEY)))
        fail_place(stage, place, where, REFUSED_KEY);
}

static void play(struct stage *stage, const struct place *place)
{
    struct text heard = {0};
    ask(stage, "/v1/chat/completions", CLIENT_KEY, place->stream, &heard);
    search(stage, place->name, "the answer shows", &heard);
    if (place->shown && !strstr(text_words(&heard), "[redacted]"))
        fail_place(stage, place->name, "the answer does not show the place", text_words(&heard));
    text_free(&heard);
}

/* Requests that never reach a provider. */
static void play_refusals(struct stage *stage)
{
    static const struct {
        const char *url, *key;
    } refused[] = {{"/v1/chat/completions", REFUSED_KEY},
                   {"/v1/nowhere?key=" REFUSED_KEY, CLIENT_KEY},
                   {"/v1/chat/completions?key=" REFUSED_KEY, "short"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct text heard = {0};
        ask(stage, refused[i].url, refused[i].key, false, &heard);
        search(stage, refused[i].url, "the answer shows", &heard);
        text_free(&heard);
    }
}

static void search_file(struct stage *stage, const char *path, bool wanted)
{
    struct text text = {0};
    if (!file_read_if_there(path, &text) && wanted)
        fail_place(stage, path, "is not there", "");
    search(stage, path, "it shows", &text);
    text_free(&text);
}

static void search_files(struct stage *stage)
{
    static const char *const names[] = {"usage.jsonl", "error.log", "stderr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = path_in(stage, names[i]);
        search_file(stage, path, i == 0);
        free(path);
    }
}

/* What `ps` shows to every user. */
static void search_processes(struct stage *stage)
{
    static const char *const names[] = {"cmdline", "comm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text path = {0};
        text_format(&path, "/proc/%ld/%s", (long)stage->gateway, names[i]);
        search_file(stage, path.bytes, true);
        text_free(&path);
    }
}

int main(int argc, char **argv)
{
    struct stage stage = {.folder = folder_create("leaks")};
    if (argc != 1 && argc != 3)
        give_up("leaks [PENSTOCK PROVIDER]");
    struct text nothing = {0};
    char *errors = path_in(&stage, "stderr");
    write_in(&stage, "stderr", &nothing);
    stage.errors = open(errors, O_WRONLY | O_APPEND | O_CLOEXEC);
    write_script(&stage);
    start_provider(&stage, argc == 3 ? argv[2] : "tests/upstream/provider");
    write_settings(&stage);
    start_gateway(&stage, argc == 3 ? argv[1] : "src/penstock");
    for (size_t i = 0; i < places_count; i++)
        play(&stage, &places[i]);
    play_refusals(&stage);
    search_processes(&stage);
    process_stop(stage.gateway, PATIENCE_MS);
    process_stop(stage.provider, PATIENCE_MS);
    search_files(&stage);
    free(errors);
    folder_remove(stage.folder);
    free(stage.folder);
    size_t searched = places_count + 3;
    printf("%zu passed, %zu failed\n", searched > stage.failed ? searched - stage.failed : 0, stage.failed);
    return stage.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
