/* Reading the settings: their sources, their values, and the errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error_log.h"
#include "config/preset.h"
#include "config/settings.h"
#include "config/settings_env_cli.h"
#include "config/settings_table.h"
#include "config/settings_values.h"
#include "settings_kit.h"
#include "unit.h"

#define SHA "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"

/* ---- the table ---- */

static void the_rows_are_well_formed(void)
{
    const struct setting_row *row;
    char variable[SETTING_ENV_NAME_SIZE];
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        size_t length = strlen(row->description);
        CU_ASSERT_PTR_EQUAL(setting_row_find(row->path), strpbrk(row->path, "#") ? NULL : row);
        CU_ASSERT_EQUAL(row->description[length - 1], '.');
        CU_ASSERT(length <= 140);
        CU_ASSERT(!row->old_name ||
                  (!setting_row_find(row->old_name) && setting_row_find_old(row->old_name) == row));
        CU_ASSERT_EQUAL(setting_env_name(row, variable), strpbrk(row->path, "*#") == NULL);
    }
    CU_ASSERT_PTR_NULL(setting_row_find(""));
    CU_ASSERT_PTR_NULL(setting_row_find("pool"));
    CU_ASSERT_PTR_NULL(setting_row_find("pool.min_spare.x"));
    CU_ASSERT_EQUAL(setting_group_find("clients"), GROUP_LIST);
    CU_ASSERT_EQUAL(setting_group_find("clients.[3]"), GROUP_NAMES);
    CU_ASSERT_EQUAL(setting_group_find("providers.x.params"), GROUP_NAMES);
    CU_ASSERT_EQUAL(setting_group_find("providers.x.nothing"), GROUP_NONE);
}

/* ---- where values come from ---- */

static void an_empty_file_leaves_the_defaults(void)
{
    struct settings *settings = kit_load("", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_STRING_EQUAL(settings->listen, RUNSTATEDIR "/penstock/penstock.sock");
    CU_ASSERT_STRING_EQUAL(settings->user, "");
    CU_ASSERT_STRING_EQUAL(settings->usage_path, LOCALSTATEDIR "/log/penstock/usage.jsonl");
    CU_ASSERT_EQUAL(settings->socket_mode, 0660);
    CU_ASSERT_EQUAL(settings->stop_timeout_ms, 30000);
    CU_ASSERT_EQUAL(settings->body_max, 32 << 20);
    CU_ASSERT_EQUAL(settings->log_level, LEVEL_INFO);
    CU_ASSERT_EQUAL(settings->keepalive_form, KEEPALIVE_CHUNK);
    CU_ASSERT_FALSE(settings->anonymous);
    CU_ASSERT_TRUE(settings->stream_error_done);
    CU_ASSERT_PTR_NULL(settings->default_provider);
    CU_ASSERT_EQUAL(settings->provider_count, 0);
    settings_free(settings);
}

/* Each source has precedence over the one before. */
static void the_command_line_has_precedence(void)
{
    static const char file[] = "keepalive_interval = 5; access: { anonymous = true; };";
    struct settings *settings = kit_load(file, NULL);
    CU_ASSERT_EQUAL(settings->keepalive_interval_ms, 5000);
    settings_free(settings);
    setenv("PENSTOCK_KEEPALIVE_INTERVAL", "6.5", 1);
    setenv("PENSTOCK_ACCESS_ANONYMOUS", "", 1); /* counts as unset */
    settings = kit_load(file, NULL);
    CU_ASSERT_EQUAL(settings->keepalive_interval_ms, 6500);
    CU_ASSERT_TRUE(settings->anonymous);
    settings_free(settings);
    settings = kit_load(file, "keepalive_interval=7");
    CU_ASSERT_EQUAL(settings->keepalive_interval_ms, 7000);
    settings_free(settings);
    unsetenv("PENSTOCK_KEEPALIVE_INTERVAL");
    unsetenv("PENSTOCK_ACCESS_ANONYMOUS");
}

static void errors_outside_the_file_are_reported(void)
{
    setenv("PENSTOCK_POOL_MIN_SPARE", "many", 1);
    CU_ASSERT_PTR_NULL(kit_load("", "pool.mx_spare=3"));
    CU_ASSERT(kit_has_error("command line: pool.mx_spare: unknown setting; did you mean pool.max_spare?"));
    CU_ASSERT(
        kit_has_error("PENSTOCK_POOL_MIN_SPARE: pool.min_spare: must be a whole number from 1 to 10000, "
                      "not \"many\""));
    CU_ASSERT_EQUAL(kit_errors(), 2);
    unsetenv("PENSTOCK_POOL_MIN_SPARE");
    CU_ASSERT_PTR_NULL(kit_load("", "clients.[0].name=x"));
    CU_ASSERT_STRING_EQUAL(kit_error(0), "command line: clients.[0].name: can only be set in the file");
    CU_ASSERT_PTR_NULL(kit_load("", "pool=3"));
    CU_ASSERT_STRING_EQUAL(kit_error(0), "command line: pool: is a group; name one of its settings");
}

static void unknown_variables_are_recognised(void)
{
    CU_ASSERT_TRUE(env_is_unknown("PENSTOCK_POOL_MINSPARE=3"));
    CU_ASSERT_FALSE(env_is_unknown("PENSTOCK_POOL_MIN_SPARE=3"));
    CU_ASSERT_FALSE(env_is_unknown("PENSTOCK_CONFIG=x"));
    CU_ASSERT_FALSE(env_is_unknown("PENSTOCK_WORKERS=2"));
    CU_ASSERT_FALSE(env_is_unknown("PATH=/bin"));
}

static void the_first_file_in_order_is_read(void)
{
    mkdir(kit_path(".config"), 0700);
    mkdir(kit_path(".config/penstock"), 0700);
    kit_write(".config/penstock/penstock.conf", "keepalive_interval = 11;");
    struct settings *settings = kit_find();
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->keepalive_interval_ms, 11000);
    settings_free(settings);
    setenv("PENSTOCK_CONFIG", kit_write("other.conf", "keepalive_interval = 12;"), 1);
    settings = kit_find();
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->keepalive_interval_ms, 12000);
    CU_ASSERT_STRING_EQUAL(settings->file, kit_path("other.conf"));
    settings_free(settings);
    setenv("PENSTOCK_CONFIG", kit_path("missing.conf"), 1);
    CU_ASSERT_PTR_NULL(kit_find());
    CU_ASSERT_STRING_EQUAL(kit_error(0), "DIR/missing.conf: the file: No such file or directory");
    unsetenv("PENSTOCK_CONFIG");
    unlink(kit_path(".config/penstock/penstock.conf"));
}

