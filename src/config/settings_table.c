/* Every setting, one row each, and how a path finds its row.
 *
 * A new setting is a row here and a field in settings_shape.h: reader, check, dump and the defaults in etc/
 * follow from it, and a test asks for its entry in the manual. A row enters with the code that obeys it; what
 * nobody obeys yet is refused as unknown, so that no file promises more than the program does. The rows of a
 * group stand together, for the dump opens a group once. */
#include "config/settings_table.h"

#include <string.h>

#include "base/money.h"
#include "config/settings_types.h"

#define SECONDS 1000
#define KIBI ((int64_t)1 << 10)
#define MEBI ((int64_t)1 << 20)
#define GIBI ((int64_t)1 << 30)
#define A_DAY (86400 * SECONDS)
#define A_YEAR ((int64_t)366 * A_DAY)
#define MOST_WORKERS 10000

#define RELOAD true
#define RESTART false
#define FIELD(name) offsetof(struct settings, name)
#define PROVIDER(name) offsetof(struct provider_settings, name)
#define CLIENT(name) offsetof(struct client_settings, name)
#define ALIAS(name) offsetof(struct alias_settings, name)

static const struct setting_row rows[] = {
    {"listen", SETTING_TEXT, RUNSTATEDIR "/penstock/penstock.sock", 1, 0, NULL, RESTART, FIELD(listen),
     "Where penstock serve listens: the path of a unix socket, or ADDRESS:PORT."},
    {"socket.owner", SETTING_TEXT, "", 0, 0, NULL, RESTART, FIELD(socket_owner),
     "User who owns the unix socket; empty: whoever starts penstock."},
    {"socket.group", SETTING_TEXT, "", 0, 0, NULL, RESTART, FIELD(socket_group),
     "Group of the unix socket: the web server's, so that only it can connect."},
    {"socket.mode", SETTING_MODE, "0660", 0, 0777, NULL, RESTART, FIELD(socket_mode),
     "Access mode of the unix socket, in octal digits."},
    {"socket.backlog", SETTING_INTEGER, "1024", 1, 65535, NULL, RESTART, FIELD(socket_backlog),
     "Connections that may wait to be accepted; the system's somaxconn caps it."},
    {"user", SETTING_TEXT, "", 0, 0, NULL, RESTART, FIELD(user),
     "User the workers become when penstock serve is started as root."},
    {"group", SETTING_TEXT, "", 0, 0, NULL, RESTART, FIELD(group),
     "Group the workers take then; empty: the user's own."},
    {"pid_file", SETTING_PATH, "", 0, 0, NULL, RESTART, FIELD(pid_file),
     "File that holds the master's process id; empty: none."},
    {"state_dir", SETTING_PATH, LOCALSTATEDIR "/lib/penstock", 1, 0, NULL, RESTART, FIELD(state_dir),
     "Folder for what has to outlive a process."},
    {"stop_timeout", SETTING_DURATION, "30", 0, A_DAY, NULL, RELOAD, FIELD(stop_timeout_ms),
     "Seconds that running requests get to finish after SIGTERM."},

    {"pool.min_spare", SETTING_INTEGER, "4", 1, MOST_WORKERS, NULL, RELOAD, FIELD(min_spare),
     "Idle workers kept at least."},
    {"pool.max_spare", SETTING_INTEGER, "16", 1, MOST_WORKERS, NULL, RELOAD, FIELD(max_spare),
     "Idle workers kept at most; more than these are retired."},
    {"pool.max_workers", SETTING_INTEGER, "256", 1, MOST_WORKERS, NULL, RELOAD, FIELD(max_workers),
     "Workers in all, which is requests at the same time."},
    {"pool.max_requests", SETTING_INTEGER, "10000", 0, INT32_MAX, NULL, RELOAD, FIELD(max_requests),
     "Requests after which a worker is replaced; 0: never."},
    {"pool.queue_timeout", SETTING_DURATION, "0", 0, 3600 * SECONDS, NULL, RELOAD, FIELD(queue_timeout_ms),
     "Seconds in which no worker becomes free, until requests are refused with 503; 0: they wait."},

    {"log.usage", SETTING_PATH, LOCALSTATEDIR "/log/penstock/usage.jsonl", 0, 0, NULL, RELOAD,
     FIELD(usage_path), "The usage log, one JSON line a request; empty: standard error."},
    {"log.errors", SETTING_PATH, LOCALSTATEDIR "/log/penstock/error.log", 0, 0, NULL, RELOAD,
     FIELD(error_path), "The error log; empty: standard error."},
    {"log.level", SETTING_CHOICE, "info", 0, 0, "error warning info debug", RELOAD, FIELD(log_level),
     "What the error log holds: this and all that is graver."},
    {"log.required", SETTING_BOOLEAN, "false", 0, 0, NULL, RELOAD, FIELD(log_required),
     "Whether requests are refused while the usage log cannot be written."},

    {"prices", SETTING_PATH, "", 0, 0, NULL, RELOAD, FIELD(prices),
     "File of prices that count before the installed ones; empty: none."},

    {"ledger", SETTING_TEXT, "", 0, 0, NULL, RESTART, FIELD(ledger),
     "Where the accounts are: redis://HOST:PORT/DB or redis:///PATH; empty: a file in state_dir."},
    {"ledger_password", SETTING_SECRET, "", 0, 0, NULL, RELOAD, FIELD(ledger_password),
     "Password of the Redis; a file that holds one must not be readable by others."},
    {"ledger_down", SETTING_CHOICE, "refuse", 0, 0, "refuse allow", RELOAD, FIELD(ledger_down),
     "What becomes of requests with limits while the ledger cannot be reached."},

    {"runs.max_inference_errors", SETTING_INTEGER, "5", 0, INT32_MAX, NULL, RELOAD, FIELD(runs.max_errors),
     "Errors of providers after which a run is blocked; 0: never."},
    {"runs.max_cost_usd", SETTING_MONEY, "0", 0, MONEY_MAX, NULL, RELOAD, FIELD(runs.max_cost),
     "USD that a run may cost; 0: no limit."},
    {"runs.error_window", SETTING_DURATION, "0", 0, A_YEAR, NULL, RELOAD, FIELD(runs.error_window_ms),
     "Seconds without a further error after which a run's errors are forgotten; 0: never."},

    {"limits.body", SETTING_SIZE, "32M", KIBI, GIBI, NULL, RELOAD, FIELD(body_max),
     "Largest request body; a larger one is refused with 413."},
    {"limits.upload", SETTING_SIZE, "100M", KIBI, GIBI, NULL, RELOAD, FIELD(upload_max),
     "Largest form with a file, which passes without being held; a larger one is refused with 413."},
    {"limits.max_answer", SETTING_SIZE, "64M", KIBI, GIBI, NULL, RELOAD, FIELD(answer_max),
     "Largest answer that is not streamed."},
    {"limits.max_event", SETTING_SIZE, "16M", KIBI, GIBI, NULL, RELOAD, FIELD(event_max),
     "Largest single event of a stream."},
    {"limits.header", SETTING_SIZE, "64K", KIBI, MEBI, NULL, RELOAD, FIELD(header_max),
     "Largest header or variable of a request."},
    {"limits.json_depth", SETTING_INTEGER, "512", 1, 512, NULL, RELOAD, FIELD(json_depth),
     "Deepest nesting of a request's JSON."},
    {"limits.memory", SETTING_SIZE, "0", 0, 1024 * GIBI, NULL, RELOAD, FIELD(memory_max),
     "Memory of its own that a process may take before it is ended; 0: no limit, else at least 32M."},
    {"limits.client_timeout", SETTING_DURATION, "60", 1 * SECONDS, 3600 * SECONDS, NULL, RELOAD,
     FIELD(client_timeout_ms), "Seconds without a byte while a body is read or an answer written."},

    {"keepalive_interval", SETTING_DURATION, "8", 1 * SECONDS, 60 * SECONDS, NULL, RELOAD,
     FIELD(keepalive_interval_ms),
     "Seconds of silence in a stream after which the client gets a sign of life."},
    {"keepalive_before_status", SETTING_DURATION, "30", 0, 3600 * SECONDS, NULL, RELOAD,
     FIELD(keepalive_before_status_ms),
     "Seconds until the first sign of life while the provider has not answered at all; 0: none."},
    {"keepalive_form", SETTING_CHOICE, "chunk", 0, 0, "chunk comment", RELOAD, FIELD(keepalive_form),
     "The sign of life: an empty chunk of the completion, or a comment of the event stream."},
    {"stream_error_done", SETTING_BOOLEAN, "true", 0, 0, NULL, RELOAD, FIELD(stream_error_done),
     "Whether data: [DONE] follows the error frame of a failed stream."},

    {"retry.max_attempts", SETTING_INTEGER, "4", 1, ATTEMPTS_MAX, NULL, RELOAD, FIELD(retry.max_attempts),
     "Tries of a request in all, at all of its targets together."},
    {"retry.same_target", SETTING_INTEGER, "1", 0, ATTEMPTS_MAX, NULL, RELOAD, FIELD(retry.same_target),
     "Tries at one target after the first, before it is the next one's turn."},
    {"retry.budget", SETTING_DURATION, "60", 0, A_DAY, NULL, RELOAD, FIELD(retry.budget_ms),
     "Seconds after the first failure in which another try may begin; 0: no limit."},
    {"retry.max_wait", SETTING_DURATION, "10", 0, A_DAY, NULL, RELOAD, FIELD(retry.max_wait_ms),
     "Longest wait for a target that says when to come back; else it is the next one's turn."},

    {"breaker.failures", SETTING_INTEGER, "5", 0, INT32_MAX, NULL, RELOAD, FIELD(breaker.failures),
     "Failures of a provider one after the other, after which it is left alone; 0: never."},
    {"breaker.open_for", SETTING_DURATION, "15", 1 * SECONDS, A_DAY, NULL, RELOAD, FIELD(breaker.open_for_ms),
     "Seconds until one request may find out whether it is well again."},

    {"auth_error_status", SETTING_INTEGER, "0", 0, 599, NULL, RELOAD, FIELD(auth_error_status),
     "Status for a provider's 401 and 403, to tell them from ours (424 is usual); 0: its own."},
    {"error_detail", SETTING_BOOLEAN, "false", 0, 0, NULL, RELOAD, FIELD(error_detail),
     "Whether an error body also has the object \"detail\" that NeMo Gym's clients read."},
    {"show_base_url", SETTING_BOOLEAN, "true", 0, 0, NULL, RELOAD, FIELD(show_base_url),
     "Whether errors name the provider's address."},

    {"access.anonymous", SETTING_BOOLEAN, "false", 0, 0, NULL, RELOAD, FIELD(anonymous),
     "Whether requests without a client's key are answered."},
    {"access.trusted_peers", SETTING_NAMES, "", 0, 0, NULL, RELOAD, FIELD(trusted_peers),
     "Addresses of web servers whose logins count though they come by TCP."},
    {"access.status", SETTING_CHOICE, "clients", 0, 0, "clients open", RELOAD, FIELD(status_access),
     "Who may read /status and /metrics: the clients whose entry says so, or anybody."},
    {"default_provider", SETTING_TEXT, "", 0, 0, NULL, RELOAD, FIELD(default_provider),
     "Provider for models named without one; empty: the only provider, if there is just one."},
    {"force_model", SETTING_TEXT, "", 0, 0, NULL, RELOAD, FIELD(force_model),
     "Model that answers whatever is asked for, named as a client would; empty: none."},

    {"providers.*.preset", SETTING_TEXT, "", 0, 0, NULL, RELOAD, PROVIDER(preset_name),
     "Preset to start from; empty: the one of the provider's own name, if there is one."},
    {"providers.*.base_url", SETTING_TEXT, "", 0, 0, NULL, RELOAD, PROVIDER(base_url),
     "Address up to and including /v1; needed where no preset gives it."},
    {"providers.*.api_key", SETTING_SECRET, "", 0, 0, NULL, RELOAD, PROVIDER(api_key),
     "The key; a file that holds one must not be readable by others."},
    {"providers.*.api_key_file", SETTING_PATH, "", 0, 0, NULL, RELOAD, PROVIDER(api_key_file),
     "File that holds the key and that others cannot read."},
    {"providers.*.client_keys", SETTING_BOOLEAN, "false", 0, 0, NULL, RELOAD, PROVIDER(client_keys),
     "Whether a client may bring its own key, in the header X-LlamaStack-Provider-Data."},
    {"providers.*.forward_headers.*", SETTING_PAIR, "", 0, 0, NULL, RELOAD, PROVIDER(forward_headers),
     "Member of that header's JSON, by its name, that is sent on as the header of this other name."},
    {"providers.*.auth", SETTING_CHOICE, "preset", 0, 0, "preset bearer api-key x-api-key none", RELOAD,
     PROVIDER(auth), "Header that bears the key; preset: what the preset knows, else a Bearer token."},
    {"providers.*.api_version", SETTING_TEXT, "", 0, 0, NULL, RELOAD, PROVIDER(api_version),
     "The api-version of the query, where the provider wants one; empty: the preset's."},
    {"providers.*.proxy", SETTING_TEXT, "", 0, 0, NULL, RELOAD, PROVIDER(proxy),
     "Proxy to reach the provider through, http://, https:// or socks5h://."},
    {"providers.*.ca_file", SETTING_PATH, "", 0, 0, NULL, RELOAD, PROVIDER(ca_file),
     "Certificates to verify the provider with, instead of the system's."},
    {"providers.*.timeout.connect", SETTING_DURATION, "10", 0, A_DAY, NULL, RELOAD, PROVIDER(connect_ms),
     "Seconds to connect; 0: no limit."},
    {"providers.*.timeout.first_byte", SETTING_DURATION, "120", 0, A_DAY, NULL, RELOAD,
     PROVIDER(first_byte_ms),
     "Seconds until the provider's headers; 0: no limit; at least 300 with nvidia's preset."},
    {"providers.*.timeout.first_token", SETTING_DURATION, "0", 0, A_DAY, NULL, RELOAD,
     PROVIDER(first_token_ms), "Seconds until a stream has content; 0: no limit."},
    {"providers.*.timeout.idle", SETTING_DURATION, "120", 0, A_DAY, NULL, RELOAD, PROVIDER(idle_ms),
     "Seconds between two bytes of an answer; 0: no limit."},
    {"providers.*.timeout.total", SETTING_DURATION, "600", 0, A_DAY, NULL, RELOAD, PROVIDER(total_ms),
     "Seconds for an answer that is not streamed; 0: no limit."},
    {"providers.*.models", SETTING_NAMES, "", 0, 0, NULL, RELOAD, PROVIDER(models),
     "Models to list for this provider besides those it lists itself."},
    {"providers.*.headers.*", SETTING_PAIR, "", 0, 0, NULL, RELOAD, PROVIDER(headers),
     "Header to send with each request, by its name."},
    {"providers.*.params.drop", SETTING_NAMES, "", 0, 0, NULL, RELOAD, PROVIDER(drop),
     "Members of a request that the provider must not see."},
    {"providers.*.params.rename.*", SETTING_PAIR, "", 0, 0, NULL, RELOAD, PROVIDER(rename),
     "Member of a request, by its name, that the provider gets under this other name."},
    {"providers.*.params.set.*", SETTING_JSON, "", 0, 0, NULL, RELOAD, PROVIDER(set),
     "Member of a request, by its name, that the provider gets with this value."},

    {"clients.#.name", SETTING_TEXT, "", 0, 0, NULL, RELOAD, CLIENT(name),
     "Name of a client, as the usage log shows it."},
    {"clients.#.key_sha256", SETTING_TEXT, "", 0, 0, NULL, RELOAD, CLIENT(key_sha256),
     "SHA-256 of the client's key, in 64 hexadecimal digits."},
    {"clients.#.remote_user", SETTING_TEXT, "", 0, 0, NULL, RELOAD, CLIENT(remote_user),
     "Login of the web server's that is this client without a key; * is any login."},
    {"clients.#.certificate", SETTING_TEXT, "", 0, 0, NULL, RELOAD, CLIENT(certificate),
     "Subject of the TLS certificate, as the web server names it, that is this client without a key."},
    {"clients.#.expires", SETTING_TEXT, "", 0, 0, NULL, RELOAD, CLIENT(expires),
     "Date or time (UTC) from which this client is refused; empty: never."},
    {"clients.#.models", SETTING_NAMES, "", 0, 0, NULL, RELOAD, CLIENT(models),
     "Models and aliases that the client may use, * for any characters; none named: all."},
    {"clients.#.status", SETTING_BOOLEAN, "false", 0, 0, NULL, RELOAD, CLIENT(status),
     "Whether the client may read /status and /metrics, which tell of all clients."},
    {"clients.#.requests_per_minute", SETTING_INTEGER, "0", 0, INT32_MAX, NULL, RELOAD,
     CLIENT(limits.requests_per_minute), "Requests in any minute; 0: no limit."},
    {"clients.#.tokens_per_minute", SETTING_INTEGER, "0", 0, INT32_MAX, NULL, RELOAD,
     CLIENT(limits.tokens_per_minute), "Tokens, of requests and answers, in any minute; 0: no limit."},
    {"clients.#.concurrent", SETTING_INTEGER, "0", 0, INT32_MAX, NULL, RELOAD, CLIENT(limits.concurrent),
     "Requests at the same time; 0: no limit."},
    {"clients.#.usd_per_day", SETTING_MONEY, "0", 0, MONEY_MAX, NULL, RELOAD, CLIENT(limits.usd_per_day),
     "USD in a day (UTC); 0: no limit."},
    {"clients.#.usd_per_month", SETTING_MONEY, "0", 0, MONEY_MAX, NULL, RELOAD, CLIENT(limits.usd_per_month),
     "USD in a month (UTC); 0: no limit."},
    {"clients.#.usd_total", SETTING_MONEY, "0", 0, MONEY_MAX, NULL, RELOAD, CLIENT(limits.usd_total),
     "USD in all; 0: no limit."},

    {"aliases.#.name", SETTING_TEXT, "", 0, 0, NULL, RELOAD, ALIAS(name),
     "Name that clients ask for instead of a model."},
    {"aliases.#.targets", SETTING_NAMES, "", 0, 0, NULL, RELOAD, ALIAS(targets),
     "What it stands for, PROVIDER:MODEL; the first one that can answers."},
    {"aliases.#.larger", SETTING_NAMES, "", 0, 0, NULL, RELOAD, ALIAS(larger),
     "Those of the targets that take what is too long for the others."},
    {"aliases.#.hold.bytes", SETTING_INTEGER, "0", -1, GIBI, NULL, RELOAD, ALIAS(hold_bytes),
     "Bytes of a stream kept back while another target could still take over; -1: all, 0: off."},
    {"aliases.#.hold.ms", SETTING_INTEGER, "0", 0, A_DAY, NULL, RELOAD, ALIAS(hold_ms),
     "Milliseconds after which what is kept back is sent on; 0: no limit of time."},
};

