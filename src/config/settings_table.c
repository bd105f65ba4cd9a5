/* The table of all settings, one row each, and the search for the row of a path.
 *
 * To add a setting, add a field to settings_types.h, a row here and an entry in penstock.conf.5; the reader,
 * `penstock check` and etc/penstock.conf follow from the row, and a test compares the three. Add a row
 * together with the code that obeys it: an unknown setting is an error, so that a file cannot contain a
 * setting without effect. Keep the rows of a group together, because the dump opens each group once. */
#include "config/settings_table.h"

#include <string.h>

#include "base/money.h"
#include "config/settings_types.h"

#define SECONDS 1000
#define KIBI ((int64_t)1 << 10)
#define MEBI ((int64_t)1 << 20)
#define GIBI ((int64_t)1 << 30)
#define HOUR (3600 * SECONDS)
#define DAY (24 * HOUR)
#define YEAR ((int64_t)366 * DAY)
#define WORKERS_MAX 10000

/* ---- one macro a type: a row whose field has another C type does not compile ---- */

/* OWNER is the struct that the fields of the rows below are in. */
/* clang-format off */
#define OWNER_OF_FIELDS                                                                                      \
    _Generic((OWNER *)0,                                                                                     \
        struct settings *: OWNER_SETTINGS,                                                                   \
        struct provider_settings *: OWNER_PROVIDER,                                                          \
        struct client_settings *: OWNER_CLIENT,                                                              \
        struct alias_settings *: OWNER_ALIAS)
#define OFFSET(c_type, field) _Generic(((OWNER *)0)->field, c_type: offsetof(OWNER, field))
/* clang-format on */
#define ROW(kind, c_type, name, field, ...)                                                                  \
    {                                                                                                        \
        .path = (name), .type = (kind), .owner = OWNER_OF_FIELDS, .offset = OFFSET(c_type, field),           \
        __VA_ARGS__                                                                                          \
    }

#define TEXT(name, field, ...) ROW(SETTING_TEXT, char *, name, field, __VA_ARGS__)
#define PATH(name, field, ...) ROW(SETTING_PATH, char *, name, field, __VA_ARGS__)
#define SECRET(name, field, ...) ROW(SETTING_SECRET, struct secret, name, field, __VA_ARGS__)
#define INTEGER(name, field, ...) ROW(SETTING_INTEGER, int64_t, name, field, __VA_ARGS__)
#define DURATION(name, field, ...) ROW(SETTING_DURATION, int64_t, name, field, __VA_ARGS__)
#define SIZE(name, field, ...) ROW(SETTING_SIZE, int64_t, name, field, __VA_ARGS__)
#define MONEY(name, field, ...) ROW(SETTING_MONEY, int64_t, name, field, .max = MONEY_MAX, __VA_ARGS__)
#define MODE(name, field, ...) ROW(SETTING_MODE, int64_t, name, field, .max = 0777, __VA_ARGS__)
#define CHOICE(name, field, ...) ROW(SETTING_CHOICE, int64_t, name, field, __VA_ARGS__)
#define BOOLEAN(name, field, ...) ROW(SETTING_BOOLEAN, bool, name, field, __VA_ARGS__)
#define NAMES(name, field, ...) ROW(SETTING_NAMES, struct string_list, name, field, __VA_ARGS__)
#define PAIRS(name, field, ...) ROW(SETTING_PAIR, struct name_value_list, name, field, __VA_ARGS__)
#define TARGETS(name, field, ...) ROW(SETTING_TARGETS, struct target_list, name, field, __VA_ARGS__)
#define JSON(name, field, ...) ROW(SETTING_JSON, struct name_value_list, name, field, __VA_ARGS__)

/* Stands before the description. RELOAD: a reload (SIGHUP) applies a new value. */
#define RELOAD .reloadable = true
#define RESTART .reloadable = false

