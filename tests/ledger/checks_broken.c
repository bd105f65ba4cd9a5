/* What may become of the ledger's file and of the log's: the gateway goes on as the settings say, tells it
 * once, and is well again without a restart. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "burst.h"
#include "checks.h"
#include "tests/kit/files.h"
#include "tests/kit/process.h"
#include "tests/kit/text.h"
#include "tests/ledger/truth.h"

#define PAGE 4096

/* The key is "ledger"; a request without a key is not limited. */
#define BUDGET_CLIENT                                                                                        \
    "clients: ( { name = \"burst\"; key_sha256 = "                                                           \
    "\"fe14010b4fe83303852f0467c919ef9a7ca089b91e96e3aad7d426dd87079297\"; usd_total = 9.9; } );\n"          \
    "access: { anonymous = true; };\n"
#define EXACT "{\"model\":\"bench\",\"max_tokens\":99,\"messages\":[]}"
#define WORTH 100
#define MEBI (1024 * 1024)

/* ---- the service ---- */

static char *path_of(const struct service *service, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", service->folder, name);
    return path.bytes;
}

static off_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

/* The state's folder belongs to the workers' account. */
static void make_state(const struct service *service)
{
    char *state = path_of(service, "state");
    mkdir(state, 0777);
    chmod(state, 0777);
    free(state);
}

/* clang takes no atomic member out of a value that a function returns. */
static unsigned count_served(struct tally tally)
{
    return tally.served;
}

static struct tally ask(const struct service *service, const char *key, unsigned requests)
{
    struct burst burst = {.key = key, .body = EXACT, .requests = requests, .askers = requests > 8 ? 0 : 1};
    struct tally tally;
    burst_play(service, &burst, &tally);
    return tally;
}

static size_t records(const struct service *service)
{
    struct truth truth;
    truth_read(&truth, service->usage);
    size_t lines = truth.lines;
    truth_free(&truth);
    return lines;
}

static size_t count_set_aside(const struct service *service)
{
    char *state = path_of(service, "state");
    size_t count = folder_count(state, ".broken-");
    free(state);
    return count;
}

static size_t serving(const struct service *service)
{
    pid_t pids[WORKERS_MAX];
    return service_workers(service, pids);
}

static void expect_no_death(const struct service *service)
{
    EXPECT(!service_has_logged(service, "was killed by signal"), "a worker has died of it");
}

/* ---- a file that is none of ours, or not all of it ---- */

/* Half of the budget is spent, the file is damaged while no process runs, and the other half is left. */
static void spoil_between(struct service *service, void (*spoil)(const char *path), bool set_aside)
{
    char *path = path_of(service, "state/ledger.mdb");
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    struct tally first = ask(service, "ledger", 50);
    service_stop(service);
    spoil(path);
    service_launch(service);
    struct tally second = ask(service, "ledger", 300);
    size_t aside = count_set_aside(service);
    service_stop(service);
    printf("%u served, then %u more of a budget for %d\n", first.served, second.served, WORTH);
    EXPECT(first.served == 50, "only %u", first.served);
    EXPECT(second.served == WORTH - 50 && second.limited == 300 - second.served,
           "%u refused, %u unavailable, %u otherwise", second.limited, second.unavailable, second.other);
    EXPECT(aside == (set_aside ? 1 : 0), "%zu files are set aside", aside);
    EXPECT(count_in_file(service->errors, "is set aside as") == aside, "that is not said once");
    expect_no_death(service);
    free(path);
}

static void write_words(const char *path)
{
    static const char words[] = "This is no ledger. It is a diary, which must not be lost.\n";
    struct text all = {0};
    while (all.length < 3 * PAGE)
        text_put(&all, words);
    file_write(path, all.bytes, all.length);
    text_free(&all);
}

static void write_few_words(const char *path)
{
    file_write(path, "no", 2);
}

static void empty(const char *path)
{
    file_write(path, "", 0);
}

static void cut(const char *path)
{
    EXPECT(truncate(path, 5 * PAGE) == 0, "cannot cut %s", path);
}

