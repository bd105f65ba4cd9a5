/* A Redis of the test's own, in a folder of its own. */
#include "redis.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "net.h"
#include "process.h"
#include "text.h"

#define PATIENCE_MS 10000

static const char *program(void)
{
    static const char *const programs[] = {"/usr/bin/redis-server", "/usr/local/bin/redis-server",
                                           "/usr/bin/valkey-server", NULL};
    const char *const *at = programs;
    while (*at && access(*at, X_OK) != 0)
        at++;
    return *at;
}

bool redis_server_possible(void)
{
    return program() != NULL;
}

static void make_folder(struct redis_server *server)
{
    struct text socket = {0}, url = {0};
    server->folder = folder_create("penstock-redis");
    chmod(server->folder, 0755);
    text_format(&socket, "%s/sock", server->folder);
    text_format(&url, "redis://%s", socket.bytes);
    server->socket = socket.bytes;
    server->url = url.bytes;
}

bool redis_server_says(const struct redis_server *server, const char *line, const char *answer)
{
    int descriptor = net_connect_unix(server->socket, 0);
    struct text heard = {0};
    struct pollfd wait = {.fd = descriptor, .events = POLLIN};
    if (descriptor < 0)
        return false;
    bool sent = write(descriptor, line, strlen(line)) > 0 && write(descriptor, "\r\n", 2) == 2;
    while (sent && heard.length < strlen(answer) && strncmp(text_words(&heard), answer, heard.length) == 0 &&
           poll(&wait, 1, PATIENCE_MS) > 0) {
        ssize_t got = read(descriptor, text_room(&heard, 4096), 4096);
        if (got <= 0)
            break;
        text_fill(&heard, (size_t)got);
    }
    bool right = strncmp(text_words(&heard), answer, strlen(answer)) == 0;
    text_free(&heard);
    close(descriptor);
    return right;
}

void redis_server_start(struct redis_server *server)
{
    if (!server->folder)
        make_folder(server);
    struct text file = {0}, settings = {0};
    text_format(&file, "%s/redis.conf", server->folder);
    text_format(&settings,
                "port 0\nunixsocket %s\nunixsocketperm 777\ndir %s\nsave \"\"\nappendonly no\n%s\n",
                server->socket, server->folder, server->settings ? server->settings : "");
    file_write(file.bytes, settings.bytes, settings.length);
    const char *const arguments[] = {program(), file.bytes, NULL};
    const struct launch launch = {arguments, environ, -1, -1, -1};
    unlink(server->socket);
    server->pid = process_start(&launch);
    text_free(&file);
    text_free(&settings);
    for (int64_t end = now_ms() + PATIENCE_MS; now_ms() < end; rest())
        if (redis_server_says(server, "PING", "+PONG") || redis_server_says(server, "PING", "-NOAUTH"))
            return;
    give_up("%s does not answer", program());
}

void redis_server_kill(struct redis_server *server)
{
    if (!server->pid)
        return;
    kill(server->pid, SIGKILL);
    process_wait(server->pid, PATIENCE_MS);
    server->pid = 0;
}

void redis_server_end(struct redis_server *server)
{
    redis_server_kill(server);
    folder_remove(server->folder);
    free(server->folder);
    free(server->socket);
    free(server->url);
    *server = (struct redis_server){0};
}