static const struct setting_row rows[] = {
#define OWNER struct settings
    TEXT("listen", listen, .default_text = RUNSTATEDIR "/penstock/penstock.sock", .empty_is_default = true,
         RESTART, "Where penstock serve listens: the path of a unix socket, or ADDRESS:PORT."),
    TEXT("socket.owner", socket_owner, RESTART,
         "Owner of the unix socket. Empty: the user who starts penstock."),
    TEXT("socket.group", socket_group, RESTART,
         "Group of the unix socket, usually the web server's, so that only the web server can connect."),
    MODE("socket.mode", socket_mode, .default_text = "0660", RESTART,
         "Access mode of the unix socket: octal digits in quotation marks."),
    INTEGER(
        "socket.backlog", socket_backlog, .default_text = "1024", .min = 1, .max = 65535, RESTART,
        "Maximum number of connections waiting to be accepted. The kernel caps it at net.core.somaxconn."),
    TEXT("user", user, RESTART, "User the workers run as when penstock serve is started as root."),
    TEXT("group", group, RESTART, "Group the workers run as in that case. Empty: the user's primary group."),
    PATH("pid_file", pid_file, RESTART, "File that holds the master's process ID. Empty: none."),
    PATH("state_dir", state_dir, .default_text = LOCALSTATEDIR "/lib/penstock", .empty_is_default = true,
         RESTART, "Folder for data that outlives a process, such as the ledger."),
    DURATION("stop_timeout", stop_timeout_ms, .default_text = "30", .max = DAY, RELOAD,
             "Seconds that running requests have to finish after SIGTERM."),

    INTEGER("pool.min_spare", min_spare, .default_text = "4", .min = 1, .max = WORKERS_MAX, RELOAD,
            "Minimum number of idle workers."),
    INTEGER("pool.max_spare", max_spare, .default_text = "16", .min = 1, .max = WORKERS_MAX, RELOAD,
            "Maximum number of idle workers. Surplus workers exit."),
    INTEGER("pool.max_workers", max_workers, .default_text = "256", .min = 1, .max = WORKERS_MAX, RELOAD,
            "Maximum number of workers."),
    INTEGER("pool.workers", workers, .default_text = "0", .max = WORKERS_MAX, RELOAD,
            "Workers of a pool with pool.concurrency above 1. 0: as many as processors, at least 2."),
    INTEGER("pool.concurrency", concurrency, .default_text = "1", .min = 1, .max = 4096, RELOAD,
            "Requests that a worker serves at a time. 1: a process for each request."),
    INTEGER("pool.max_requests", max_requests, .default_text = "10000", .max = INT32_MAX, RELOAD,
            "Requests after which a worker is replaced. 0: never."),
    DURATION(
        "pool.queue_timeout", queue_timeout_ms, .default_text = "0", .max = HOUR, RELOAD,
        "Seconds without an idle worker after which new requests are rejected with 503. 0: requests wait."),

    PATH("log.usage", usage_path, .default_text = LOCALSTATEDIR "/log/penstock/usage.jsonl", RELOAD,
         "Usage log, one line of JSON per request. Empty: standard error."),
    PATH("log.errors", error_path, .default_text = LOCALSTATEDIR "/log/penstock/error.log", RELOAD,
         "Error log. Empty: standard error."),
    CHOICE("log.level", log_level, .default_text = "info", .choices = "error warning info debug", RELOAD,
           "Least severe level of messages that the error log holds: error, warning, info or debug."),
    BOOLEAN("log.required", log_required, .default_text = "false", RELOAD,
            "Reject requests with 503 while the usage log cannot be written."),

    PATH("prices", prices, RELOAD, "Price file that takes precedence over the installed one. Empty: none."),

    CHOICE("unpriced", unpriced, .default_text = "allow", .choices = "allow refuse", RELOAD,
           "What happens to a request of a client with a limit in USD if its model has no price: allow or "
           "refuse."),

    TEXT("ledger", ledger, RESTART,
         "Store of the accounts: redis://HOST:PORT/DB or redis:///PATH. Empty: a file in state_dir."),
    SECRET("ledger_password", ledger_password, RELOAD,
           "Password of the Redis server. A file that holds it must not be accessible to other users."),
    CHOICE("ledger_down", ledger_down, .default_text = "refuse", .choices = "refuse allow", RELOAD,
           "Whether to refuse or allow requests that have limits while the ledger is unreachable."),

    INTEGER("runs.max_inference_errors", runs.max_errors, .default_text = "5", .max = INT32_MAX, RELOAD,
            "Provider errors after which a run is blocked. 0: never."),
    MONEY("runs.max_cost_usd", runs.max_cost, .default_text = "0", RELOAD,
          "Maximum cost of a run in USD. 0: no limit."),
    DURATION("runs.error_window", runs.error_window_ms, .default_text = "0", .max = YEAR, RELOAD,
             "Seconds without a further error after which the errors of a run are forgotten. 0: never."),
    DURATION("runs.expire", runs.expire_ms, .default_text = "2592000", .max = YEAR, RELOAD,
             "Seconds after its last request at which a run is forgotten, with its cost. 0: never."),

    SIZE("limits.body", body_max, .default_text = "32M", .min = KIBI, .max = GIBI, RELOAD,
         "Maximum size of a request body. A larger one is rejected with 413."),
    SIZE("limits.upload", upload_max, .default_text = "100M", .min = KIBI, .max = GIBI, RELOAD,
         "Maximum size of a form with a file, which is not buffered. A larger one is rejected with 413."),
    SIZE("limits.response", answer_max, .old_name = "limits.max_answer", .default_text = "64M", .min = KIBI,
         .max = GIBI, RELOAD, "Maximum size of a provider's response that is not streamed."),
    SIZE("limits.event", event_max, .old_name = "limits.max_event", .default_text = "16M", .min = KIBI,
         .max = GIBI, RELOAD, "Maximum size of a single event of a stream."),
    SIZE("limits.header", header_max, .default_text = "64K", .min = KIBI, .max = MEBI, RELOAD,
         "Maximum size of a single request header or CGI variable."),
    INTEGER("limits.json_depth", json_depth, .default_text = "512", .min = 1, .max = 512, RELOAD,
            "Maximum nesting depth of the JSON in a request."),
    SIZE("limits.memory", memory_max, .default_text = "0", .max = 1024 * GIBI, RELOAD,
         "Private memory limit per worker. A worker that exceeds it exits, and its request fails. "
         "0: no limit; otherwise at least 32M."),
    INTEGER("limits.tokens_per_attachment", attachment_tokens, .default_text = "50000", .max = 100000000,
            RELOAD, "Tokens reserved for each picture or file that a request names by URL or ID."),
    DURATION("limits.client_timeout", client_timeout_ms, .default_text = "60", .min = 1 * SECONDS,
             .max = HOUR, RELOAD,
             "Maximum seconds without progress while a request body is read or a response is written."),
    SIZE("limits.body_rate", body_rate, .default_text = "4K", .max = GIBI, RELOAD,
         "Minimum rate of a request body in bytes per second, after its first 30 seconds. 0: no limit."),

    DURATION("keepalive_interval", keepalive_interval_ms, .default_text = "8", .min = 1 * SECONDS,
             .max = 60 * SECONDS, RELOAD, "Seconds of silence in a stream before a keepalive is sent."),
    DURATION("keepalive_before_status", keepalive_before_status_ms, .default_text = "30", .max = HOUR, RELOAD,
             "Seconds before the first keepalive while the provider has sent no status yet. 0: none."),
    CHOICE("keepalive_form", keepalive_form, .default_text = "chunk", .choices = "chunk comment", RELOAD,
           "Form of a keepalive: an empty chunk of the completion, or a comment of the event stream."),
    BOOLEAN("stream_error_done", stream_error_done, .default_text = "true", RELOAD,
            "Send data: [DONE] after the error event of a failed stream."),

    INTEGER("retry.max_attempts", retry.max_attempts, .default_text = "4", .min = 1, .max = TARGETS_MAX,
            RELOAD,
            "Maximum number of attempts per request, over all of its targets. An alias always has one for "
            "each target."),
    INTEGER("retry.same_target", retry.same_target, .default_text = "1", .max = TARGETS_MAX, RELOAD,
            "Number of retries at one target before the next target is tried, while an attempt is left for "
            "each target."),
    DURATION("retry.budget", retry.budget_ms, .default_text = "60", .max = DAY, RELOAD,
             "Seconds after the first failure during which a target may be retried. 0: no limit."),
    DURATION(
        "retry.max_wait", retry.max_wait_ms, .default_text = "10", .max = DAY, RELOAD,
        "Maximum seconds to wait before a retry. If a provider asks for more, the next target is tried."),

    INTEGER("breaker.failures", breaker.failures, .default_text = "5", .max = INT32_MAX, RELOAD,
            "Consecutive failures after which the breaker of a model, or of an unreachable provider, opens. "
            "0: never."),
    DURATION("breaker.open_for", breaker.open_for_ms, .default_text = "15", .min = 1 * SECONDS, .max = DAY,
             RELOAD, "Seconds that a breaker stays open before one request probes the target."),
    DURATION("breaker.longest", breaker.longest_ms, .default_text = "900", .min = 1 * SECONDS, .max = DAY,
             RELOAD,
             "Maximum seconds of a cool-down that a provider asks for. Then one request looks whether it is "
             "over."),

    INTEGER("auth_error_status", auth_error_status, .default_text = "0", .max = 599, RELOAD,
            "Status sent instead of a provider's 401 or 403, which clients may take for ours (usually 424). "
            "0: pass the provider's status on."),
    BOOLEAN("error_detail", error_detail, .default_text = "false", RELOAD,
            "Add the object \"detail\" that NeMo Gym clients read to error responses."),
    TEXT(
        "cost_header", cost_header, .default_text = "X-Penstock-Cost-USD", RELOAD,
        "Header of responses that are not streamed that has their cost in USD, if it is known. Empty: none."),
    BOOLEAN("trace", trace, .default_text = "false", RELOAD,
            "Send the client's traceparent, with a span of our own, and its tracestate to all providers."),
    BOOLEAN("show_base_url", show_base_url, .default_text = "true", RELOAD,
            "Name the provider's address in error responses."),

    BOOLEAN("access.anonymous", anonymous, .default_text = "false", RELOAD,
            "Accept requests without a client key."),
    INTEGER("access.requests_per_minute", anonymous_limits.requests_per_minute, .default_text = "0",
            .max = INT32_MAX, RELOAD,
            "Maximum requests of the anonymous clients at one address in any minute. 0: no limit."),
    INTEGER("access.requests_per_day", anonymous_limits.requests_per_day, .default_text = "0",
            .max = INT32_MAX, RELOAD,
            "Maximum requests of the anonymous clients at one address per day (UTC). 0: no limit."),
    NAMES("access.origins", origins, RELOAD,
          "Origins of web pages that may use the gateway from a browser (CORS), such as "
          "\"https://app.example\". *: all."),
    NAMES("access.trusted_peers", trusted_peers, RELOAD,
          "Addresses of web servers whose logins are trusted even over TCP."),
    CHOICE("access.status", status_access, .default_text = "clients", .choices = "clients open", RELOAD,
           "Access to /status and /metrics: clients (those with status = true) or open (everyone)."),

    TEXT("default_provider", default_provider, RELOAD,
         "Provider of models named without a provider. Empty: the only provider, if there is just one."),
    TEXT("passthrough", passthrough, RELOAD,
         "Provider that gets the requests for all other paths under /v1/, from clients with passthrough = "
         "true. "
         "Empty: none."),
    TEXT("force_model", force_model, RELOAD,
         "Model that serves every request, whatever model the client names. Empty: none."),

#undef OWNER
#define OWNER struct provider_settings
    TEXT("providers.*.preset", preset_name, RELOAD,
         "Preset to start from. Empty: the preset of the same name as the provider, if there is one."),
    TEXT("providers.*.base_url", base_url, RELOAD,
         "Base URL up to and including /v1. Required unless the preset has one."),
    SECRET("providers.*.api_key", api_key, RELOAD,
           "API key. A file that holds it must not be accessible to other users."),
    PATH("providers.*.api_key_file", api_key_file, RELOAD,
         "File that holds the API key. It must not be accessible to other users."),
    BOOLEAN("providers.*.client_keys", client_keys, .default_text = "false", RELOAD,
            "Accept a client's own key for this provider in the header X-LlamaStack-Provider-Data."),
    BOOLEAN("providers.*.trace", trace, .default_text = "false", RELOAD,
            "Send the client's trace to this provider, whatever the setting trace."),
    PAIRS("providers.*.forward_headers.*", forward_headers, RELOAD,
          "Send the member NAME of that header's JSON object to the provider as the header VALUE."),
    NAMES("providers.*.speaks", speaks, RELOAD,
          "APIs the provider has, the preferred one first: chat, responses, messages, gemini. Empty: the "
          "preset's."),
    CHOICE("providers.*.auth", auth, .default_text = "preset",
           .choices = "preset bearer api-key x-api-key none x-goog-api-key", RELOAD,
           "Header that carries the key: preset, bearer, api-key, x-api-key, x-goog-api-key or none."),
    CHOICE("providers.*.reasoning", reasoning, .default_text = "preset",
           .choices = "preset content think drop", RELOAD,
           "Where converted requests carry earlier reasoning: preset, content, think (in the text) or drop."),
    INTEGER(
        "providers.*.max_tokens_default", max_tokens_default, .default_text = "0", .max = 100000000, RELOAD,
        "Limit of a converted request that has none, where the API requires one. 0: what the model can do, "
        "else 8192."),
    TEXT("providers.*.api_version", api_version, RELOAD,
         "Value of the query parameter api-version, for providers that require one. Empty: the preset's."),
    TEXT("providers.*.proxy", proxy, RELOAD,
         "Proxy for connections to the provider, such as http://HOST:PORT or socks5h://HOST:PORT."),
    PATH("providers.*.ca_file", ca_file, RELOAD,
         "CA certificates that verify the provider, instead of the system's."),
    DURATION("providers.*.timeout.connect", connect_ms, .default_text = "10", .max = DAY, RELOAD,
             "Connect timeout in seconds. 0: no limit."),
    DURATION("providers.*.timeout.first_byte", first_byte_ms, .default_text = "120", .max = DAY, RELOAD,
             "Maximum seconds until the response headers. 0: no limit. At least 300 with the preset nvidia."),
    DURATION("providers.*.timeout.first_token", first_token_ms, .default_text = "0", .max = DAY, RELOAD,
             "Maximum seconds until the first content of a stream. 0: no limit."),
    DURATION("providers.*.timeout.idle", idle_ms, .default_text = "120", .max = DAY, RELOAD,
             "Maximum seconds between two bytes of a response. 0: no limit."),
    DURATION("providers.*.timeout.total", total_ms, .default_text = "600", .max = DAY, RELOAD,
             "Maximum seconds for a response that is not streamed. 0: no limit."),
    NAMES("providers.*.models", models, RELOAD,
          "Models to list for this provider in addition to those in its own list."),
    PAIRS("providers.*.headers.*", headers, RELOAD, "Send the header NAME: VALUE with every request."),
    NAMES("providers.*.params.drop", drop, RELOAD, "Members to remove from requests."),
    PAIRS("providers.*.params.rename.*", rename, RELOAD, "Rename the member NAME of requests to VALUE."),
    JSON("providers.*.params.set.*", set, RELOAD, "Set the member NAME of requests to VALUE."),

#undef OWNER
#define OWNER struct client_settings
    TEXT("clients.#.name", name, RELOAD, "Name of the client in the usage log and in limits."),
    TEXT("clients.#.key_sha256", key_sha256, RELOAD, "SHA-256 of the client's key, 64 hexadecimal digits."),
    TEXT("clients.#.remote_user", remote_user, RELOAD,
         "Login at the web server that identifies the client without a key. *: any login."),
    TEXT("clients.#.certificate", certificate, RELOAD,
         "Subject of the TLS certificate that identifies the client without a key."),
    TEXT("clients.#.expires", expires, RELOAD,
         "Date or time (UTC) from which the client is rejected. Empty: never."),
    NAMES("clients.#.models", models, RELOAD,
          "Models and aliases that the client may use; * matches any characters. Empty: all."),
    NAMES("clients.#.service_tiers", service_tiers, RELOAD,
          "Service tiers that the client may ask for. Empty: all."),
    BOOLEAN("clients.#.status", status, .default_text = "false", RELOAD,
            "Let the client read /status and /metrics, which cover all clients."),
    BOOLEAN("clients.#.passthrough", passthrough, .default_text = "false", RELOAD,
            "Let the client send requests for all other paths to the provider that the setting passthrough "
            "names."),
    INTEGER("clients.#.requests_per_minute", limits.requests_per_minute, .default_text = "0",
            .max = INT32_MAX, RELOAD, "Maximum requests in any minute. 0: no limit."),
    INTEGER("clients.#.requests_per_day", limits.requests_per_day, .default_text = "0", .max = INT32_MAX,
            RELOAD, "Maximum requests per day (UTC). 0: no limit."),
    INTEGER("clients.#.tokens_per_minute", limits.tokens_per_minute, .default_text = "0", .max = INT32_MAX,
            RELOAD, "Maximum tokens, prompts and completions together, in any minute. 0: no limit."),
    INTEGER("clients.#.concurrent", limits.concurrent, .default_text = "0", .max = INT32_MAX, RELOAD,
            "Maximum concurrent requests. 0: no limit."),
    MONEY("clients.#.usd_per_day", limits.usd_per_day, .default_text = "0", RELOAD,
          "Maximum cost in USD per day (UTC). 0: no limit."),
    MONEY("clients.#.usd_per_month", limits.usd_per_month, .default_text = "0", RELOAD,
          "Maximum cost in USD per month (UTC). 0: no limit."),
    MONEY("clients.#.usd_total", limits.usd_total, .default_text = "0", RELOAD,
          "Maximum cost in USD overall. 0: no limit."),

#undef OWNER
#define OWNER struct alias_settings
    TEXT("aliases.#.name", name, RELOAD, "Name that clients use instead of a model's."),
    TARGETS("aliases.#.targets", targets, RELOAD,
            "Targets, PROVIDER:MODEL, in the order in which they are tried; or groups with model and weight. "
            "At most 16."),
    NAMES("aliases.#.larger", larger, RELOAD,
          "Targets with a larger context window, for requests that are too long for the others."),
    DURATION("aliases.#.timeout.first_byte", first_byte_ms, .default_text = "60", .max = DAY, RELOAD,
             "Maximum seconds until the response headers while another target is left to try. 0: no limit."),
    DURATION("aliases.#.timeout.first_token", first_token_ms, .default_text = "60", .max = DAY, RELOAD,
             "Maximum seconds until the first content of a stream in that case. 0: no limit."),
    DURATION("aliases.#.timeout.idle", idle_ms, .default_text = "60", .max = DAY, RELOAD,
             "Maximum seconds between two bytes of a response in that case. 0: no limit."),
    INTEGER("aliases.#.hold.bytes", hold_bytes, .default_text = "0", .min = -1, .max = GIBI, RELOAD,
            "Bytes of a stream to hold back so that another target can take over. -1: all; 0: none."),
    INTEGER("aliases.#.hold.ms", hold_ms, .default_text = "0", .max = DAY, RELOAD,
            "Milliseconds after which held content is sent on. 0: no limit."),
#undef OWNER
};

