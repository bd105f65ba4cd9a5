/* How each kind of case is checked against our own code. */
#ifndef CORPUS_KINDS_H
#define CORPUS_KINDS_H

struct cJSON;
struct outcome;

/* Compares our result for `input` with `expected`. */
typedef void check_case(struct outcome *outcome, const struct cJSON *input, const struct cJSON *expected);

check_case check_error_normalize, check_classify, check_retryable, check_message_extract, check_status_map,
    check_exception_translate;                      /* kinds_failure.c */
check_case check_retry_after, check_duration_parse; /* kinds_delay.c */
check_case check_retry_policy, check_retry_decision, check_circuit_breaker,
    check_cooldown;                                                /* kinds_retry.c */
check_case check_sse_status_peek, check_stream_terminal;           /* kinds_stream.c */
check_case check_usage_extract, check_cost, check_classify_record; /* kinds_usage.c */
check_case check_param_map, check_stream_options, check_model_parse, check_key_sanitize, check_models_list,
    check_forward_headers, check_provider_data;                                      /* kinds_provider.c */
check_case check_transport_map, check_sse_error;                                     /* kinds_program.c */
check_case check_responses_to_chat, check_chat_to_responses, check_responses_stream; /* kinds_responses.c */

check_case check_threshold, check_http_block, check_cleanup, check_classify_platform, check_usage_endpoint,
    check_quota, check_error_code; /* kinds_runs.c */
check_case check_config_error;     /* kinds_provider.c */

/* The programs under test: penstock and the fake provider. */
void kinds_programs(const char *penstock, const char *provider);
const char *kinds_penstock_program(void);
const char *kinds_provider_program(void);

#endif
