/* What the games have in common: options, a folder with a gateway, findings. */
#include "game.h"

#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/files.h"
#include "tests/kit/net.h"
#include "tests/kit/process.h"
#include "tests/kit/text.h"

#define TOLD_MOST 20

static void read_options(struct game *game, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--seed") == 0 && more)
            game->seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--count") == 0 && more)
            game->count = atol(argv[++i]);
        else if (strcmp(argv[i], "--only") == 0 && more)
            game->only = atol(argv[++i]);
        else if (strcmp(argv[i], "--way") == 0 && more)
            game->way = strcmp(argv[++i], "cgi") == 0 ? WAY_CGI : WAY_FD0;
        else if (strcmp(argv[i], "--redis") == 0)
            game->redis = true;
        else if (strcmp(argv[i], "--known") == 0)
            game->known = true;
        else if (strcmp(argv[i], "--keep") == 0)
            game->keep = true;
        else if (strcmp(argv[i], "-v") == 0)
            game->verbose = true;
        else
            give_up("%s [--seed N] [--count N] [--only NUMBER] [--known] [--keep] [-v]", argv[0]);
    }
}

static char *find_beside(const char *program, const char *path)
{
    char *copy = copy_bytes(program, strlen(program)), found[PATH_MAX];
    snprintf(found, sizeof found, "%s/%s", dirname(copy), path);
    free(copy);
    return realpath(found, NULL);
}

void game_open(struct game *game, int argc, char **argv, uint64_t seed, long count)
{
    *game = (struct game){.name = basename(argv[0]), .seed = seed, .count = count, .only = -1};
    read_options(game, argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    char *binary = find_beside(argv[0], "../../src/penstock");
    if (!binary)
        give_up("src/penstock is not built");
    game->service.binary = binary;
    game_again(game);
}

void game_again(struct game *game)
{
    char *folder = folder_create("penstock-game");
    chmod(folder, 0755); /* workers run as another user */
    service_prepare(&game->service, game->service.binary, "", folder);
    free(folder);
}

static void start_workers(struct service *service)
{
    const char *arguments[] = {service->binary, "-c", service->config, NULL};
    int listener = net_listen_unix(service->address);
    setenv("PENSTOCK_WORKERS", "36", 1);
    service->master = service_launch_command(service, arguments, listener);
    unsetenv("PENSTOCK_WORKERS");
    close(listener);
}

void game_start(struct game *game, const char *settings)
{
    if (game->way == WAY_SERVE)
        service_start(&game->service, settings);
    else
        service_configure(&game->service, settings);
    if (game->way == WAY_FD0)
        start_workers(&game->service);
}

void game_stop(struct game *game)
{
    if (game->way != WAY_CGI)
        service_stop(&game->service);
    if (game->way == WAY_SERVE)
        return;
    service_launch(&game->service);
    EXPECT_SOON(service_has_logged(&game->service, "generation 1 serves"), "the master does not come up");
    usleep(1000000);
    service_stop(&game->service);
}

bool game_tells(const struct game *game)
{
    return game->failed < TOLD_MOST;
}

void game_fail(struct game *game, long number, const char *format, ...)
{
    if (game->failed++ >= TOLD_MOST && !game->verbose)
        return;
    va_list arguments;
    printf("FAILED %s --seed %llu, number %ld: ", game->name, (unsigned long long)game->seed, number);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

int game_close(struct game *game)
{
    if (game->keep || game->failed)
        printf("its folder is %s\n", game->service.folder);
    else
        folder_remove(game->service.folder);
    printf("%ld passed, %ld failed\n", game->passed, game->failed);
    return game->failed || game->passed == 0;
}

bool game_await_file(const char *path, int64_t ms)
{
    for (int64_t end = now_ms() + ms; access(path, F_OK) != 0; rest())
        if (now_ms() >= end)
            return false;
    return true;
}