static void cut_to_one_page(const char *path)
{
    EXPECT(truncate(path, PAGE) == 0, "cannot cut %s", path);
}

/* The first two pages say how many are in use: MDB_meta.mm_last_pg, behind a page's head. */
static void name_pages(const char *path, uint64_t last)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    for (off_t page = 0; page < 2; page++)
        EXPECT(pwrite(file, &last, sizeof last, page * PAGE + 136) == sizeof last, "cannot write %s", path);
    close(file);
}

/* As if it were cut to a length that a sound one may have, too. */
static void cut_evenly(const char *path)
{
    name_pages(path, 80 * MEBI / PAGE);
}

/* More than any file can have. */
static void name_too_much(const char *path)
{
    name_pages(path, UINT64_C(1) << 34);
}

static void take_away(const char *path)
{
    EXPECT(unlink(path) == 0, "cannot remove %s", path);
}

static void foreign(struct service *service)
{
    spoil_between(service, write_words, true);
}

static void foreign_and_short(struct service *service)
{
    spoil_between(service, write_few_words, true);
}

static void emptied(struct service *service)
{
    spoil_between(service, empty, false);
}

static void torn(struct service *service)
{
    spoil_between(service, cut, true);
}

static void torn_off(struct service *service)
{
    spoil_between(service, cut_to_one_page, true);
}

static void torn_evenly(struct service *service)
{
    spoil_between(service, cut_evenly, true);
}

static void boasting(struct service *service)
{
    spoil_between(service, name_too_much, true);
}

static void gone(struct service *service)
{
    spoil_between(service, take_away, false);
}

/* ---- under their hands ---- */

/* `slack`: so many reservations that were just made may be forgotten with the file. A process that touches a
 * page in the moment in which it goes may die of it. */
static void spoil_within(struct service *service, void (*spoil)(const char *path), unsigned slack)
{
    char *path = path_of(service, "state/ledger.mdb");
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    struct tally first = ask(service, "ledger", 50);
    EXPECT_SOON(records(service) == 50, "there are %zu records", records(service));
    spoil(path);
    struct burst rest = {.key = "ledger", .body = EXACT, .requests = 300, .may_break = true};
    struct tally second;
    burst_play(service, &rest, &second);
    service_stop(service);
    printf("%u served, then %u more of a budget for %d; %u broken off\n", first.served, second.served, WORTH,
           second.broken);
    EXPECT(first.served == 50, "only %u", first.served);
    EXPECT(second.served + second.limited + second.broken == 300, "%u unavailable, %u otherwise",
           second.unavailable, second.other);
    EXPECT(second.broken <= count_in_file(service->errors, "was killed by signal"), "%u are lost",
           second.broken);
    EXPECT(second.served >= WORTH - 50 && second.served <= WORTH - 50 + slack, "the budget is not kept");
    free(path);
}

static void gone_meanwhile(struct service *service)
{
    spoil_within(service, take_away, ASKERS);
}

/* As an administrator would who restores a copy. */
static void replace(const char *path)
{
    struct text other = {0};
    text_format(&other, "%s.new", path);
    write_words(other.bytes);
    chmod(other.bytes, 0666);
    EXPECT(rename(other.bytes, path) == 0, "cannot rename");
    text_free(&other);
}

static void cut_meanwhile(struct service *service)
{
    spoil_within(service, cut, ASKERS);
}

static void emptied_meanwhile(struct service *service)
{
    spoil_within(service, empty, ASKERS);
}

static void replaced_meanwhile(struct service *service)
{
    spoil_within(service, replace, ASKERS);
}

/* Random bytes over pages or parts of them, but not the first two: LMDB would see that at once. */
static void scribble(const char *path, unsigned seed)
{
    unsigned char bytes[PAGE];
    int file = open(path, O_WRONLY | O_CLOEXEC);
    EXPECT(file >= 0, "cannot write %s", path);
    for (int i = 0; i < 4; i++) {
        bool whole = rand_r(&seed) % 2;
        size_t size = whole ? PAGE : 1 + (size_t)rand_r(&seed) % 64;
        off_t at = (2 + rand_r(&seed) % 10) * PAGE + (whole ? 0 : rand_r(&seed) % (PAGE - 64));
        for (size_t j = 0; j < size; j++)
            bytes[j] = (unsigned char)rand_r(&seed);
        EXPECT(pwrite(file, bytes, size, at) == (ssize_t)size, "cannot write %s", path);
    }
    close(file);
}