/* Without any file, and with the keys of two presets. */
static void without_a_file_the_presets_with_keys_are_there(void)
{
    setenv("GROQ_API_KEY", "gsk-1", 1);
    struct settings *settings = kit_find();
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->provider_count, 1);
    CU_ASSERT_STRING_EQUAL(settings->default_provider, "groq");
    CU_ASSERT_PTR_NULL(settings->file);
    settings_free(settings);
    setenv("NVIDIA_API_KEY", "nvapi-1", 1);
    settings = kit_find();
    CU_ASSERT_EQUAL(settings->provider_count, 2);
    CU_ASSERT_PTR_NULL(settings->default_provider);
    CU_ASSERT_PTR_NOT_NULL(settings_provider(settings, "nvidia:x", 6));
    CU_ASSERT_PTR_NULL(settings_provider(settings, "nvid", 4));
    settings_free(settings);
    unsetenv("GROQ_API_KEY");
    unsetenv("NVIDIA_API_KEY");
}

/* ---- values ---- */

static const struct {
    const char *set; /* as in --set */
    size_t offset;
    int64_t value;
} numbers[] = {
    {"stop_timeout=0.25", offsetof(struct settings, stop_timeout_ms), 250},
    {"stop_timeout=0", offsetof(struct settings, stop_timeout_ms), 0},
    {"keepalive_interval=60", offsetof(struct settings, keepalive_interval_ms), 60000},
    {"limits.body=1024", offsetof(struct settings, body_max), 1024},
    {"limits.body=64k", offsetof(struct settings, body_max), 64 << 10},
    {"limits.body=1G", offsetof(struct settings, body_max), 1 << 30},
    {"socket.mode=0600", offsetof(struct settings, socket_mode), 0600},
    {"socket.mode=777", offsetof(struct settings, socket_mode), 0777},
    {"log.level=debug", offsetof(struct settings, log_level), LEVEL_DEBUG},
    {"log.level=error", offsetof(struct settings, log_level), LEVEL_ERROR},
    {"keepalive_form=comment", offsetof(struct settings, keepalive_form), KEEPALIVE_COMMENT},
    {"pool.max_requests=0", offsetof(struct settings, max_requests), 0},
    {"runs.max_cost_usd=0.05", offsetof(struct settings, runs.max_cost), 50000000},
    {"runs.max_inference_errors=0", offsetof(struct settings, runs.max_errors), 0},
    {"runs.error_window=90", offsetof(struct settings, runs.error_window_ms), 90000},
    {"ledger_down=allow", offsetof(struct settings, ledger_down), LEDGER_DOWN_ALLOW},
};

