/* Starts and ends what a mounting needs: the fake provider, and the mount script with all that it starts.
 *
 * The script ends what it has started when its standard input ends. That is a pipe which only this process
 * holds, so it happens whatever becomes of us; the script itself is therefore not killed with us. */
#include "site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "client.h"

#define QUIET_SECONDS 60 /* no sign of life comes in a check's time */
#define SIGN_SECONDS 2

extern char **environ;

char *site_path(const struct site *site, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", site->folder, name);
    return path.bytes;
}

/* The digests are those of CLIENT_KEY and KEEPER_KEY. */
void site_configure(const struct site *site, unsigned keepalive_seconds)
{
    struct text conf = {0};
    text_format(&conf,
                "default_provider = \"fake\";\n"
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; }; };\n"
                "clients: ( { name = \"visitor\"; key_sha256 = "
                "\"3de8e70f5b9b6ee21b6385b8e8b93b2edc7395fc88026cc73cd497e87f1e4b31\"; },\n"
                "  { name = \"staff\"; remote_user = \"guest\"; },\n"
                "  { name = \"keeper\"; passthrough = true; key_sha256 = "
                "\"4d35369acfcf500143b3291e3760efa7530c674897a2a567d58dd4a8115dab04\"; } );\n"
                "passthrough = \"fake\";\n"
                "access: { trusted_peers = [ \"127.0.0.1\" ]; anonymous = false;\n"
                "          origins = [ \"https://app.example\" ]; };\n"
                "pool: { max_workers = 600; };\n"
                "keepalive_interval = %u;\n"
                "retry: { max_attempts = 1; };\nbreaker: { failures = 0; };\n"
                "log: { usage = \"%s/log/usage.jsonl\"; errors = \"%s/log/error.log\"; };\n"
                "state_dir = \"%s/run\";\n%s",
                site->provider_port, keepalive_seconds, site->folder, site->folder, site->folder,
                site->settings ? site->settings : "");
    char *path = site_path(site, "penstock.conf");
    file_write(path, conf.bytes, conf.length);
    chmod(path, 0644);
    text_free(&conf);
    free(path);
}

static void start_provider(struct site *site)
{
    char *port_file = site_path(site, "provider.port");
    const char *arguments[] = {site->provider_program,         "--port-file", port_file,
                               site->journal ? "--log" : NULL, site->journal, NULL};
    struct launch launch = {.arguments = arguments, .environment = environ, .in = -1, .out = -1, .err = 2};
    struct text port = {0};
    site->provider = process_start(&launch);
    for (int64_t deadline = now_ms() + PATIENCE_MS; !file_read_if_there(port_file, &port); rest())
        if (now_ms() > deadline)
            give_up("the fake provider does not start");
    site->provider_port = (unsigned)atoi(text_words(&port));
    text_free(&port);
    free(port_file);
}

static _Noreturn void become_script(const struct site *site, int input, int output, char *ports[2])
{
    struct text script = {0};
    text_format(&script, "%s/mount", site->scripts);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    setenv("PENSTOCK", site->program, 1);
    execl(script.bytes, script.bytes, site->mounting->kind, site->folder, ports[0], ports[1], (char *)NULL);
    _exit(127);
}

static char *port_words(unsigned port)
{
    struct text words = {0};
    text_format(&words, "%u", port);
    return words.bytes;
}

