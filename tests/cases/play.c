/* Plays a case: the client's part, round by round; then checks what upstream received and the usage records.
 */
#include "play.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../kit/answer.h"
#include "../kit/expand.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/variables.h"
#include "compare.h"
#include "invariants.h"
#include "records.h"
#include "stage.h"
#include "upstream_heard.h"

#define PATIENCE_MS 20000

/* The state of a round until its record is checked. */
struct heard_round {
    struct text bytes;
    struct answer answer;
    bool left;
};

/* "Name: value" adds a header, "NAME=value" sets a variable, "-NAME" removes one. */
static void apply_line(struct variables *request, const char *line)
{
    size_t size = strcspn(line, ":=");
    char *name = copy_bytes(line, size);
    if (*line == '-')
        variables_unset(request, line + 1);
    else if (line[size] == '=')
        variables_set(request, name, "%s", line + size + 1);
    else if (line[size] == ':')
        variables_set_header(request, name, line + size + 1 + strspn(line + size + 1, " "));
    else
        give_up("no header: %s", line);
    free(name);
}

/* CONTENT_LENGTH is the body's, where there is one, unless the case says otherwise. */
static void read_request(struct stage *stage, const struct section *says, struct variables *request,
                         struct text *body)
{
    const char *at = section_body(says->body, says->length), *end = says->body + says->length;
    expand(body, at, (size_t)(end - at), stage_lookup, stage);
    struct text head = {0};
    expand(&head, says->body, (size_t)(at - says->body), stage_lookup, stage);
    char *line = strtok(head.bytes, "\n"), *space = line ? strchr(line, ' ') : NULL;
    if (!space)
        give_up("line %d: METHOD URL is wanted", says->line);
    *space = '\0';
    variables_for_request(request, line, space + 1);
    if (body->length)
        variables_set(request, "CONTENT_LENGTH", "%zu", body->length);
    while ((line = strtok(NULL, "\n")))
        apply_line(request, line);
    text_free(&head);
}

static void wait_for_words(struct stage *stage, struct talk *talk, const char *words)
{
    while (!strstr(text_words(&talk->heard), words))
        if (!talk_step(talk, PATIENCE_MS)) {
            if (!strstr(text_words(&talk->heard), words))
                complain(stage, "the answer ended before the client heard %s", words);
            return;
        }
}

static void wait_for_count(struct stage *stage, const char *name, long least)
{
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (stage_provider_counts(stage, name) < least) {
        if (now_ms() > deadline) {
            complain(stage, "the provider's %s stays below %ld", name, least);
            return;
        }
        rest();
    }
}

/* Waits until the provider has no connection but the one of this request. */
static void wait_for_close(struct stage *stage)
{
    for (int64_t deadline = now_ms() + PATIENCE_MS; stage_provider_counts(stage, "open") > 1; rest())
        if (now_ms() > deadline) {
            complain(stage, "the provider's connection stays open");
            return;
        }
}

/* The upstream transfer must end at once: the provider would continue for ever. */
static void leave(struct stage *stage, struct talk *talk)
{
    bool under_way = stage_provider_counts(stage, "answering") > 0;
    talk_leave(talk);
    if (under_way)
        wait_for_count(stage, "closed_by_peer_early", 1);
}

static void act(struct stage *stage, struct talk *talk, const char *line)
{
    static const char words[] = "wait for words ", upstream[] = "wait for upstream ", name[] = "confirm ";
    if (strncmp(line, words, sizeof words - 1) == 0) {
        wait_for_words(stage, talk, line + sizeof words - 1);
    } else if (strncmp(line, upstream, sizeof upstream - 1) == 0) {
        while (talk->sent < talk->out.length && talk_step(talk, 10))
            ;
        wait_for_count(stage, "requests", atol(line + sizeof upstream - 1));
    } else if (strncmp(line, name, sizeof name - 1) == 0) {
        struct text target = {0}, nothing = {0};
        text_format(&target, "/confirm?frame=%s", line + sizeof name - 1);
        if (!net_get(stage->port, target.bytes, &nothing, PATIENCE_MS))
            give_up("the fake provider does not answer");
        text_free(&target);
        text_free(&nothing);
    } else if (strcmp(line, "wait for close") == 0) {
        while (talk_step(talk, PATIENCE_MS))
            ;
        wait_for_close(stage);
    } else if (strcmp(line, "leave") == 0) {
        leave(stage, talk);
    } else if (strcmp(line, "leave, and the transfer goes on") == 0) {
        talk_leave(talk);
    } else {
        give_up("the client cannot do this: %s", line);
    }
}