static void numbers_are_read_in_their_units(void)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct settings *settings = kit_load("", numbers[i].set);
        CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
        CU_ASSERT_EQUAL(*(int64_t *)((char *)settings + numbers[i].offset), numbers[i].value);
        settings_free(settings);
    }
}

static void other_values_are_refused(void)
{
    static const char *const sets[] = {
        "stop_timeout=",        "stop_timeout=0.0001",
        "stop_timeout=-1",      "stop_timeout=nan",
        "stop_timeout=5s",      "stop_timeout=1e300",
        "limits.body=1023",     "limits.body=2G",
        "limits.body=32MB",     "limits.body=-1K",
        "limits.body=M",        "limits.body=99999999999G",
        "limits.body= 32M",     "socket.mode=0888",
        "socket.mode=01777",    "socket.mode=",
        "log.level=Debug",      "log.level=",
        "log.level=error w",    "access.anonymous=yes",
        "access.anonymous=1",   "pool.max_requests=-1",
        "pool.min_spare=0x10",  "pool.min_spare=4 ",
        "keepalive_interval=0", "keepalive_interval=61",
        "log.usage=relative",   "listen=relative/sock",
        "state_dir=x",          "listen=127.0.0.1",
        "listen=:65536",        "pool.min_spare=99999999999999999999",
        "runs.max_cost_usd=-1", "runs.max_cost_usd=1e10",
        "runs.max_cost_usd=$2", "runs.max_cost_usd=0.0000000001",
        "ledger=lmdb",          "ledger=redis://:secret@h",
        "ledger_down=",         "log.required=1",
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct settings *settings = kit_load("", sets[i]);
        if (settings)
            printf("%s was taken ", sets[i]);
        CU_ASSERT_PTR_NULL(settings);
        CU_ASSERT_EQUAL(kit_errors(), 1);
        settings_free(settings);
    }
}

/* ---- the file ---- */