static void start_script(struct site *site)
{
    int pipe[2];
    unsigned fastcgi_port;
    char *output_path = site_path(site, "mount.out");
    int output = open(output_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (pipe2(pipe, O_CLOEXEC) != 0 || output < 0)
        give_up("no pipe or file: %s", strerror(errno));
    int held[] = {net_refusing_port(&site->port), net_refusing_port(&fastcgi_port)};
    char *ports[] = {port_words(site->port), port_words(fastcgi_port)};
    close(held[0]);
    close(held[1]);
    fflush(stdout);
    site->mount = fork();
    if (site->mount == 0)
        become_script(site, pipe[0], output, ports);
    site->life = pipe[1];
    close(pipe[0]);
    close(output);
    free(ports[0]);
    free(ports[1]);
    free(output_path);
}

/* The script's exit status once it has ended, else that it answers (0) or does not (1). */
static int await_answer(struct site *site)
{
    for (int64_t deadline = now_ms() + PATIENCE_MS; now_ms() < deadline; rest()) {
        int status = process_wait(site->mount, 0);
        if (status != -1) {
            site->mount = 0;
            return status >> 8 == CANNOT_RUN ? CANNOT_RUN : 1;
        }
        struct http_client client;
        struct http_request health = {.method = "GET", .path = "/healthz", .unnumbered = true};
        bool healthy = client_begin(&client, site, &health) && client_receive_all(&client, 2000) &&
                       client.status == 200;
        client_end(&client);
        if (healthy)
            return 0;
    }
    return 1;
}

int site_open(struct site *site, const struct mounting *mounting)
{
    site->mounting = mounting;
    site->folder = folder_create("penstock-server");
    *site->common = (struct common){0};
    start_provider(site);
    bool reads_once = mounting->before == AT_ONCE;
    site_configure(site, reads_once ? QUIET_SECONDS : SIGN_SECONDS);
    start_script(site);
    return await_answer(site);
}

static bool names_folder(const char *pid, const char *folder)
{
    struct text path = {0};
    char words[4096];
    text_format(&path, "/proc/%s/cmdline", pid);
    int descriptor = open(path.bytes, O_RDONLY | O_CLOEXEC);
    ssize_t length = descriptor < 0 ? 0 : read(descriptor, words, sizeof words);
    if (descriptor >= 0)
        close(descriptor);
    text_free(&path);
    return length > 0 && memmem(words, (size_t)length, folder, strlen(folder));
}

/* Every process of a mounting has its folder in its command line: program, socket or configuration. */
static bool anything_runs(const struct site *site)
{
    DIR *proc = opendir("/proc");
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(proc));)
        found = strspn(entry->d_name, "0123456789") == strlen(entry->d_name) &&
                atoi(entry->d_name) != getpid() && names_folder(entry->d_name, site->folder);
    closedir(proc);
    return found;
}

bool site_close(struct site *site)
{
    bool running = true;
    close(site->life);
    if (site->mount && process_wait(site->mount, 2 * PATIENCE_MS) == -1)
        process_stop(site->mount, PATIENCE_MS);
    process_stop(site->provider, PATIENCE_MS);
    for (int64_t deadline = now_ms() + PATIENCE_MS; now_ms() < deadline && (running = anything_runs(site));)
        rest();
    folder_remove(site->folder);
    free(site->folder);
    return !running;
}

long site_provider_counter(const struct site *site, const char *counter)
{
    struct text state = {0}, name = {0};
    if (!net_get(site->provider_port, "/v1/_state", &state, PATIENCE_MS))
        give_up("the fake provider does not answer");
    text_format(&name, "\"%s\":", counter);
    const char *found = strstr(text_words(&state), name.bytes);
    long value = found ? strtol(found + name.length, NULL, 10) : -1;
    text_free(&state);
    text_free(&name);
    return value;
}

void site_confirm(const struct site *site, const char *tag, unsigned frame)
{
    struct text target = {0}, answer = {0};
    text_format(&target, "/v1/confirm?frame=%s.%u", tag, frame);
    if (!net_get(site->provider_port, target.bytes, &answer, PATIENCE_MS))
        give_up("the fake provider does not answer");
    text_free(&target);
    text_free(&answer);
}

size_t site_count_words(const struct site *site, const char *name, const char *words)
{
    struct text bytes = {0};
    char *path = site_path(site, name);
    size_t count = 0;
    file_read_if_there(path, &bytes);
    for (const char *at = text_words(&bytes); (at = strstr(at, words)); at += strlen(words))
        count++;
    text_free(&bytes);
    free(path);
    return count;
}
