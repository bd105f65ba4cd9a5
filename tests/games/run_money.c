/* The money game: clients with limits spend, while workers are killed, settings reloaded and the clock is
 * set.
 *
 *     run_money [--seed N] [--count N] [--only NUMBER] [--known] [--keep] [-v] [--way cgi|fd0] [--redis]
 *
 * The provider keeps a bill of what it has generated. Afterwards no bill is larger than its client's budget,
 * the records say what the provider says, ledger and reports have the sum of the records, and no client that
 * waits for its answers was refused what it had money for. --only plays one request, without disturbance. The
 * gateway is penstock serve, or with --way a CGI program or workers that a web server starts; --redis keeps
 * the accounts there. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "game_provider.h"
#include "money_game.h"
#include "tests/kit/answer.h"
#include "tests/kit/files.h"
#include "tests/kit/process.h"
#include "tests/kit/redis.h"
#include "tests/kit/text.h"

#define COUNT 3000
#define AT_ONCE 32
#define PHASES 6
#define KILL_MS 400
#define RELOAD_MS 4000
#define CALM 60 /* last requests, in which CGI programs record those that were killed */
#define AN_HOUR 3600L

/* ---- the clients ---- */

/* The client of the next request must be free; requests keep their order. */
static bool next(void *context, struct seat_request *seat)
{
    struct money_game *money = context;
    static char id[32];
    if (money->next == money->until)
        return false;
    long number = money->next;
    struct money_request request = money_request_of(money->game.seed, number);
    bool *busy = &money->busy[request.client];
    if (*busy)
        return false;
    *busy = money->clients[request.client].sequential;
    money->next++;
    snprintf(id, sizeof id, GAME_ID "%ld", number);
    *seat = (struct seat_request){.number = number,
                                  .url = money_request_url(&request),
                                  .type = money_request_type(&request),
                                  .key = money_client_key(request.client),
                                  .id = id};
    money_request_body(&request, number, &seat->body);
    if (request.fate == FATE_LEAVES)
        seat->leave_ms = 60;
    if (request.fate == FATE_LEAVES_LAST)
        seat->leave_words = "\"finish_reason\":\"stop\"";
    money->plays[number] = (struct money_play){
        .phase = money->phase, .began_ms = now_ms(), .body_length = seat->body.length};
    if (money->game.only >= 0)
        printf("%s\n%s\n", seat->url, seat->body.bytes);
    return true;
}

static enum money_result result_of(const struct answer *answer, enum seat_end end)
{
    const char *body = answer->body ? answer->body : "";
    if (end == SEAT_LEFT)
        return RESULT_LEFT;
    if (end != SEAT_WHOLE)
        return end == SEAT_BROKE ? RESULT_BROKEN : RESULT_OTHER;
    if (answer->status == 200 || strstr(body, "\"source\":\"provider\"") ||
        strstr(body, "\"source\":\"network\""))
        return RESULT_SERVED;
    if (answer->status == 429 && strstr(body, "\"reason\":\"limit_reached\""))
        return RESULT_LIMITED;
    if (answer->status == 400)
        return RESULT_REFUSED;
    return answer->status == 503 ? RESULT_OVERFULL : RESULT_OTHER;
}

static size_t count_letters(const struct answer *answer)
{
    size_t count = 0;
    for (const char *at = answer->body; at && (at = strstr(at, MONEY_WORD)); at++)
        count++;
    return count;
}

static void ended(void *context, long number, const struct talk *talk, enum seat_end end)
{
    struct money_game *money = context;
    struct money_play *play = &money->plays[number];
    struct money_request request = money_request_of(money->game.seed, number);
    struct answer answer;
    answer_parse(&answer, text_words(&talk->heard), talk->heard.length);
    play->result = result_of(&answer, end);
    play->status = answer.status;
    play->ended_ms = now_ms();
    play->seen = (long)count_letters(&answer);
    if (play->result == RESULT_REFUSED && !money_request_is_bad(&request))
        play->result = RESULT_OTHER;
    if (play->result == RESULT_OTHER && money->word_count < 4)
        snprintf(money->words[money->word_count++], sizeof money->words[0], "%ld: %.180s", number,
                 answer.body ? answer.body : "");
    money->busy[request.client] = false;
    if (money->game.only >= 0)
        printf("%s\n", text_words(&talk->heard));
}

/* ---- disturbances ---- */

static void kill_one(struct money_game *money)
{
    static const int signals[] = {SIGKILL, SIGSEGV, SIGABRT};
    pid_t pids[WORKERS_MAX];
    size_t count = money->game.way == WAY_CGI ? seats_programs(pids)
                                              : service_workers(&money->game.service, pids);
    struct dice dice = dice_of(money->game.seed, (UINT64_C(1) << 41) + (uint64_t)money->kills);
    if (count && kill(pids[dice_roll(&dice, (unsigned)count)], signals[dice_roll(&dice, 3)]) == 0)
        money->kills++;
}

static void tick(void *context)
{
    struct money_game *money = context;
    int64_t now = now_ms();
    bool calm = money->game.way == WAY_CGI && money->next + CALM > money->game.count;
    if (money->disturbed && !calm && now > money->next_kill_ms) {
        kill_one(money);
        money->next_kill_ms = now + KILL_MS;
    }
    if (money->disturbed && money->game.way == WAY_SERVE && now > money->next_reload_ms) {
        money->reloads += kill(money->game.service.master, SIGHUP) == 0;
        money->next_reload_ms = now + RELOAD_MS;
    }
}