static void act_all(struct stage *stage, struct talk *talk, const struct section *does)
{
    char *lines = does ? copy_bytes(does->body, does->length) : NULL;
    for (char *line = lines ? strtok(lines, "\n") : NULL; line; line = strtok(NULL, "\n"))
        act(stage, talk, line);
    free(lines);
}

/* A CGI program that got SIGTERM may die of the signal. */
static void end_talk(struct stage *stage, struct talk *talk, bool left)
{
    if (talk->broken && !left)
        complain(stage, "the FastCGI connection ended without END_REQUEST");
    if (talk->application_status != 0)
        complain(stage, "END_REQUEST with application status %d", talk->application_status);
    if (talk->complaint.length)
        complain(stage, "FastCGI STDERR: %s", talk->complaint.bytes);
    int status = talk_end(talk, PATIENCE_MS);
    bool told = left && status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    if (status != 0 && !told)
        complain(stage, "the CGI program ended with %s", process_end_words(status));
}

static void compare_json_body(struct stage *stage, const char *lines, const struct answer *answer)
{
    cJSON *json = cJSON_ParseWithLength(answer->body, answer->body_length);
    if (!json)
        complain(stage, "body: not JSON: %.200s", answer->body);
    else
        compare_json(stage, "body", lines, json);
    cJSON_Delete(json);
}

static void compare_matching(struct stage *stage, const char *expression, size_t length,
                             const struct answer *answer)
{
    struct text wanted = {0};
    expand(&wanted, expression, length, stage_lookup, stage);
    if (!matches(answer->body, wanted.bytes))
        complain(stage, "body: does not match %s: %s", wanted.bytes, answer->body);
    text_free(&wanted);
}

static void compare_answer(struct stage *stage, const struct section *hears, const struct answer *answer)
{
    const char *at = section_body(hears->body, hears->length), *end = hears->body + hears->length;
    stage->line = hears->line;
    if (answer->status != atoi(hears->body))
        complain(stage, "status: wanted %d, heard %d: %.300s", atoi(hears->body), answer->status,
                 answer->body);
    const char *headers = strchr(hears->body, '\n');
    if (headers)
        compare_headers(stage, "answer", headers + 1, answer);
    if (section_is(hears, ", as JSON")) {
        compare_json_body(stage, at, answer);
    } else if (section_is(hears, ", matching")) {
        compare_matching(stage, at, (size_t)(end - at), answer);
    } else if (section_is(hears, ", as frames")) {
        compare_frames(stage, at, answer->body, answer->body_length);
    } else if (at < end) {
        struct text wanted = {0};
        expand(&wanted, at, (size_t)(end - at), stage_lookup, stage);
        compare_bytes(stage, "body", text_words(&wanted), wanted.length, answer->body, answer->body_length);
        text_free(&wanted);
    }
}

static void play_round(struct stage *stage, const struct round *round, struct heard_round *heard, bool loud)
{
    struct variables request = {0};
    struct text body = {0};
    struct talk talk;
    read_request(stage, round->says, &request, &body);
    bool head = strcmp(variables_get(&request, "REQUEST_METHOD"), "HEAD") == 0;
    stage_ask(stage, &talk, &request, &body);
    act_all(stage, &talk, round->does);
    heard->left = talk.to < 0 && talk.from < 0;
    while (talk_step(&talk, PATIENCE_MS))
        ;
    text_append(&heard->bytes, text_words(&talk.heard), talk.heard.length);
    answer_parse(&heard->answer, heard->bytes.bytes, heard->bytes.length);
    if (loud)
        printf("%s\n", heard->bytes.bytes);
    end_talk(stage, &talk, heard->left);
    stage->answer = &heard->answer;
    bool cut = round->hears && section_is(round->hears, ", cut"); /* shorter than it announced */
    if (!heard->left)
        check_answer(stage, &heard->answer, head || cut);
    if (round->hears)
        compare_answer(stage, round->hears, &heard->answer);
    variables_free(&request);
    text_free(&body);
}

void play(struct stage *stage, bool loud)
{
    struct heard_round heard[MAX_ROUNDS] = {0};
    const struct test_case *test = stage->test;
    struct records records;
    for (size_t i = 0; i < test->round_count; i++)
        play_round(stage, &test->rounds[i], &heard[i], loud);
    stage_close_programs(stage);
    compare_upstream(stage, loud);
    records_read(stage, &records, loud);
    for (size_t i = 0; i < test->round_count; i++) {
        stage->answer = &heard[i].answer;
        records_compare_next(stage, &records, test->rounds[i].record,
                             heard[i].left ? NULL : &heard[i].answer);
    }
    records_end(stage, &records);
    check_leftovers(stage);
    for (size_t i = 0; i < test->round_count; i++)
        text_free(&heard[i].bytes);
}