/* A file and its errors, in this order and no others. */
static const struct {
    const char *text;
    const char *errors[4];
} invalid[] = {
    {"pool: { min_spar = 3; };",
     {"DIR/penstock.conf:1: pool.min_spar: unknown setting; did you mean pool.min_spare?"}},
    {"\n\nlog_level = \"info\";",
     {"DIR/penstock.conf:3: log_level: unknown setting; did you mean log.level?"}},
    {"anonymous = true;",
     {"DIR/penstock.conf:1: anonymous: unknown setting; did you mean access.anonymous?"}},
    {"retry: { max_attempts = 17; };",
     {"DIR/penstock.conf:1: retry.max_attempts: must be a whole number from 1 to 16, not 17"}},
    {"aliases: ( { name = \"a\"; targets = [ \"nvidia:b\" ]; larger = [ \"b\" ]; hold: { bytes = -2; }; } );",
     {"DIR/penstock.conf:1: aliases.[0].hold.bytes: must be a whole number from -1 to 1073741824, not -2",
      "DIR/penstock.conf:1: aliases.[0].larger: must be one of the targets, in the same spelling"}},
    {"provider: { };", {"DIR/penstock.conf:1: provider: unknown setting; did you mean providers?"}},
    {"pool = 3;", {"DIR/penstock.conf:1: pool: must be a group: { ... }"}},
    {"clients: { };", {"DIR/penstock.conf:1: clients: must be a list of groups: ( { ... }, { ... } )"}},
    {"clients: ( 3 );", {"DIR/penstock.conf:1: clients.[0]: must be a group: { ... }"}},
    {"socket: { mode = 0660; };",
     {"DIR/penstock.conf:1: socket.mode: must be a string of octal digits such as \"0660\", with the "
      "quotation marks"}},
    {"limits: {\n body = true;\n json_depth = \"3\";\n};",
     {"DIR/penstock.conf:2: limits.body: must be a size from 1024 to 1073741824 bytes such as \"32M\", not "
      "true",
      "DIR/penstock.conf:3: limits.json_depth: must be a whole number from 1 to 512, not \"3\""}},
    {"listen = { };", {"DIR/penstock.conf:1: listen: must be a string"}},
    {"log: { level = \"inf\"; };",
     {"DIR/penstock.conf:1: log.level: must be \"error\", \"warning\", \"info\" or \"debug\", not \"inf\""}},
    {"pool: { min_spare = 9;\n max_spare = 8; };",
     {"DIR/penstock.conf:1: pool.min_spare: must not exceed pool.max_spare: 9 is more than 8"}},
    {"default_provider = \"x\";", {"DIR/penstock.conf:1: default_provider: no provider \"x\" is configured"}},
    {"providers: {\n x: { };\n};",
     {"DIR/penstock.conf:2: providers.x.base_url: is missing; it is required because no preset has the name "
      "of "
      "this provider"}},
    {"providers: { nvidia: { models = [ 1, 2 ]; }; };",
     {"DIR/penstock.conf:1: providers.nvidia.models: must be an array of strings such as [ \"one\", \"two\" "
      "], "
      "not 1",
      "DIR/penstock.conf:1: providers.nvidia.models: must be an array of strings such as [ \"one\", \"two\" "
      "], "
      "not 2"}},
    {"clients: ( { name = \"a\"; key_sha256 = \"" SHA "\"; },\n { name = \"a\"; key_sha256 = \"12\"; } );",
     {"DIR/penstock.conf:2: clients.[1].name: another client has this name",
      "DIR/penstock.conf:2: clients.[1].key_sha256: must be 64 hexadecimal digits, the SHA-256 of the key"}},
    {"clients: ( { name = \"a\"; key_sha256 = \"" SHA "\"; }, { name = \"b\"; key_sha256 = \"" SHA "\"; } );",
     {"DIR/penstock.conf:1: clients.[1].key_sha256: another client has this key"}},
    {"clients: ( { name = \"" SHA SHA "x\"; key_sha256 = \"" SHA "\"; } );",
     {"DIR/penstock.conf:1: clients.[0].name: must not be longer than 128 bytes"}},
    {"clients: ( { key_sha256 = \"" SHA "\"; } );", {"DIR/penstock.conf:1: clients.[0].name: is missing"}},
    {"clients: ( { name = \"a\"; } );",
     {"DIR/penstock.conf:1: clients.[0].key_sha256: is missing; penstock key new NAME creates an entry with "
      "its key"}},
    {"clients: ( { name = \"a\"; remote_user = \"u\"; },\n"
     "{ name = \"b\"; remote_user = \"u\"; expires = \"soon\"; usd_total = true; } );",
     {"DIR/penstock.conf:2: clients.[1].usd_total: must be an amount in USD from 0 to 1000000000, such as "
      "2.5, with at most 9 decimal places, not true",
      "DIR/penstock.conf:2: clients.[1].remote_user: another client has this login",
      "DIR/penstock.conf:2: clients.[1].expires: must be a date such as \"2026-12-31\" or a time such as "
      "\"2026-12-31T18:00:00Z\""}},
    {"access: { trusted_peers = [ \"127.0.0.1\", \"www.example.org\" ]; };",
     {"DIR/penstock.conf:1: access.trusted_peers: \"www.example.org\" is not a numeric address such as "
      "192.0.2.1 or "
      "2001:db8::1"}},
    {"access: { origins = [ \"https://a.example\", \"*\", \"null\", \"http://[::1]:80\" ]; };",
     {"DIR/penstock.conf:1: access.origins: \"http://[::1]:80\" must not have the default port, which "
      "browsers "
      "leave out"}},
    {"ledger = \"redis://user:pass@h\";",
     {"DIR/penstock.conf:1: ledger: must not contain a password; set it with ledger_password"}},
    /* syntax: the first only */
    {"pool: {\n min_spare = ;\n};\nlog = ;", {"DIR/penstock.conf:2: syntax: syntax error"}},
    {"stop_timeout = 1;\nstop_timeout = 2;", {"DIR/penstock.conf:2: syntax: duplicate setting name"}},
    /* what libconfig accepts silently */
    {"pool: {\n max_workers = 4294967297; };",
     {"DIR/penstock.conf:2: max_workers: the number does not fit into 32 bits; append an L to it"}},
    {"limits: { body = 99999999999999999999L; };", {"DIR/penstock.conf:1: body: the number is too large"}},
    /* what libconfig does not survive */
    {"/* a\nb */ stop_timeout = 1; # \"\n@include \"folder\"",
     {"DIR/penstock.conf:3: @include: DIR/folder: is not a regular file"}},
    {"@include \"fifo\"", {"DIR/penstock.conf:1: @include: DIR/fifo: is not a regular file"}},
    {"@include \"\"",
     {"DIR/penstock.conf:1: @include: must be followed by a file name in quotation marks without a "
      "backslash"}},
    {"@include \"fol\\der\"",
     {"DIR/penstock.conf:1: @include: must be followed by a file name in quotation marks without a "
      "backslash"}},
    {"stop_timeout = 1;\n@inc", {"DIR/penstock.conf:2: syntax: syntax error"}},
    {"@include \"missing\"", {"DIR/penstock.conf:1: @include: DIR/missing: No such file or directory"}},
    {"@include \"/etc/passwd\"",
     {"DIR/penstock.conf:1: @include: the path must be relative to the directory of the main file"}},
    {"@include \"penstock.conf\"", {"DIR/penstock.conf:1: @include: too many files are included"}},
    {"@include \"part\"", {"DIR/part:2: pol: unknown setting; did you mean pool?"}},
    {"@include \"broken\"", {"DIR/broken:2: syntax: syntax error"}},
};

