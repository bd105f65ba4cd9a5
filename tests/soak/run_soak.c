/* Soaks penstock behind lighttpd: `run_soak SECONDS SCRIPTS PROVIDER PENSTOCK`.
 *
 * Clients send mixed traffic, providers fail, workers are killed and settings reloaded, while memory and
 * descriptors of each process are sampled. In the end every record must be there, and memory, descriptors
 * and workers must be as in the beginning. Prints a line each half minute, and verdicts at the end. */
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "../servers/client.h"
#include "../servers/expect.h"
#include "../servers/site.h"
#include "../servers/workers.h"
#include "tally.h"
#include "traffic.h"
#include "vitals.h"

#define LOOK_MS 2000
#define TELL_MS 30000
#define KILL_MS 10000
/* Growth in a worker's life: an unused worker has 100 KB; one that has served requests of all kinds has 450
 * KB and stays there. */
#define GROWTH_KB_MAX 512
#define MASTER_KB_MAX 1024 /* in all reloads together */
#define LEDGER_KB_MAX 4096
#define DESCRIPTORS_MAX 40
#define DESCRIPTORS_MORE 6 /* of a worker: its kept connections come and go */

static const struct mounting mounting = {"lighttpd-socket", "/llm", AT_ONCE, AT_ONCE, true, true};

struct soak {
    struct site site;
    struct traffic *traffic;
    pid_t master, clients[CLIENTS];
    struct vitals workers, masters;
    int64_t began_ms, length_ms;
    long kills, reloads;
    long master_kb, master_descriptors; /* in the beginning */
    bool good;
};

static double seconds_since(const struct soak *soak)
{
    return (double)(now_ms() - soak->began_ms) / 1000;
}

static long generation_of(const struct site *site)
{
    static const char mark[] = "\"generation\":";
    struct http_client client;
    struct http_request health = {.method = "GET", .path = "/healthz", .unnumbered = true};
    long generation = 0;
    if (client_begin(&client, site, &health) && client_receive_all(&client, PATIENCE_MS)) {
        const char *found = strstr(text_words(&client.body), mark);
        generation = found ? strtol(found + sizeof mark - 1, NULL, 10) : 0;
    }
    client_end(&client);
    return generation;
}

/* Replaces the site's settings, with providers that fail and what else the traffic needs. */
static void configure(struct soak *soak)
{
    struct text conf = {0};
    char *path = site_path(&soak->site, "penstock.conf");
    unsigned port = soak->site.provider_port;
    text_format(
        &conf,
        "default_provider = \"fake\";\nproviders: {\n  fake: { base_url = \"http://127.0.0.1:%u/v1\"; };\n"
        "  sick: { base_url = \"http://127.0.0.1:%u/v1\"; };\n"
        "  slow: { base_url = \"http://127.0.0.1:%u/v1\"; timeout: { first_byte = 1; }; };\n};\n"
        "clients: ( { name = \"visitor\"; key_sha256 = "
        "\"3de8e70f5b9b6ee21b6385b8e8b93b2edc7395fc88026cc73cd497e87f1e4b31\"; } );\n"
        "log: { usage = \"%s/log/usage.jsonl\"; errors = \"%s/log/error.log\"; };\nstate_dir = "
        "\"%s/run\";\n%s",
        port, port, port, soak->site.folder, soak->site.folder, soak->site.folder, traffic_settings());
    file_write(path, conf.bytes, conf.length);
    if (chmod(path, 0644) != 0)
        give_up("cannot open %s to others", path);
    text_free(&conf);
    free(path);
}

static void reload(struct soak *soak)
{
    long before = generation_of(&soak->site), now = before;
    kill(soak->master, SIGHUP);
    for (int64_t end = now_ms() + PATIENCE_MS; now <= before && now_ms() < end; rest())
        now = generation_of(&soak->site);
    EXPECT(now > before, "generation %ld stays", before);
    soak->reloads++;
}

