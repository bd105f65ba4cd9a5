/* The settings of one process, read once from table rows, environment, file and command line. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lists.h"
#include "secret.h"

struct failure;
struct preset;

enum keepalive_form { KEEPALIVE_CHUNK, KEEPALIVE_COMMENT };

struct provider_settings {
    char *name, *preset_name, *base_url, *api_key_file, *proxy, *ca_file;
    struct secret api_key; /* as found in file, key file or environment; cleaned; empty: none */
    const struct preset *preset; /* never NULL */
    int64_t connect_ms, first_byte_ms, idle_ms, total_ms; /* 0: no limit */
    struct string_list models, drop;
    struct name_value_list headers, rename, set; /* `set`: values are JSON texts */
};

struct client_settings { char *name, *key_sha256; unsigned char key_digest[32]; };

struct settings {
    char *file; /* the file read, NULL: none */
    char *listen, *socket_owner, *socket_group, *user, *group, *pid_file, *state_dir;
    int64_t socket_mode, socket_backlog, stop_timeout_ms;
    int64_t min_spare, max_spare, max_workers, max_requests;
    char *usage_path, *error_path;
    int64_t log_level; /* enum log_level */
    int64_t body_max, answer_max, event_max, header_max, json_depth, client_timeout_ms;
    int64_t keepalive_interval_ms, keepalive_before_status_ms, keepalive_form;
    bool anonymous, stream_error_done;
    char *default_provider;
    size_t provider_count, client_count;
    struct provider_settings *providers;
    struct client_settings *clients;
};

struct settings_source {
    const char *file;              /* -c; NULL: the search order of penstock.conf(5) */
    const struct name_value *sets; /* --set path=value, beats all else */
    size_t set_count;
};

/* One mistake: `why->message` names file, line, setting and reason. */
typedef void settings_complain(void *context, const struct failure *why);

/* Reads everything; every mistake goes to `complain`. NULL after any. Freed with settings_free(). */
struct settings *settings_load(const struct settings_source *source, settings_complain *complain, void *context);
void settings_free(struct settings *settings);

/* The provider of that name, or NULL. */
const struct provider_settings *settings_provider(const struct settings *settings, const char *name, size_t length);

#endif