static void each_error_in_a_file_is_reported(void)
{
    mkdir(kit_path("folder"), 0700);
    mkfifo(kit_path("fifo"), 0600);
    kit_write("part", "stop_timeout = 1;\npol: { };\n");
    kit_write("broken", "stop_timeout = 1;\n}\n");
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        size_t expected = 0;
        struct settings *settings = kit_load(invalid[i].text, NULL);
        CU_ASSERT_PTR_NULL(settings);
        for (; expected < 4 && invalid[i].errors[expected]; expected++)
            if (strcmp(kit_error(expected), invalid[i].errors[expected]) != 0) {
                printf("\n  reported: %s\n  expected: %s\n", kit_error(expected),
                       invalid[i].errors[expected]);
                CU_FAIL("another error");
            }
        CU_ASSERT_EQUAL(kit_errors(), expected);
        settings_free(settings);
    }
}

static void unusual_files_are_read_or_rejected(void)
{
    struct settings *settings = kit_load("stop_timeout = 3; # the last line has no end", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->stop_timeout_ms, 3000);
    settings_free(settings);
    settings = kit_load(
        "// \"4294967297\n/* 4294967297 */ log: { usage = \"/4294967297\\\" # 4294967297\"; };", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_STRING_EQUAL(settings->usage_path, "/4294967297\" # 4294967297");
    settings_free(settings);
    FILE *file = fopen(kit_path("nul.conf"), "w");
    fwrite("stop_timeout = 3;\0", 1, 18, file);
    fclose(file);
    setenv("PENSTOCK_CONFIG", kit_path("nul.conf"), 1);
    CU_ASSERT_PTR_NULL(kit_find());
    CU_ASSERT_STRING_EQUAL(kit_error(0), "DIR/nul.conf: the file: contains a NUL byte");
    setenv("PENSTOCK_CONFIG", kit_path("folder"), 1);
    CU_ASSERT_PTR_NULL(kit_find());
    CU_ASSERT_STRING_EQUAL(kit_error(0), "DIR/folder: the file: is not a regular file");
    unsetenv("PENSTOCK_CONFIG");
}

static void included_files_count_as_the_file(void)
{
    kit_write("more.conf", "stop_timeout = 4;\nproviders: { groq: { api_key = \"k\"; }; };\n");
    struct settings *settings = kit_load("keepalive_interval = 3;\n@include \"more.conf\"\n", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->stop_timeout_ms, 4000);
    settings_free(settings);
    chmod(kit_path("more.conf"), 0604);
    CU_ASSERT_PTR_NULL(kit_load("keepalive_interval = 3;\n@include \"more.conf\"\n", NULL));
    CU_ASSERT_STRING_EQUAL(kit_error(0),
                           "DIR/more.conf:2: providers.groq.api_key: other users can access the file "
                           "that holds this secret; run chmod o= on it");
}

/* Numbers of the pool that are set prevail over defaults. */
static void the_numbers_of_the_pool_fit_each_other(void)
{
    struct settings *settings = kit_load("pool: { max_workers = 2; };", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->min_spare, 2);
    CU_ASSERT_EQUAL(settings->max_spare, 2);
    settings_free(settings);
    settings = kit_load("pool: { min_spare = 300; };", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->max_spare, 300);
    CU_ASSERT_EQUAL(settings->max_workers, 300);
    settings_free(settings);
}

/* ---- the line in an error ---- */

/* A file and the line that its first error quotes. */
static const struct {
    const char *text, *line;
} quoted[] = {
    {"pool: { min_spar = 3; }; # a comment", "pool: { min_spar = 3; };"},
    {"\n\tlog_level = \"info\";\n", "log_level = \"info\";"},
    {"/* api_key\n */ listen = 5;", "listen = 5;"},
    {"stop_timeout = 1;\n@include \"missing\"", "@include \"missing\""},
    {"socket: { mode = 0660; };", "socket: { mode = 0660; };"},
    /* values that may be secret */
    {"providers: { p: { api_key = \"sk 1\"; base_url = \"http://h\"; }; };",
     "providers: { p: { api_key = \"...\"; base_url = \"http://h\"; }; };"},
    {"providers: { p: { base_url = \"http://h\"; api_key = sk-1-2; x = 1; }; };",
     "providers: { p: { base_url = \"http://h\"; api_key = ...; x = 1; }; };"},
    {"providers: { p: { api_key\n  = [ \"sk-1\", \"sk-2\" ]; }; };", "providers: { p: { api_key"},
    {"ledger_password = \"a\nb\" c;", "...\" ...;"},
    {"providers: { p: { base_url = \"http://u:secret@h/v1\"; }; };",
     "providers: { p: { base_url = \"...\"; }; };"},
    {"providers: { p: { headers: { X-Token = \"a\r\nb\"; }; base_url = \"http://h\"; }; };",
     "providers: { p: { headers: { X-Token = \"..."},
};

static void an_error_quotes_its_line_without_secrets(void)
{
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++) {
        CU_ASSERT_PTR_NULL(kit_load(quoted[i].text, NULL));
        if (strcmp(kit_line(0), quoted[i].line) != 0)
            printf("\n  error: %s\n  quoted: %s\n  expected: %s\n", kit_error(0), kit_line(0),
                   quoted[i].line);
        CU_ASSERT_STRING_EQUAL(kit_line(0), quoted[i].line);
    }
    CU_ASSERT_PTR_NULL(kit_load("", "pool.min_spare=x"));
    CU_ASSERT_STRING_EQUAL(kit_line(0), "");
}

