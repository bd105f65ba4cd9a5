/* Processes that use the ledger, killed at any instruction: each exchange has one line, and the sums agree.
 *
 * Some of them run recovery as well, and are killed while they do, by signals that nothing can stop and by
 * those of a crash. All requests have the same id. The log is renamed in between, or copied and emptied, or
 * emptied while it is written. In the end a rebuild must change nothing, whatever was cut off. The same with
 * the accounts in a Redis, which now and then closes all connections. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "config/settings_types.h"
#include "ledger/ledger.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/ledger_rebuild.h"
#include "ledger/recovery.h"
#include "ledger/redis_link.h"
#include "tests/kit/files.h"
#include "tests/kit/redis.h"
#include "tests/kit/text.h"
#include "tests/ledger/truth.h"
#include "usage/exchange_facts.h"
#include "usage/price.h"
#include "usage/token_usage.h"
#include "usage/usage_line.h"
#include "usage/usage_log.h"

#define AT_ONCE 4
#define LIFE_US 3000
#define ROTATE_EVERY 20 /* rounds */

/* How far a process has come before it is killed; shared with it. */
struct progress {
    _Atomic uint32_t ready, begun;
};

/* What becomes of the log in between. */
enum ending {
    RENAMED,
    COPIED, /* and then emptied, while no process runs: logrotate's copytruncate */
    EMPTIED /* while processes write to it: what was cut off is lost */
};

struct scene {
    enum ending ending;
    char *folder;
    struct text log;
    struct progress *progress;
    unsigned seed;
    struct redis_server redis; /* url NULL: the accounts are in the file */
};

static void make_id(char *id, size_t size, unsigned round, int which, uint32_t number)
{
    snprintf(id, size, "r%u-p%d-n%" PRIu32, round, which, number);
}

static void serve_one(struct ledger *ledger, struct usage_log *log, const char *id, unsigned *seed,
                      struct progress *progress)
{
    static const char *const clients[] = {"anna", "bert", NULL};
    struct record record = {
        .facts = {
            .wall_us = clock_wall_us(), .id = id, .request_id = "shared", .usage = token_usage_unknown()}};
    struct exchange_facts *facts = &record.facts;
    struct usage_log_position place = usage_log_since(log);
    struct ledger_demand demand = {
        .client_limits = {.usd_total = INT64_C(1000000000000000), .concurrent = 1000},
        .prompt_cost = 1000 + rand_r(seed) % 1000,
        .completion_cost = 10,
        .completion_max = rand_r(seed) % 2 ? 100 : -1,
    };
    struct quota_status quota_status = {0};
    struct buffer bytes;
    struct ledger_exchange *exchange = ledger_begin(ledger, facts, &place);
    progress->begun++;
    ledger_rebuild_if_needed(ledger, usage_log_path(log), log);
    ledger_checkpoint_write_when_due(ledger, log);
    facts->client = clients[rand_r(seed) % 3];
    facts->provider = "echo";
    facts->model = "small";
    bool granted = !facts->client || ledger_reserve(exchange, facts, &demand, &quota_status) == QUOTA_GRANTED;
    record.status = 200;
    facts->usage.source = USAGE_PROVIDER;
    facts->usage.prompt = 10;
    facts->usage.completion = 50;
    facts->cost = granted ? demand.prompt_cost / 2 + 500 : COST_UNKNOWN;
    buffer_init(&bytes, USAGE_LINE_MAX);
    if (!usage_line_put(&bytes, &record))
        _exit(3);
    struct ledger_outcome outcome = {.reason = FAILURE_NONE};
    struct ledger_line line = {bytes.bytes, bytes.length, usage_log_place(log)};
    if (!ledger_settle(exchange, facts, &outcome, &line))
        usage_log_forget_place(log);
    ledger_end(exchange, usage_log_append(log, bytes.bytes, bytes.length));
    buffer_free(&bytes);
}

/* A worker without end, or one of CGI that opens and closes everything each time. */
static void live(const struct scene *scene, unsigned round, int which)
{
    struct settings settings = truth_settings(scene->folder);
    struct progress *progress = &scene->progress[which];
    unsigned seed = scene->seed + (unsigned)which * 7919;
    bool lasting = rand_r(&seed) % 4 != 0, recovers = rand_r(&seed) % 3 == 0;
    struct truth_services services;
    char id[64];
    truth_open(&services, &settings, text_words(&scene->log));
    for (uint32_t number = 1;; number++) {
        make_id(id, sizeof id, round, which, number);
        progress->ready = 1;
        serve_one(services.ledger, services.log, id, &seed, progress);
        if (recovers && rand_r(&seed) % 4 == 0)
            recovery_run(services.ledger, services.log);
        if (lasting)
            continue;
        truth_close(&services);
        truth_open(&services, &settings, text_words(&scene->log));
    }
}