static struct tally ask_boldly(const struct service *service)
{
    struct burst burst = {.body = EXACT, .requests = 40, .may_break = true};
    struct tally tally;
    burst_play(service, &burst, &tally);
    return tally;
}

/* A process may die of a spoiled page, with the request that it has, and those that wait behind it. But it
 * leaves a file that no other process dies of. LMDB copies within a page by what the page says: sanitizers
 * would end the process before anything has gone wrong. */
static void garbage(struct service *service, bool meanwhile)
{
#if defined(__SANITIZE_ADDRESS__)
    check_cannot_run("sanitizers look into LMDB, too");
#endif
    char *path = path_of(service, "state/ledger.mdb");
    unsigned rounds = ledger_whole ? 60 : 12, served = 0, broken = 0, passes = 0;
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    for (unsigned round = 0; round < rounds; round++) {
        if (!meanwhile)
            service_stop(service);
        if (size_of(path) > 0)
            scribble(path, round + 1);
        if (!meanwhile)
            service_launch(service);
        struct tally tally = ask_boldly(service);
        served += tally.served;
        broken += tally.broken;
        EXPECT(tally.served + tally.broken == 40, "%u otherwise", tally.other + tally.unavailable);
    }
    while (passes++ < 5 && count_served(ask_boldly(service)) < 40)
        continue;
    printf("%u of %u requests served; %zu files set aside, %zu workers died\n", served, 40 * rounds,
           count_set_aside(service), count_in_file(service->errors, "was killed by signal"));
    EXPECT(passes <= 5, "processes go on dying");
    EXPECT(broken <= count_in_file(service->errors, "was killed by signal"), "%u are lost", broken);
    service_stop(service);
    free(path);
}

static void garbage_between(struct service *service)
{
    garbage(service, false);
}

static void garbage_meanwhile(struct service *service)
{
    garbage(service, true);
}

/* ---- no ledger at all ---- */

/* Requests without limits go on, those with limits are refused, all by the same cause; then it is mended. */
static void without(struct service *service, const char *words)
{
    struct tally free_of_limits = ask(service, NULL, 20), limited = ask(service, "ledger", 20);
    EXPECT(free_of_limits.served == 20, "requests without limits: %u served", free_of_limits.served);
    EXPECT(limited.unavailable == 20, "requests with limits: %u served, %u refused, %u unavailable",
           limited.served, limited.limited, limited.unavailable);
    size_t said = count_in_file(service->errors, words);
    EXPECT(said > 0, "the error log does not say \"%s\"", words);
    EXPECT(said <= serving(service) + 2, "%zu times said by %zu workers", said, serving(service));
}

static bool is_well(const struct service *service)
{
    return count_served(ask(service, "ledger", 1)) == 1;
}

static void linked(struct service *service)
{
    char *path = path_of(service, "state/ledger.mdb"), *other = path_of(service, "elsewhere");
    make_state(service);
    EXPECT(symlink(other, path) == 0, "cannot link");
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    without(service, "no ordinary file");
    EXPECT(access(other, F_OK) != 0, "the link was followed");
    unlink(path);
    EXPECT_SOON(is_well(service), "it is not well again");
    service_stop(service);
    free(path);
    free(other);
}

static void lock_linked(struct service *service)
{
    char *path = path_of(service, "state/ledger.mdb-lock"), *other = path_of(service, "elsewhere");
    make_state(service);
    file_write(other, "precious", strlen("precious"));
    chmod(other, 0666);
    EXPECT(symlink(other, path) == 0, "cannot link");
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    EXPECT(count_served(ask(service, "ledger", 5)) == 5, "a lock without a ledger is in the way");
    EXPECT(size_of(other) == (off_t)strlen("precious"), "the link was followed");
    service_stop(service);
    free(path);
    free(other);
}

