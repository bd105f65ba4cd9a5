/* The settings as plain data, for all folders to read. */
#ifndef PENSTOCK_CONFIG_SETTINGS_TYPES_H
#define PENSTOCK_CONFIG_SETTINGS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/secret.h"
#include "config/api.h"

struct settings_values;
struct preset;

enum status_access { STATUS_CLIENTS, STATUS_OPEN };
enum keepalive_form { KEEPALIVE_CHUNK, KEEPALIVE_COMMENT };
enum unpriced { UNPRICED_ALLOW, UNPRICED_REFUSE };
enum reasoning { REASONING_PRESET, REASONING_CONTENT, REASONING_THINK, REASONING_DROP };
enum ledger_down { LEDGER_DOWN_REFUSE, LEDGER_DOWN_ALLOW };

/* Money is in billionths of a USD. 0: no limit. */
struct client_limits {
    int64_t requests_per_minute, tokens_per_minute, concurrent, usd_per_day, usd_per_month, usd_total;
    int64_t requests_per_day;
};

struct run_limits {
    int64_t max_errors, max_cost, error_window_ms; /* window: age at which errors expire; 0: never */
    int64_t expire_ms; /* time after its last use at which a run is forgotten; 0: never */
};

/* The targets of an alias: names "PROVIDER:MODEL", and for each what its group says. */
struct target_list {
    size_t count;
    char **items;
    struct target_options {
        int64_t weight; /* share of the requests that go there first; -1: not set */
        bool larger;    /* the target has a larger context window */
    } * options;
};

/* A name that stands for models of providers. */
struct alias_settings {
    char *name;
    struct target_list targets; /* in the order in which they are tried; 1 to TARGETS_MAX */
    struct string_list larger;  /* the targets with a larger context window */
    int64_t first_byte_ms, first_token_ms, idle_ms; /* while another target is left to ask; 0: no limit */
    int64_t hold_bytes;                             /* bytes of a stream to hold back; -1: all, 0: no limit */
    int64_t hold_ms; /* time to hold a stream back; 0: no limit. Both 0: until the first content */
};

struct retry_settings {
    int64_t max_attempts, same_target; /* attempts over all targets; retries at one target */
    int64_t budget_ms;   /* time from the first failure on for pauses and retries; 0: no limit */
    int64_t max_wait_ms; /* longest delay before a retry */
};

struct breaker_settings {
    int64_t failures; /* consecutive failures that open the breaker; 0: the breaker never opens */
    int64_t open_for_ms;
    int64_t longest_ms; /* longest cool-down, and longest time that a probe may take */
};

/* A text that is not set or is set to "" is NULL. */
struct provider_settings {
    char *name, *preset_name, *base_url, *api_key_file, *proxy, *ca_file;
    struct secret api_key;  /* from the file, the key file or the environment, cleaned; empty: none */
    const char *key_origin; /* "api_key", "api_key_file" or an environment variable; NULL: no key */
    bool key_needed;        /* the provider is a preset at its own address and does not work without a key */
    const struct preset *preset; /* never NULL */
    char *api_version;
    int64_t auth;      /* enum auth */
    int64_t reasoning; /* enum reasoning */
    int64_t max_tokens_default;
    bool client_keys, trace;
    int64_t connect_ms, first_byte_ms, first_token_ms, idle_ms, total_ms; /* 0: no limit */
    struct string_list models, drop, speaks;
    struct api_list apis;                        /* from `speaks`, else from the preset */
    struct name_value_list headers, rename, set; /* `set`: values are JSON texts */
    struct name_value_list forward_headers;      /* from a member of the client's JSON object to a header */
};

struct client_settings {
    char *name, *key_sha256, *expires;
    char *remote_user, *certificate; /* a login at the web server, "*" for any; a subject */
    unsigned char key_digest[32];
    bool has_key;
    bool status;                      /* the client may read /status and /metrics */
    bool passthrough;                 /* the client may use paths of the provider that have no route */
    int64_t expires_s;                /* seconds since 1970; 0: the client never expires */
    struct string_list models;        /* patterns; empty: all models */
    struct string_list service_tiers; /* that a request may name; empty: all */
    struct client_limits limits;
};

/* In this struct a text that is not set is "", unless its comment mentions NULL. */
struct settings {
    char *file; /* the configuration file; NULL: none */
    char *listen, *socket_owner, *socket_group, *user, *group, *pid_file, *state_dir;
    int64_t socket_mode, socket_backlog, stop_timeout_ms;
    int64_t min_spare, max_spare, max_workers, max_requests, concurrency, workers;
    int64_t queue_timeout_ms;      /* 0: no limit */
    char *usage_path, *error_path; /* "": standard error */
    bool log_required;             /* reject requests while the usage log cannot be written */
    char *prices;                  /* "": only the installed prices */
    int64_t unpriced;              /* enum unpriced */
    char *ledger;                  /* "": the embedded store */
    struct secret ledger_password; /* empty: none */
    int64_t ledger_down;           /* enum ledger_down */
    struct run_limits runs;
    int64_t log_level; /* enum log_level */
    int64_t body_max, upload_max, answer_max, event_max, header_max, json_depth, client_timeout_ms, body_rate;
    int64_t memory_max;        /* 0: no limit */
    int64_t attachment_tokens; /* reckoned for a picture or file that a request names by URL or id */
    int64_t keepalive_interval_ms, keepalive_before_status_ms, keepalive_form;
    struct retry_settings retry;
    struct breaker_settings breaker;
    int64_t auth_error_status;             /* 0: the provider's status */
    struct string_list trusted_peers;      /* numeric addresses */
    struct string_list origins;            /* of web pages, "*" for all */
    struct client_limits anonymous_limits; /* of each address; only those of requests */
    bool anonymous, stream_error_done, error_detail, show_base_url, trace;
    int64_t status_access;                              /* enum status_access */
    char *cost_header, *default_provider, *force_model; /* if not set: the only provider, or NULL; "": none */
    char *passthrough; /* name of the provider that gets paths without a route; "": none */
    size_t provider_count, client_count, alias_count;
    struct provider_settings *providers;
    struct client_settings *clients;
    struct alias_settings *aliases;
    struct settings_values *values; /* the values from all sources, without secrets */
};

#endif