#define ROWS (sizeof rows / sizeof *rows)

const struct setting_row *setting_row_at(size_t index)
{
    return index < ROWS ? &rows[index] : NULL;
}

const char *setting_default(const struct setting_row *row)
{
    return row->default_text ? row->default_text : "";
}

/* ---- paths ---- */

static size_t part_length(const char *path)
{
    return strcspn(path, ".");
}

/* Compares one part of a row's path with one part of a real path. An index is written as libconfig writes it,
 * "[0]", so it cannot be mistaken for a name. */
static bool part_matches(const char *pattern, size_t pattern_length, const char *part, size_t length)
{
    if (pattern_length == 1 && *pattern == '*')
        return length > 0 && *part != '[';
    if (pattern_length == 1 && *pattern == '#')
        return length > 2 && *part == '[';
    return pattern_length == length && memcmp(pattern, part, length) == 0;
}

/* Returns the part of `pattern` after `path`: "" if both end together, NULL if they differ. */
static const char *match(const char *pattern, const char *path)
{
    if (!pattern || (*pattern != *path && !strchr("*#", *pattern))) /* rejects nearly all rows */
        return NULL;
    for (;;) {
        size_t pattern_length = part_length(pattern), length = part_length(path);
        if (!part_matches(pattern, pattern_length, path, length))
            return NULL;
        pattern += pattern_length;
        path += length;
        if (!*path)
            return pattern;
        if (!*pattern)
            return NULL;
        pattern++;
        path++;
    }
}