static void forbidden(struct service *service)
{
    char *state = path_of(service, "state");
    if (geteuid() != 0)
        check_cannot_run("only root can take a folder away from the workers");
    file_write(state, "", 0); /* no folder at all, so that it is not made the workers' */
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    without(service, "cannot be used");
    unlink(state);
    make_state(service);
    EXPECT_SOON(is_well(service), "it is not well again");
    service_stop(service);
    free(state);
}

static void allowed_without(struct service *service)
{
    char *state = path_of(service, "state");
    file_write(state, "", 0);
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT "ledger_down = \"allow\";\n");
    struct tally tally = ask(service, "ledger", 20);
    EXPECT(tally.served == 20, "%u served", tally.served);
    service_stop(service);
    free(state);
}

/* As on hosts that limit what their customers may write. */
static void not_so_large(struct service *service)
{
    struct rlimit limit = {.rlim_cur = 256 * 1024, .rlim_max = RLIM_INFINITY};
    EXPECT(setrlimit(RLIMIT_FSIZE, &limit) == 0, "no limit can be set");
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    struct tally unlimited = ask(service, NULL, 20), limited = ask(service, "ledger", 20);
    printf("%u of 20 served without limits; with limits %u served, %u unavailable\n", unlimited.served,
           limited.served, limited.unavailable);
    EXPECT(unlimited.served == 20, "%u otherwise", unlimited.other + unlimited.unavailable);
    EXPECT(limited.served + limited.unavailable == 20, "%u otherwise", limited.other);
    expect_no_death(service);
    service_stop(service);
}

/* ---- a full disk ---- */

static void mount_small_disk(const struct service *service)
{
    char *state = path_of(service, "state");
    make_state(service);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", state, "tmpfs", 0, "size=2m,mode=777") != 0)
        check_cannot_run("no small disk can be mounted");
    free(state);
}

static void fill_disk(const char *path)
{
    static const char zeros[PAGE];
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    while (write(file, zeros, sizeof zeros) > 0)
        continue;
    EXPECT(file >= 0 && errno == ENOSPC, "the disk does not fill");
    close(file);
}

/* What is spent while the ledger cannot be written is still in the sums when it can. */
static void disk_full(struct service *service)
{
    char *filler = path_of(service, "state/filler");
    mount_small_disk(service);
    burst_stage_start(service, BY_POOL, BUDGET_CLIENT);
    EXPECT(count_served(ask(service, "ledger", 20)) == 20, "it does not begin well");
    fill_disk(filler);
    struct tally unlimited = ask(service, NULL, 20), limited = ask(service, "ledger", 20);
    printf("on a full disk %u of 20 served without limits; with limits %u served, %u unavailable\n",
           unlimited.served, limited.served, limited.unavailable);
    EXPECT(unlimited.served == 20, "%u otherwise", unlimited.other + unlimited.unavailable);
    EXPECT(limited.served + limited.unavailable == 20, "%u otherwise", limited.other);
    unlink(filler);
    struct tally after = ask(service, "ledger", 300);
    service_stop(service);
    EXPECT(20 + limited.served + after.served == WORTH, "%u and %u served of a budget for %d", limited.served,
           after.served, WORTH - 20);
    expect_no_death(service);
    burst_expect_truth(service, 360);
    free(filler);
}

/* ---- a log that cannot be written ---- */

static void spoil_log(const struct service *service)
{
    EXPECT(symlink("/nowhere", service->usage) == 0, "cannot link");
}

/* The workers may not make files in the folder. */
static void mend_log(const struct service *service)
{
    unlink(service->usage);
    file_write(service->usage, "", 0);
    chmod(service->usage, 0666);
}

/* Asks, one after the other, until all that were ever asked have their records: `asked` of them before. */
static void expect_all(const struct service *service, const struct burst *like, size_t asked)
{
    struct burst burst = *like;
    struct tally tally;
    burst.requests = burst.askers = 1;
    EXPECT_SOON((burst_play(service, &burst, &tally), records(service) == ++asked),
                "%zu records of %zu requests", records(service), asked);
    burst_stage_stop(service, like->way);
    burst_expect_truth(service, asked);
}

