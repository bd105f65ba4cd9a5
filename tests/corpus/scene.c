/* Sets a scene up, plays requests in it, and takes it down. */
#include "scene.h"

#include <cjson/cJSON.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/variables.h"

#define PATIENCE_MS 20000
#define BACKLOG_FILLERS 4

struct stage {
    char *folder;
    unsigned port;
    int held[1 + BACKLOG_FILLERS]; /* sockets that keep the port as it is; -1: none */
    pid_t provider;
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

static void start_provider(struct stage *stage, const char *script, const char *provider)
{
    struct text text = {0}, number = {0};
    text_format(&text, "--- answer\n%s\n", script);
    write_in(stage, "script", &text);
    char *path = path_in(stage, "script"), *port = path_in(stage, "port");
    const char *words[] = {provider, "--script", path, "--port-file", port, NULL};
    struct variables environment = {0};
    variables_inherit(&environment);
    struct launch launch = {.arguments = words,
                            .environment = variables_vector(&environment),
                            .in = -1,
                            .out = -1,
                            .err = STDERR_FILENO};
    stage->provider = process_start(&launch);
    for (int64_t deadline = now_ms() + PATIENCE_MS; !file_read_if_there(port, &number); rest())
        if (now_ms() > deadline)
            give_up("the fake provider did not start");
    stage->port = (unsigned)atoi(number.bytes);
    variables_free(&environment);
    text_free(&text);
    text_free(&number);
    free(path);
    free(port);
}

/* Fills the queue of a listening socket with connections that are never accepted; the kernel then ignores new
 * ones (listen(2), tcp_abort_on_overflow = 0). */
static void listen_deaf(struct stage *stage)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    stage->held[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(stage->held[0], (struct sockaddr *)&address, size) != 0 || listen(stage->held[0], 0) != 0 ||
        getsockname(stage->held[0], (struct sockaddr *)&address, &size) != 0)
        give_up("no deaf listener");
    stage->port = ntohs(address.sin_port);
    for (int i = 1; i <= BACKLOG_FILLERS; i++) {
        stage->held[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(stage->held[i], (struct sockaddr *)&address, size);
    }
}

static void write_settings(const struct stage *stage, const struct scene *scene)
{
    struct text settings = {0}, prices = {0};
    text_format(&settings,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; timeout: { connect = 1; "
                "idle = 1; }; };%s };\n"
                "log: { usage = \"%s/usage.jsonl\"; errors = \"%s/error.log\"; };\nstate_dir = \"%s\";\n%s\n",
                stage->port, scene->others ? scene->others : "", stage->folder, stage->folder, stage->folder,
                scene->settings ? scene->settings : "");
    if (!scene->settings || !strstr(scene->settings, "access:"))
        text_put(&settings, "access: { anonymous = true; };\n");
    if (scene->prices) {
        text_format(&settings, "prices = \"%s/prices\";\n", stage->folder);
        text_put(&prices, scene->prices);
        write_in(stage, "prices", &prices);
    }
    write_in(stage, "penstock.conf", &settings);
    text_free(&settings);
    text_free(&prices);
}

struct stage *scene_open(const struct scene *scene, const char *provider)
{
    struct stage *stage = calloc(1, sizeof *stage);
    if (!stage)
        give_up("no memory");
    stage->folder = folder_create("corpus");
    for (int i = 0; i <= BACKLOG_FILLERS; i++)
        stage->held[i] = -1;
    if (scene->mood == ANSWERS)
        start_provider(stage, scene->script, provider);
    else if (scene->mood == REFUSES)
        stage->held[0] = net_refusing_port(&stage->port);
    else
        listen_deaf(stage);
    write_settings(stage, scene);
    return stage;
}

void scene_close(struct stage *stage)
{
    for (int i = 0; i <= BACKLOG_FILLERS; i++)
        if (stage->held[i] >= 0)
            close(stage->held[i]);
    if (stage->provider)
        process_stop(stage->provider, PATIENCE_MS);
    folder_remove(stage->folder);
    free(stage->folder);
    free(stage);
}

static void set_variables(struct variables *request, const struct stage *stage,
                          const struct question *question)
{
    char *config = path_in(stage, "penstock.conf");
    variables_for_request(request, question->method, question->url);
    if (question->body) {
        variables_set(request, "CONTENT_LENGTH", "%zu", strlen(question->body));
        variables_set_header(request, "Content-Type", "application/json");
    }
    if (question->header)
        variables_set_header(request, question->header, question->value);
    variables_inherit(request);
    variables_set(request, "PENSTOCK_CONFIG", "%s", config);
    variables_set(request, "PENSTOCK_RETRY_MAX_ATTEMPTS",
                  "1"); /* the script has one answer for each request */
    free(config);
}

/* The error in the last frame that has one. */
static void read_frames(struct heard *heard)
{
    for (const char *at = heard->answer.body; (at = strstr(at, "data: ")); at += 6) {
        cJSON *frame = cJSON_Parse(at + 6);
        cJSON *error = cJSON_DetachItemFromObjectCaseSensitive(frame, "error");
        heard->done = strncmp(at + 6, "[DONE]", 6) == 0;
        if (error) {
            cJSON_Delete(heard->error);
            heard->error = error;
        }
        cJSON_Delete(frame);
    }
}

static void read_heard(struct heard *heard)
{
    answer_parse(&heard->answer, text_words(&heard->bytes), heard->bytes.length);
    heard->content_type = answer_header(&heard->answer, "Content-Type");
    if (heard->answer.body_length && *heard->answer.body == '{') {
        cJSON *body = cJSON_Parse(heard->answer.body);
        heard->error = cJSON_DetachItemFromObjectCaseSensitive(body, "error");
        cJSON_Delete(body);
    } else
        read_frames(heard);
}

void scene_ask(const struct stage *stage, const struct question *question, const char *penstock,
               struct heard *heard)
{
    struct variables request = {0};
    struct talk talk;
    const char *words[] = {penstock, NULL}, *body = question->body ? question->body : "";
    *heard = (struct heard){0};
    set_variables(&request, stage, question);
    talk_cgi(&talk, words, &request, body, strlen(body), STDERR_FILENO);
    for (int64_t deadline = now_ms() + PATIENCE_MS; talk_step(&talk, 50);)
        if (now_ms() > deadline)
            give_up("penstock does not end its answer");
    text_append(&heard->bytes, text_words(&talk.heard), talk.heard.length);
    talk_end(&talk, PATIENCE_MS);
    variables_free(&request);
    read_heard(heard);
}

void scene_play(const struct scene *scene, const char *penstock, const char *provider, struct heard *heard)
{
    const char *url = scene->url ? scene->url : "/v1/chat/completions";
    struct stage *stage = scene_open(scene, provider);
    struct text body = {0};
    text_format(&body, "{\"model\":\"m\",%s%s}",
                strstr(url, "/responses") ? "\"input\":\"hello\"" : "\"messages\":[]",
                scene->stream ? ",\"stream\":true" : "");
    struct question question = {"POST", url, body.bytes, scene->header, scene->value};
    scene_ask(stage, &question, penstock, heard);
    scene_close(stage);
    text_free(&body);
}

void heard_free(struct heard *heard)
{
    cJSON_Delete(heard->error);
    free(heard->content_type);
    text_free(&heard->bytes);
}