static void sleep_us(long us)
{
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

/* A process that was killed while it opened the ledger has begun nothing. */
static void run_round(struct scene *scene, unsigned round, struct text *begun)
{
    pid_t pids[AT_ONCE];
    char id[64];
    for (int i = 0; i < AT_ONCE; i++) {
        scene->progress[i].ready = scene->progress[i].begun = 0;
        pids[i] = fork();
        if (pids[i] < 0)
            give_up("cannot fork");
        if (pids[i] == 0)
            live(scene, round, i);
    }
    bool wait = rand_r(&scene->seed) % 8 != 0;
    for (int i = 0; wait && i < AT_ONCE; i++)
        while (!scene->progress[i].ready)
            sleep_us(20);
    if (scene->redis.url && rand_r(&scene->seed) % 2 == 0)
        redis_server_says(&scene->redis, "CLIENT KILL TYPE normal", ":");
    for (int i = 0; i < AT_ONCE; i++) {
        static const int signals[] = {SIGKILL, SIGKILL, SIGABRT, SIGSEGV};
        sleep_us(rand_r(&scene->seed) % (LIFE_US / AT_ONCE) + 1);
        if (scene->ending == EMPTIED && rand_r(&scene->seed) % 8 == 0 &&
            truncate(text_words(&scene->log), 0) != 0 && errno != ENOENT)
            give_up("cannot empty the log");
        kill(pids[i], signals[rand_r(&scene->seed) % 4]);
        waitpid(pids[i], NULL, 0);
    }
    for (int i = 0; i < AT_ONCE; i++)
        for (uint32_t number = 1; number <= scene->progress[i].begun; number++) {
            make_id(id, sizeof id, round, i, number);
            text_format(begun, "%s\n", id);
        }
}

static void rotate(const struct scene *scene, unsigned round)
{
    const char *log = text_words(&scene->log);
    struct text to = {0}, lines = {0};
    text_format(&to, "%s.%u", log, round);
    if (scene->ending == RENAMED) {
        rename(log, to.bytes);
    } else if (scene->ending == COPIED) {
        file_read_if_there(log, &lines);
        file_write(to.bytes, text_words(&lines), lines.length);
        if (truncate(log, 0) != 0)
            give_up("cannot empty %s", log);
    }
    text_free(&lines);
    text_free(&to);
}

#define PASSES 100 /* each finishes a thousand exchanges at most */

/* Two processes at the same time, and then one until nothing is left. */
static void recover_all(const struct scene *scene)
{
    pid_t pid = fork();
    if (pid == 0) {
        truth_recover(scene->folder, text_words(&scene->log));
        _exit(0);
    }
    truth_recover(scene->folder, text_words(&scene->log));
    waitpid(pid, NULL, 0);
    for (int pass = 0; pass == 0 || (pass < PASSES && truth_left(scene->folder) > 0); pass++)
        truth_recover(scene->folder, text_words(&scene->log));
}

/* A Redis that has closed a connection is left alone for a while before it is told. */
static void recover_until_redis_knows(const struct scene *scene)
{
    int64_t patience_us = clock_monotonic_us() + 20000000;
    recover_all(scene);
    while (truth_owed(scene->folder) > 0 && clock_monotonic_us() < patience_us) {
        sleep_us(50000);
        truth_recover(scene->folder, text_words(&scene->log));
    }
}

static int compare_words(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static char **split(const struct text *words, size_t *count)
{
    char *at = copy_bytes(text_words(words), words->length), *next;
    char **list = calloc(words->length + 2, sizeof *list);
    if (!list)
        give_up("no memory");
    *list++ = at;
    for (*count = 0; (next = strchr(at, '\n')); at = next + 1) {
        *next = '\0';
        list[(*count)++] = at;
    }
    qsort(list, *count, sizeof *list, compare_words);
    return list;
}

/* What all lie in stands before the first. */
static void split_free(char **list)
{
    free(list[-1]);
    free(list - 1);
}

/* Both are in order. */
static size_t count_missing(const struct text *begun, const struct text *logged, size_t *all, bool loud)
{
    size_t logged_count, missing = 0, at = 0;
    char **wanted = split(begun, all), **there = split(logged, &logged_count);
    for (size_t i = 0; i < *all; i++) {
        while (at < logged_count && strcmp(there[at], wanted[i]) < 0)
            at++;
        bool found = at < logged_count && strcmp(there[at], wanted[i]) == 0;
        if (!found && missing++ < 5 && loud)
            printf("    no record of %s\n", wanted[i]);
    }
    split_free(wanted);
    split_free(there);
    return missing;
}

/* The ledger as a text, before and after it is rebuilt from what is left of the log. */
static size_t count_changed_by_rebuild(const struct scene *scene)
{
    struct settings settings = truth_settings(scene->folder);
    struct text before = {0}, after = {0};
    struct rebuild_summary summary;
    struct failure why;
    truth_print(scene->folder, &before);
    struct ledger *ledger = ledger_open(&settings);
    struct usage_log *log = usage_log_open(text_words(&scene->log));
    bool rebuilt = ledger_rebuild(ledger, text_words(&scene->log), log, &summary, &why);
    usage_log_close(log);
    ledger_close(ledger);
    truth_print(scene->folder, &after);
    bool same = rebuilt && strcmp(text_words(&before), text_words(&after)) == 0;
    if (!same)
        printf("    a rebuild changes the ledger\n%s    to\n%s", text_words(&before), text_words(&after));
    text_free(&before);
    text_free(&after);
    return !same;
}

static bool play(struct scene *scene, unsigned rounds)
{
    static const char *const endings[] = {"renamed", "copied and emptied", "emptied under way"};
    unsigned seed = scene->seed;
    struct text begun = {0}, errors = {0};
    struct truth truth;
    scene->folder = folder_create("ledger-kills");
    scene->log = (struct text){0};
    text_format(&scene->log, "%s/usage.jsonl", scene->folder);
    text_format(&errors, "%s/error.log", scene->folder);
    if (!log_open(errors.bytes, LEVEL_INFO))
        give_up("cannot open %s", errors.bytes);
    for (unsigned round = 1; round <= rounds; round++) {
        run_round(scene, round, &begun);
        if (round % ROTATE_EVERY == 0)
            rotate(scene, round);
    }
    recover_until_redis_knows(scene);
    truth_read(&truth, scene->log.bytes);
    size_t all, missing = count_missing(&begun, &truth.ids, &all, scene->ending != EMPTIED);
    size_t wrong = scene->ending == EMPTIED ? 0 : truth_compare(&truth, scene->folder);
    if (scene->ending == EMPTIED) { /* the ledger has what was cut off; a process may die before it counts */
        int64_t counted = truth_requests(scene->folder);
        wrong = counted < (int64_t)all || counted > (int64_t)(all + rounds * AT_ONCE);
        missing = 0;
    }
    wrong += folder_count(scene->folder, ".broken-"); /* a sound file is, if a signal counts as its fault */
    wrong += count_changed_by_rebuild(scene);
    printf("%u processes killed, the log %s%s: %zu exchanges begun, %zu lines, %zu of them crashed; %zu "
           "missing, %zu "
           "double, "
           "%zu torn, %zu sums wrong (seed %u)\n",
           rounds * AT_ONCE, endings[scene->ending], scene->redis.url ? ", accounts in Redis" : "", all,
           truth.lines, truth.crashed, missing, truth.doubled, truth.torn, wrong, seed);
    bool good = !missing && !truth.doubled && !wrong && (truth.crashed || scene->ending == EMPTIED);
    if (good)
        folder_remove(scene->folder);
    else
        printf("    left in %s\n", scene->folder);
    truth_free(&truth);
    text_free(&begun);
    text_free(&errors);
    text_free(&scene->log);
    free(scene->folder);
    return good;
}

static bool play_with_redis(struct scene *scene, unsigned rounds)
{
    if (!redis_link_possible() || !redis_server_possible()) {
        puts("could not run: kills with the accounts in Redis, for there is none");
        return true;
    }
    redis_server_start(&scene->redis);
    truth_redis = scene->redis.url;
    bool good = play(scene, rounds);
    redis_server_end(&scene->redis);
    return good;
}

int main(int count, char **arguments)
{
    unsigned rounds = count > 1 ? (unsigned)atoi(arguments[1]) : 100;
    const struct rlimit no_core = {0, 0};
    struct scene scene = {.seed = count > 2 ? (unsigned)atoi(arguments[2]) : (unsigned)getpid()};
    truth_key = TRUTH_RECORD;
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGPIPE, SIG_IGN);
    scene.progress = mmap(NULL, AT_ONCE * sizeof *scene.progress, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool good = play(&scene, rounds);
    scene.ending = COPIED;
    good = play(&scene, rounds / 2) && good;
    scene.ending = EMPTIED;
    good = play(&scene, rounds / 2) && good;
    scene.ending = RENAMED;
    good = play_with_redis(&scene, rounds / 2) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