/* Searches linearly. A search makes fewer than a hundred short comparisons, and a few hundred searches at
 * startup take microseconds. */
const struct setting_row *setting_row_find(const char *path)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *rest = match(rows[i].path, path);
        if (rest && !*rest)
            return &rows[i];
    }
    return NULL;
}

const struct setting_row *setting_row_find_old(const char *path)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *rest = match(rows[i].old_name, path);
        if (rest && !*rest)
            return &rows[i];
    }
    return NULL;
}

enum setting_group setting_group_find(const char *path)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *rest = match(rows[i].path, path);
        if (!rest || !*rest)
            rest = match(rows[i].old_name, path);
        if (rest && *rest)
            return rest[1] == '#' ? GROUP_LIST : GROUP_NAMES;
    }
    return GROUP_NONE;
}

/* ---- wildcards ---- */

static const char *next_part(const char *path)
{
    path += part_length(path);
    return *path ? path + 1 : path;
}

static bool is_wildcard(const char *part)
{
    return (*part == '*' || *part == '#') && (part[1] == '.' || !part[1]);
}

void setting_path_fill(const char *pattern, const char *path, size_t parts,
                       char filled[static SETTING_PATH_SIZE])
{
    size_t used = 0;
    for (; *pattern && parts > 0; pattern = next_part(pattern), path = next_part(path), parts--) {
        const char *part = is_wildcard(pattern) && *path ? path : pattern;
        size_t length = part_length(part);
        if (used + length + 2 > SETTING_PATH_SIZE)
            break;
        if (used)
            filled[used++] = '.';
        memcpy(filled + used, part, length);
        used += length;
    }
    filled[used] = '\0';
}