#define ROWS (sizeof rows / sizeof *rows)

const struct setting_row *setting_row_at(size_t index)
{
    return index < ROWS ? &rows[index] : NULL;
}

static size_t part_length(const char *path)
{
    return strcspn(path, ".");
}

/* One part of a row's path against one of a real path. A place in a list is written as libconfig writes it,
 * "[0]", and so cannot be mistaken for a name. */
static bool part_matches(const char *pattern, size_t pattern_length, const char *part, size_t length)
{
    if (pattern_length == 1 && *pattern == '*')
        return length > 0 && *part != '[';
    if (pattern_length == 1 && *pattern == '#')
        return length > 2 && *part == '[';
    return pattern_length == length && memcmp(pattern, part, length) == 0;
}

/* What remains of `pattern` once `path` is used up: "" when both end together, NULL when they part. */
static const char *match(const char *pattern, const char *path)
{
    if (*pattern != *path && !strchr("*#", *pattern)) /* as nearly all of them */
        return NULL;
    for (;;) {
        size_t wanted = part_length(pattern), given = part_length(path);
        if (!part_matches(pattern, wanted, path, given))
            return NULL;
        pattern += wanted;
        path += given;
        if (!*path)
            return pattern;
        if (!*pattern)
            return NULL;
        pattern++;
        path++;
    }
}

/* A walk over all rows: some fifty short comparisons, a few hundred times at a start, cost microseconds. */
const struct setting_row *setting_row_find(const char *path)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *rest = match(rows[i].path, path);
        if (rest && !*rest)
            return &rows[i];
    }
    return NULL;
}

enum setting_group setting_group_find(const char *path)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *rest = match(rows[i].path, path);
        if (rest && *rest)
            return rest[1] == '#' ? GROUP_LIST : GROUP_NAMES;
    }
    return GROUP_NONE;
}