/* The first workers do not have the traffic's providers: they must end before the traffic begins. */
static void await_end_of(const pid_t pids[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        EXPECT_SOON(kill(pids[i], 0) != 0, "a worker of the first generation stays");
}

/* Kills one of the younger half; the older workers show whether memory grows. */
static void kill_one(struct soak *soak)
{
    pid_t pids[WORKERS_MAX];
    size_t count = workers_list(&soak->site, pids), half = count / 2;
    if (half && kill(pids[half + (size_t)soak->kills % (count - half)], SIGKILL) == 0)
        soak->kills++;
}

static void look(struct soak *soak)
{
    pid_t pids[WORKERS_MAX];
    size_t count = workers_list(&soak->site, pids);
    double now_s = seconds_since(soak);
    for (size_t i = 0; i < count; i++)
        vitals_look(&soak->workers, pids[i], now_s);
    vitals_look(&soak->masters, soak->master, now_s);
}

static void tell(const struct soak *soak)
{
    pid_t pids[WORKERS_MAX];
    size_t count = workers_list(&soak->site, pids);
    long sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += private_kb(pids[i]);
    printf("%5.0f s: %ld requests, %ld wrong; %zu workers of %ld KB on average, the master %ld KB; %ld "
           "killed, %ld reloads\n",
           seconds_since(soak), traffic_good(soak->traffic), traffic_bad(soak->traffic), count,
           count ? sum / (long)count : 0, private_kb(soak->master), soak->kills, soak->reloads);
    fflush(stdout);
}

/* True once every `every_ms`. */
static bool due(int64_t *next_ms, int64_t every_ms)
{
    int64_t now = now_ms();
    if (now < *next_ms)
        return false;
    *next_ms = now + every_ms;
    return true;
}

static void run(struct soak *soak)
{
    int64_t reload_ms = soak->length_ms / 6 > 60000 ? soak->length_ms / 6 : 60000;
    int64_t next_look = 0, next_tell = now_ms() + TELL_MS, next_kill = now_ms() + KILL_MS,
            next_reload = now_ms() + reload_ms;
    while (now_ms() - soak->began_ms < soak->length_ms) {
        if (due(&next_look, LOOK_MS))
            look(soak);
        if (due(&next_tell, TELL_MS))
            tell(soak);
        if (due(&next_kill, KILL_MS))
            kill_one(soak);
        if (due(&next_reload, reload_ms))
            reload(soak);
        usleep(50000);
    }
}

/* ---- the verdict ---- */

static void judge(struct soak *soak, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void judge(struct soak *soak, bool good, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("%-7s", good ? "ok" : "FAILED");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    soak->good = soak->good && good;
}

static void judge_requests(struct soak *soak)
{
    long asked = soak->site.common->asked, disturbed = traffic_disturbed(soak->traffic, asked);
    for (size_t i = 0; errand_name(i); i++)
        printf("       %8ld %s%s\n", soak->traffic->errands[i].good, errand_name(i),
               soak->traffic->errands[i].bad ? ", and some went wrong" : "");
    judge(soak, traffic_bad(soak->traffic) == 0, "%ld requests went as they should, %ld did not",
          traffic_good(soak->traffic), traffic_bad(soak->traffic));
    judge(soak, disturbed <= soak->kills, "%ld were disturbed by %ld kills", disturbed, soak->kills);
}

static void judge_records(struct soak *soak)
{
    struct tally tally;
    long asked = soak->site.common->asked;
    for (int64_t end = now_ms() + PATIENCE_MS;; usleep(200000)) {
        tally_take(&tally, &soak->site, soak->traffic, asked);
        if (tally.missing == 0 || now_ms() > end)
            break;
    }
    judge(soak, tally.missing == 0 && tally.twice == 0 && tally.strange == 0,
          "%ld requests left %ld records: %ld are missing, %ld are there twice, %ld belong to no request",
          asked, tally.records, tally.missing, tally.twice, tally.strange);
    printf("       %ld say crashed; %ld requests never reached a worker\n", tally.crashed, tally.unheard);
}

static void judge_memory(struct soak *soak)
{
    size_t watched;
    double half = fmin(seconds_since(soak) / 12, 240);
    double median = vitals_median_slope(&soak->workers, half, &watched);
    double worst = 0, life = 0, worst_error = 0, worst_noise = 0;
    for (size_t i = 0; i < soak->workers.count; i++) {
        const struct vital *vital = &soak->workers.items[i];
        struct trend trend = vital_trend(vital);
        double lived = vital->last_s - vital->first_s, growth = trend.kb_per_hour / 3600 * lived;
        if (lived < half || growth <= worst)
            continue;
        worst = growth;
        worst_error = trend.error / 3600 * lived;
        worst_noise = trend.noise_kb;
        life = lived;
    }
    judge(
        soak, worst <= fmax(GROWTH_KB_MAX, 3 * worst_noise),
        "%zu workers were watched for %.0f s or longer: median slope %.0f KB an hour, the most grown %.0f KB "
        "(+- %.0f) in %.0f s, its samples %.0f KB around that line",
        watched, half, median, worst, worst_error, life, worst_noise);
    long master = private_kb(soak->master);
    judge(soak, master - soak->master_kb <= MASTER_KB_MAX,
          "the master had %ld KB and has %ld KB after %ld reloads", soak->master_kb, master, soak->reloads);
}

static void judge_descriptors(struct soak *soak)
{
    long most = 0, more = 0;
    for (size_t i = 0; i < soak->workers.count; i++) {
        const struct vital *vital = &soak->workers.items[i];
        most = vital->most_descriptors > most ? vital->most_descriptors : most;
        if (vital->samples && vital->last_descriptors - vital->first_descriptors > more)
            more = vital->last_descriptors - vital->first_descriptors;
    }
    judge(soak, most <= DESCRIPTORS_MAX && more <= DESCRIPTORS_MORE,
          "no worker had more than %ld descriptors, nor %ld more at its end than at its beginning", most,
          more + 1);
    long master = soak->masters.count ? soak->masters.items[0].last_descriptors : 0;
    judge(soak, master <= soak->master_descriptors + 1, "the master had %ld descriptors and has %ld",
          soak->master_descriptors, master);
}

/* Open and settled exchanges are removed from the ledger; accounts and hours stay. */
static void judge_ledger(struct soak *soak)
{
    char *path = site_path(&soak->site, "run/ledger.mdb");
    struct stat file = {0};
    bool there = stat(path, &file) == 0;
    long kilobytes = (long)file.st_blocks / 2;
    judge(soak, there && kilobytes <= LEDGER_KB_MAX, "the ledger takes %ld KB of the disk", kilobytes);
    free(path);
}

/* Counts the worker that answers this request. */
static long busy_workers(const struct site *site)
{
    static const char mark[] = "\"busy\":";
    struct http_client client;
    struct http_request health = {.method = "GET", .path = "/healthz", .unnumbered = true};
    long busy = -1;
    if (client_begin(&client, site, &health) && client_receive_all(&client, PATIENCE_MS)) {
        const char *found = strstr(text_words(&client.body), mark);
        busy = found ? strtol(found + sizeof mark - 1, NULL, 10) : -1;
    }
    client_end(&client);
    return busy;
}

static void judge_rest(struct soak *soak)
{
    long busy = 0, answering = 0;
    for (int64_t end = now_ms() + PATIENCE_MS; now_ms() < end; usleep(100000)) {
        busy = busy_workers(&soak->site);
        answering = site_provider_counter(&soak->site, "answering");
        if (busy == 1 && answering <= 1)
            break;
    }
    judge(soak, busy == 1 && answering <= 1,
          "%ld workers are busy with nothing, %ld answers go on at the provider", busy - 1,
          answering > 0 ? answering - 1 : 0);
    long died = (long)site_count_words(&soak->site, "log/error.log", "was killed by signal");
    long left = (long)site_count_words(&soak->site, "log/error.log", "warning: worker") - died;
    judge(soak, died <= soak->kills && left == 0,
          "%ld workers were ended by signals, %ld of them ours; %ld left unasked", died, soak->kills, left);
}

static void open_soak(struct soak *soak, char **argv)
{
    soak->traffic = mmap(NULL, sizeof *soak->traffic, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                         0);
    struct common *common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                                 0);
    if (soak->traffic == MAP_FAILED || common == MAP_FAILED)
        give_up("no shared memory");
    soak->site = (struct site){.common = common,
                               .scripts = realpath(argv[2], NULL),
                               .provider_program = realpath(argv[3], NULL),
                               .program = realpath(argv[4], NULL)};
    if (!soak->site.scripts || !soak->site.provider_program || !soak->site.program)
        give_up("not all of its programs are there");
    int status = site_open(&soak->site, &mounting);
    if (status == CANNOT_RUN) {
        printf("could not run: soak: lighttpd is not installed\n");
        exit(CANNOT_RUN);
    }
    if (status != 0)
        give_up("it does not come up");
    soak->master = master_pid(&soak->site);
    configure(soak);
    soak->began_ms = now_ms();
    pid_t first[WORKERS_MAX];
    size_t count = workers_list(&soak->site, first);
    reload(soak);
    await_end_of(first, count);
    soak->reloads = 0;
    look(soak);
    soak->master_kb = private_kb(soak->master);
    soak->master_descriptors = soak->masters.items[0].last_descriptors;
}

int main(int argc, char **argv)
{
    struct soak soak = {.good = true};
    if (argc != 5 || atol(argv[1]) < 30)
        give_up("run_soak SECONDS SCRIPTS PROVIDER PENSTOCK; at least 30 s");
    signal(SIGPIPE, SIG_IGN);
    soak.length_ms = (int64_t)atol(argv[1]) * 1000;
    open_soak(&soak, argv);
    traffic_start(soak.traffic, &soak.site, soak.clients);
    run(&soak);
    traffic_stop(soak.traffic, soak.clients);
    look(&soak);
    tell(&soak);
    judge_requests(&soak);
    judge_rest(&soak);
    judge_records(&soak);
    judge_memory(&soak);
    judge_descriptors(&soak);
    judge_ledger(&soak);
    bool closed = site_close(&soak.site);
    judge(&soak, closed, "all of it has ended");
    printf("%s\n", soak.good ? "PASSED" : "FAILED");
    return soak.good ? 0 : 1;
}