/* ---- the clock ---- */

static char *shift_file; /* NULL: the clock cannot be set */

static void set_clock(struct money_game *money, long seconds)
{
    struct text words = {0}, fresh = {0};
    text_format(&words, "%ld\n", seconds);
    text_format(&fresh, "%s.new", shift_file);
    file_write(fresh.bytes, words.bytes, words.length);
    if (chmod(fresh.bytes, 0644) != 0 || rename(fresh.bytes, shift_file) != 0)
        give_up("the clock cannot be set");
    money->steps += money->shared->shift_s != seconds;
    money->shared->shift_s = seconds;
    text_free(&words);
    text_free(&fresh);
}

static void take_clock(struct money_game *money, const char *program)
{
    char library[PATH_MAX];
    struct text path = {0};
    snprintf(library, sizeof library, "%s", program);
    char *slash = strrchr(library, '/');
    snprintf(slash ? slash : library, sizeof library - (size_t)(slash ? slash - library : 0),
             "/../faults/clock_shift.so");
    char *found = realpath(library, NULL);
#if defined(__SANITIZE_ADDRESS__)
    free(found);
    found = NULL; /* sanitizers want to be loaded first */
#endif
    if (!found) {
        printf("could not run: money: steps of the clock: tests/faults/clock_shift.so cannot be loaded\n");
        return;
    }
    text_format(&path, "%s/shift", money->game.service.folder);
    shift_file = path.bytes;
    set_clock(money, 0);
    setenv("LD_PRELOAD", found, 1);
    setenv("CLOCK_SHIFT", shift_file, 1);
    free(found);
}

/* ---- the game ---- */

static struct redis_server redis;

static void start(struct money_game *money)
{
    struct text settings = {0}, prices = {0}, path = {0};
    unsigned port = money_provider_start(money->shared, money->game.seed);
    money_prices(&prices);
    text_format(&path, "%s/prices", money->game.service.folder);
    file_write(path.bytes, prices.bytes, prices.length);
    if (chmod(path.bytes, 0644) != 0)
        give_up("cannot open %s to others", path.bytes);
    text_format(&settings,
                "prices = \"%s\";\nproviders: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = "
                "\"key\"; }; };\n"
                "breaker: { failures = 0; };\npool: { min_spare = 34; max_spare = 44; max_workers = 60; };\n",
                path.bytes, port);
    money_clients_settings(money->clients, &settings);
    if (money->game.redis) {
        redis_server_start(&redis);
        text_format(&settings, "ledger = \"%s\";\n", redis.url);
    }
    game_start(&money->game, settings.bytes);
    text_free(&settings);
    text_free(&prices);
    text_free(&path);
}

/* All requests of a phase have ended before the clock is set for the next one. */
static void play(struct money_game *money)
{
    static const long shifts[PHASES] = {0, 25 * AN_HOUR, 0, 49 * AN_HOUR, 25 * AN_HOUR, 0};
    struct seats seats = {
        .socket = money->game.service.address,
        .program = money->game.way == WAY_CGI ? money->game.service.binary : NULL,
        .config = money->game.service.config,
        .err = open(money->game.service.console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
        .count = AT_ONCE,
        .next = next,
        .ended = ended,
        .tick = tick,
        .context = money};
    bool alone = money->game.only >= 0;
    for (int phase = 0; phase < PHASES && !(alone && phase); phase++) {
        if (shift_file && !alone)
            set_clock(money, shifts[phase]);
        money->phase = phase;
        money->disturbed = !alone && phase % 2;
        money->until = alone ? money->game.only + 1 : money->game.count * (phase + 1) / PHASES;
        money->next = alone ? money->game.only : money->next;
        while (money->next < money->until)
            seats_play(&seats);
        usleep(300000); /* what follows an answer */
    }
}

int main(int argc, char **argv)
{
    static struct money_game money;
    struct game *game = &money.game;
    game_open(game, argc, argv, 20261129, COUNT);
    money_plays_known = game->known;
    if (game->only >= game->count)
        game->count = game->only + 1;
    money.shared = game_share(sizeof *money.shared + (size_t)game->count * sizeof money.shared->bills[0]);
    money.shared->count = game->count;
    money.plays = calloc((size_t)game->count, sizeof *money.plays);
    if (!money.plays)
        give_up("no memory for %ld requests", game->count);
    money_clients_draw(money.clients, game->seed, game->count, true);
    if (game->redis && !redis_server_possible()) {
        printf("could not run: money with Redis: redis-server is not installed\n");
        return 77;
    }
    take_clock(&money, argv[0]);
    start(&money);
    int64_t began = now_ms();
    play(&money);
    game_stop(game);
    printf("%ld requests in %.1f s, %ld kills, %ld reloads, %ld steps of the clock\n", game->count,
           (double)(now_ms() - began) / 1000, money.kills, money.reloads, money.steps);
    money_judge(&money);
    for (unsigned i = 0; i < money.word_count; i++)
        printf("    %s\n", money.words[i]);
    if (game->redis)
        redis_server_end(&redis);
    return game_close(game);
}