/* ---- renamed settings ---- */

static void old_names_are_read_as_the_new_ones(void)
{
    struct settings *settings = kit_load("limits: { max_answer = \"2M\"; event = \"3M\"; };", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->answer_max, 2 << 20);
    CU_ASSERT_EQUAL(settings->event_max, 3 << 20);
    const struct settings_value *value = settings_values_find(settings->values, "limits.response");
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    CU_ASSERT_STRING_EQUAL(value->old_name, "limits.max_answer");
    CU_ASSERT_PTR_NULL(settings_values_find(settings->values, "limits.event")->old_name);
    settings_free(settings);
    setenv("PENSTOCK_LIMITS_MAX_EVENT", "4M", 1);
    settings = kit_load("limits: { event = \"3M\"; };", "limits.max_answer=5M");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->event_max, 4 << 20);
    CU_ASSERT_EQUAL(settings->answer_max, 5 << 20);
    settings_free(settings);
    unsetenv("PENSTOCK_LIMITS_MAX_EVENT");
    CU_ASSERT_PTR_NULL(kit_load("limits: { max_answer = 1; };", NULL));
    CU_ASSERT_STRING_EQUAL(kit_error(0), "DIR/penstock.conf:1: limits.response: must be a size from 1024 to "
                                         "1073741824 bytes such as \"32M\", not 1");
}

static const struct unit_test tests[] = {
    {"the rows are well formed", the_rows_are_well_formed},
    {"an empty file leaves the defaults", an_empty_file_leaves_the_defaults},
    {"the command line has precedence", the_command_line_has_precedence},
    {"errors outside the file are reported", errors_outside_the_file_are_reported},
    {"unknown variables are recognised", unknown_variables_are_recognised},
    {"the first file in order is read", the_first_file_in_order_is_read},
    {"without a file the presets with keys are there", without_a_file_the_presets_with_keys_are_there},
    {"numbers are read in their units", numbers_are_read_in_their_units},
    {"other values are refused", other_values_are_refused},
    {"each error in a file is reported", each_error_in_a_file_is_reported},
    {"unusual files are read or rejected", unusual_files_are_read_or_rejected},
    {"included files count as the file", included_files_count_as_the_file},
    {"the numbers of the pool fit each other", the_numbers_of_the_pool_fit_each_other},
    {"an error quotes its line without secrets", an_error_quotes_its_line_without_secrets},
    {"old names are read as the new ones", old_names_are_read_as_the_new_ones},
};

KIT_MAIN("settings", tests)
