/* Chats with a real gateway over FastCGI, with the fake provider behind it. */
#include "chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/variables.h"

unsigned chat_provider_start(const struct service *service)
{
    struct text path = {0}, port = {0};
    text_format(&path, "%s/port", service->folder);
    const char *arguments[] = {service->provider, "--port-file", path.bytes, NULL};
    service_launch_command(service, arguments, -1);
    EXPECT_SOON(access(path.bytes, F_OK) == 0 && (file_read(path.bytes, &port), port.length > 0),
                "the provider does not come up");
    unsigned number = (unsigned)strtoul(text_words(&port), NULL, 10);
    text_free(&path);
    text_free(&port);
    return number;
}

unsigned chat_service_start(struct service *service, const char *settings)
{
    struct text all = {0};
    unsigned port = chat_provider_start(service);
    text_format(&all,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; }; };\n"
                "access: { anonymous = true; };\n%s",
                port, settings);
    service_start(service, text_words(&all));
    text_free(&all);
    return port;
}

static void set_client(struct variables *variables, const struct chat_client *client)
{
    struct text bearer = {0};
    text_format(&bearer, "Bearer %s", client->key ? client->key : "");
    if (client->key)
        variables_set_header(variables, "Authorization", bearer.bytes);
    if (client->user) {
        variables_set(variables, "AUTH_TYPE", "Basic");
        variables_set(variables, "REMOTE_USER", "%s", client->user);
    }
    text_free(&bearer);
}

static bool begin(struct talk *talk, const struct service *service, const struct chat_client *client,
                  const char *method, const char *url, const char *body)
{
    struct variables variables = {0};
    char length[32];
    int socket = client->port ? net_connect_tcp(client->port, 0) : net_connect_unix(service->address, 0);
    if (socket < 0)
        return false;
    snprintf(length, sizeof length, "%zu", strlen(body));
    variables_for_request(&variables, method, url);
    set_client(&variables, client);
    if (*body) {
        variables_set_header(&variables, "Content-Type", "application/json");
        variables_set_header(&variables, "Content-Length", length);
    }
    talk_fastcgi(talk, socket, &variables, body, strlen(body));
    variables_free(&variables);
    return true;
}

bool chat_begin(struct talk *chat, const struct service *service, const char *model, bool stream)
{
    return chat_begin_as(chat, service, &(struct chat_client){0}, model, stream);
}

bool chat_begin_as(struct talk *chat, const struct service *service, const struct chat_client *client,
                   const char *model, bool stream)
{
    char body[300];
    snprintf(body, sizeof body,
             "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", model,
             stream ? "true" : "false");
    return chat_begin_with(chat, service, client, body);
}

bool chat_begin_with(struct talk *chat, const struct service *service, const struct chat_client *client,
                     const char *body)
{
    return begin(chat, service, client, "POST", "/v1/chat/completions", body);
}

bool chat_get(struct talk *chat, const struct service *service, const char *url)
{
    return begin(chat, service, &(struct chat_client){0}, "GET", url, "");
}

bool chat_receives(struct talk *chat, const char *words)
{
    int64_t end = now_ms() + PATIENCE_MS;
    while (!strstr(text_words(&chat->heard), words))
        if (!talk_step(chat, 100) || now_ms() >= end)
            return strstr(text_words(&chat->heard), words) != NULL;
    return true;
}

bool chat_completes(struct talk *chat)
{
    int64_t end = now_ms() + PATIENCE_MS;
    while (talk_step(chat, 100))
        if (now_ms() >= end)
            return false;
    return !chat->broken;
}

void chat_free(struct talk *chat)
{
    talk_end(chat, 0);
}

void chat_hold(struct talk *chat, const struct service *service, unsigned number)
{
    char model[32];
    snprintf(model, sizeof model, "handshake-1-s%u", number);
    EXPECT(chat_begin(chat, service, model, true), "cannot connect for chat %u", number);
}

void chat_release(struct talk *chat, unsigned port, unsigned number)
{
    char target[64];
    struct text nothing = {0};
    snprintf(target, sizeof target, "/v1/confirm?frame=s%u.1", number);
    EXPECT(net_get(port, target, &nothing, PATIENCE_MS), "the provider does not hear");
    text_free(&nothing);
    EXPECT(chat_completes(chat), "chat %u breaks off: %s", number, text_words(&chat->heard));
    EXPECT(strstr(text_words(&chat->heard), "data: [DONE]"), "no [DONE]: %s", text_words(&chat->heard));
    EXPECT(!strstr(text_words(&chat->heard), "\"error\""), "an error: %s", text_words(&chat->heard));
    chat_free(chat);
}

bool chat_once(const struct service *service)
{
    struct talk chat;
    if (!chat_begin(&chat, service, "bench", false))
        return false;
    bool right = chat_completes(&chat) && strstr(text_words(&chat.heard), "\"choices\"");
    chat_free(&chat);
    return right;
}

long chat_generation(const struct service *service)
{
    struct talk talk;
    if (!chat_get(&talk, service, "/healthz"))
        return 0;
    static const char mark[] = "\"generation\":";
    const char *found = chat_completes(&talk) ? strstr(text_words(&talk.heard), mark) : NULL;
    long generation = found ? strtol(found + sizeof mark - 1, NULL, 10) : 0;
    chat_free(&talk);
    return generation;
}
