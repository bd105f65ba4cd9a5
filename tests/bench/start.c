/* Measures the cost of starting a CGI program, at the provider's end.
 *
 *     start PENSTOCK EMPTY COUNT
 *
 * Plays the provider itself: runs penstock as a CGI program and takes the time from fork() to the first byte
 * that arrives upstream, and to the program's end; in turns with a program that is only linked with libcurl.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/variables.h"
#include "samples.h"

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n"
                             "Connection: close\r\n\r\n{\"choices\":[{}]}";
static const char question[] = "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

static struct samples empty, first_byte, whole;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int listen_anywhere(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 || listen(descriptor, 16) != 0)
        give_up("cannot listen");
    getsockname(descriptor, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return descriptor;
}

static char *write_config(const char *folder, unsigned port)
{
    struct text path = {0}, lines = {0};
    text_format(&path, "%s/penstock.conf", folder);
    text_format(&lines,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"sk-bench\"; }; };\n"
                "access: { anonymous = true; };\nstate_dir = \"%s\";\n"
                "log: { usage = \"%s/usage.jsonl\"; errors = \"%s/error.log\"; };\n",
                port, folder, folder, folder);
    file_write(path.bytes, lines.bytes, lines.length);
    text_free(&lines);
    return path.bytes;
}

static void run_empty(const char *program)
{
    const char *arguments[] = {program, NULL};
    struct variables environment = {0};
    variables_inherit(&environment);
    struct launch launch = {.arguments = arguments,
                            .environment = variables_vector(&environment),
                            .in = -1,
                            .out = -1,
                            .err = -1};
    int64_t began = now_us();
    pid_t pid = process_start(&launch);
    int status;
    waitpid(pid, &status, 0);
    samples_add(&empty, now_us() - began);
    if (status != 0)
        give_up("%s: %s", program, process_end_words(status));
    variables_free(&environment);
}

/* Plays the provider: reads the first byte, then the rest, and answers. */
static void answer_once(int listener, int64_t began)
{
    char bytes[4096];
    size_t length = 0;
    int connection = accept(listener, NULL, NULL);
    for (ssize_t got = 1; got > 0 && !memmem(bytes, length, question, strlen(question));
         length += (size_t)got) {
        got = read(connection, bytes + length, sizeof bytes - length);
        if (length == 0)
            samples_add(&first_byte, now_us() - began);
    }
    if (write(connection, answer, sizeof answer - 1) != (ssize_t)(sizeof answer - 1))
        give_up("cannot answer");
    close(connection);
}

static void run_cgi(const char *program, const char *config, int listener)
{
    const char *arguments[] = {program, NULL};
    struct variables request = {0};
    struct talk talk;
    variables_inherit(&request);
    variables_for_request(&request, "POST", "/llm/v1/chat/completions");
    variables_set_header(&request, "Content-Type", "application/json");
    variables_set(&request, "CONTENT_LENGTH", "%zu", strlen(question));
    variables_set(&request, "PENSTOCK_CONFIG", "%s", config);
    int64_t began = now_us();
    talk_cgi(&talk, arguments, &request, question, strlen(question), STDERR_FILENO);
    talk_step(&talk, 0);
    answer_once(listener, began);
    while (talk_step(&talk, 5000))
        ;
    samples_add(&whole, now_us() - began);
    if (!strstr(text_words(&talk.heard), "choices"))
        give_up("no answer: %s", text_words(&talk.heard));
    talk_end(&talk, 5000);
    variables_free(&request);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        give_up("start PENSTOCK EMPTY COUNT");
    unsigned port;
    int listener = listen_anywhere(&port);
    char *folder = folder_create("start"), *config = write_config(folder, port);
    alarm(120);
    for (long i = 0; i < atol(argv[3]); i++) {
        run_empty(argv[2]);
        run_cgi(argv[1], config, listener);
    }
    folder_remove(folder);
    printf("empty_p50_us=%u\nfirst_byte_p50_us=%u\nwhole_p50_us=%u\n", samples_percentile(&empty, 50),
           samples_percentile(&first_byte, 50), samples_percentile(&whole, 50));
    free(folder);
    free(config);
    return 0;
}
