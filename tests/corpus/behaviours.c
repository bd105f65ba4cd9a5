/* Plays the cases of earlier systems to our own code: behaviours [--list] CASES DEVIATIONS PENSTOCK PROVIDER.
 *
 * Each case of the kinds below must hold, or be in the list of deviations with exactly our result. A
 * deviation that no longer occurs is a failure as well, so that the list stays true. --list prints each
 * deviation under its case, as the list writes it. The cases were recorded elsewhere and are not part of the
 * source. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/text.h"
#include "deviations.h"
#include "kinds.h"
#include "outcome.h"

static struct kind {
    const char *name;
    check_case *check;
    size_t holds, deviates, wrong;
} kinds[] = {
    {"error_normalize", check_error_normalize, 0, 0, 0},
    {"classify", check_classify, 0, 0, 0},
    {"retryable", check_retryable, 0, 0, 0},
    {"message_extract", check_message_extract, 0, 0, 0},
    {"exception_translate", check_exception_translate, 0, 0, 0},
    {"transport_map", check_transport_map, 0, 0, 0},
    {"status_map", check_status_map, 0, 0, 0},
    {"sse_status_peek", check_sse_status_peek, 0, 0, 0},
    {"sse_error", check_sse_error, 0, 0, 0},
    {"stream_terminal", check_stream_terminal, 0, 0, 0},
    {"retry_after", check_retry_after, 0, 0, 0},
    {"duration_parse", check_duration_parse, 0, 0, 0},
    {"retry_policy", check_retry_policy, 0, 0, 0},
    {"retry_decision", check_retry_decision, 0, 0, 0},
    {"circuit_breaker", check_circuit_breaker, 0, 0, 0},
    {"cooldown", check_cooldown, 0, 0, 0},
    {"responses_to_chat", check_responses_to_chat, 0, 0, 0},
    {"chat_to_responses", check_chat_to_responses, 0, 0, 0},
    {"responses_stream_synth", check_responses_stream, 0, 0, 0},
    {"param_map", check_param_map, 0, 0, 0},
    {"stream_options", check_stream_options, 0, 0, 0},
    {"model_parse", check_model_parse, 0, 0, 0},
    {"key_sanitize", check_key_sanitize, 0, 0, 0},
    {"models_list", check_models_list, 0, 0, 0},
    {"forward_headers", check_forward_headers, 0, 0, 0},
    {"provider_data", check_provider_data, 0, 0, 0},
    {"usage_extract", check_usage_extract, 0, 0, 0},
    {"cost", check_cost, 0, 0, 0},
    {"threshold", check_threshold, 0, 0, 0},
    {"http_block", check_http_block, 0, 0, 0},
    {"cleanup", check_cleanup, 0, 0, 0},
    {"classify_platform", check_classify_platform, 0, 0, 0},
    {"usage_endpoint", check_usage_endpoint, 0, 0, 0},
    {"quota", check_quota, 0, 0, 0},
    {"config_error", check_config_error, 0, 0, 0},
    {"error_code", check_error_code, 0, 0, 0},
    {"classify_record", check_classify_record, 0, 0, 0},
};

#define KINDS (sizeof kinds / sizeof *kinds)

static bool listing;

static struct kind *find_kind(const cJSON *item)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "kind");
    for (size_t i = 0; i < KINDS; i++)
        if (cJSON_IsString(name) && strcmp(kinds[i].name, name->valuestring) == 0)
            return &kinds[i];
    return NULL;
}

/* Identifies a case by its input and expected output, as cJSON prints them. */
static void digest_case(const cJSON *input, const cJSON *expected, char digest[static 9])
{
    struct text both = {0};
    char *in = cJSON_PrintUnformatted(input), *out = cJSON_PrintUnformatted(expected);
    text_format(&both, "%s\n%s", in, out);
    short_digest(both.bytes, both.length, digest);
    text_free(&both);
    free(in);
    free(out);
}

static void print_case(const cJSON *input, const cJSON *expected, const char *name, const char *digest,
                       const char *differs)
{
    char *in = cJSON_PrintUnformatted(input), *out = cJSON_PrintUnformatted(expected);
    printf("# %.300s\n#   %.300s\n    %s %s %s | \n", in, out, name, digest, differs);
    free(in);
    free(out);
}

static void judge(struct kind *kind, const char *digest, const char *differs, struct deviation *deviation)
{
    if (!*differs && !deviation)
        kind->holds++;
    else if (deviation && strcmp(deviation->differs, differs) == 0) {
        kind->deviates++;
        deviation->met++;
    } else {
        kind->wrong++;
        printf("FAILED %s %s: ours: %s; as listed: %s\n", kind->name, digest, *differs ? differs : "holds",
               deviation ? deviation->differs : "holds");
        if (deviation)
            deviation->met++;
    }
}

static void play(struct kind *kind, const cJSON *item, struct deviations *deviations)
{
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(item, "input"),
                *expected = cJSON_GetObjectItemCaseSensitive(item, "expected");
    struct outcome outcome = {.unknown = false};
    char digest[9];
    digest_case(input, expected, digest);
    kind->check(&outcome, input, expected);
    if (outcome.unknown)
        text_put(&outcome.differs, "unknown");
    const char *differs = text_words(&outcome.differs);
    if (listing && *differs)
        print_case(input, expected, kind->name, digest, differs);
    else if (!listing)
        judge(kind, digest, differs, deviation_find(deviations, kind->name, digest));
    text_free(&outcome.differs);
}

static cJSON *read_cases(const char *path)
{
    struct text text = {0};
    file_read(path, &text);
    cJSON *cases = cJSON_Parse(text.bytes);
    text_free(&text);
    if (!cJSON_IsArray(cases))
        give_up("%s is no list of cases", path);
    return cases;
}

/* Prints one line for each kind; returns the number of failures. */
static size_t report(const struct deviations *deviations)
{
    size_t passed = 0, failed = 0;
    for (size_t i = 0; i < KINDS; i++) {
        const struct kind *kind = &kinds[i];
        printf("%s: %zu hold, %zu deviate as listed, %zu fail\n", kind->name, kind->holds, kind->deviates,
               kind->wrong);
        passed += kind->holds + kind->deviates;
        failed += kind->wrong + (kind->holds + kind->deviates == 0);
    }
    for (size_t i = 0; i < deviations->count; i++)
        if (!deviations->items[i].met) {
            printf("FAILED line %d of the deviations: no case is %s %s\n", deviations->items[i].line,
                   deviations->items[i].kind, deviations->items[i].digest);
            failed++;
        }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed;
}

int main(int argc, char **argv)
{
    listing = argc > 1 && strcmp(argv[1], "--list") == 0;
    char **words = argv + 1 + listing;
    if (argc - 1 - listing != 4)
        give_up("behaviours [--list] CASES DEVIATIONS PENSTOCK PROVIDER");
    struct deviations deviations;
    deviations_read(&deviations, words[1]);
    kinds_programs(words[2], words[3]);
    cJSON *cases = read_cases(words[0]);
    const cJSON *item;
    cJSON_ArrayForEach(item, cases)
    {
        struct kind *kind = find_kind(item);
        if (kind)
            play(kind, item, &deviations);
    }
    cJSON_Delete(cases);
    size_t failed = listing ? 0 : report(&deviations);
    deviations_free(&deviations);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