/* The records wait in the ledger, and are in the log once it can be written: each once. */
static void log_forbidden(struct service *service, enum way way, unsigned requests)
{
    struct burst burst = {.way = way, .key = "ledger", .body = EXACT, .requests = requests, .askers = 8};
    struct tally tally;
    spoil_log(service);
    burst_stage_start(service, way, BUDGET_CLIENT);
    burst_play(service, &burst, &tally);
    EXPECT(tally.served == requests, "%u served", tally.served);
    if (way == BY_POOL) {
        EXPECT_SOON(count_in_file(service->console, "\"request_id\"") == requests,
                    "%zu records on standard error", count_in_file(service->console, "\"request_id\""));
        EXPECT(service_has_logged(service, "cannot write the usage log"), "it is not logged");
    }
    mend_log(service);
    expect_all(service, &burst, requests);
    if (way == BY_POOL)
        EXPECT(count_in_file(service->console, "\"request_id\"") == requests,
               "lines that were kept go to standard error again");
}

static void log_forbidden_pool(struct service *service)
{
    log_forbidden(service, BY_POOL, 60);
}

static void log_forbidden_cgi(struct service *service)
{
    log_forbidden(service, BY_CGI, 20);
}

/* Nothing that cannot be recorded is done, and it goes on by itself when it can. */
static void log_required(struct service *service, enum way way)
{
    struct burst burst = {.way = way, .key = "ledger", .body = EXACT, .requests = 10, .askers = 2};
    struct tally tally;
    size_t asked = 10;
    setenv(BURST_LOG_REQUIRED, "true", 1);
    spoil_log(service);
    unsigned port = burst_stage_start(service, way, BUDGET_CLIENT);
    burst_play(service, &burst, &tally);
    EXPECT(tally.unavailable == 10, "%u served, %u unavailable", tally.served, tally.unavailable);
    EXPECT(burst_provider(port, "requests") == 0, "the provider was asked");
    mend_log(service);
    burst.requests = burst.askers = 1;
    EXPECT_SOON((asked++, burst_play(service, &burst, &tally), tally.served == 1), "it is not well again");
    expect_all(service, &burst, asked);
}

static void log_required_pool(struct service *service)
{
    log_required(service, BY_POOL);
}

static void log_required_cgi(struct service *service)
{
    log_required(service, BY_CGI);
}

const struct check broken_checks[] = {
    {"file: one that is not ours is set aside, the budget stays", foreign},
    {"file: two bytes that are no ledger", foreign_and_short},
    {"file: emptied, the budget stays", emptied},
    {"file: torn, the budget stays", torn},
    {"file: torn within its first pages, the budget stays", torn_off},
    {"file: torn at a length that a whole one may have, the budget stays", torn_evenly},
    {"file: says that it is larger than any, the budget stays", boasting},
    {"file: gone, the budget stays", gone},
    {"file: gone while it is used, the budget stays", gone_meanwhile},
    {"file: replaced while it is used, the budget stays", replaced_meanwhile},
    {"file: torn while it is used, the budget stays", cut_meanwhile},
    {"file: emptied while it is used, the budget stays", emptied_meanwhile},
    {"file: garbage in it", garbage_between},
    {"file: garbage in it while it is used", garbage_meanwhile},
    {"file: a link is not followed", linked},
    {"file: a link in the lock's place is not followed", lock_linked},
    {"down: nowhere to be, limits are refused", forbidden},
    {"down: nowhere to be, and that is allowed", allowed_without},
    {"down: no file may be so large", not_so_large},
    {"down: a full disk", disk_full},
    {"log: forbidden, records wait and come once", log_forbidden_pool},
    {"log: forbidden, CGI", log_forbidden_cgi},
    {"log: required, pool", log_required_pool},
    {"log: required, CGI", log_required_cgi},
    {0},
};
