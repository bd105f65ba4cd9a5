/* Printing the settings: those in effect, and the defaults, which etc/penstock.conf and the manual repeat. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "config/settings_apply.h"
#include "config/settings_dump.h"
#include "config/settings_format.h"
#include "config/settings_table.h"
#include "config/settings_values.h"
#include "settings_kit.h"
#include "unit.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *dump(const struct settings *settings)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (settings)
        settings_dump(settings, out);
    else
        settings_dump_defaults(out);
    fclose(out);
    return text;
}

/* Removes origins, and the comments for secrets, which are lost when a dump is read. */
static void cut_comments(char *text)
{
    char *to = text;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *mark = strstr(line, " # ");
        size_t length = mark ? (size_t)(mark - line) : strlen(line);
        if (*line == '#' || strspn(line, " ") >= length)
            continue;
        memmove(to, line, length);
        to[length] = '\n';
        to += length + 1;
    }
    *to = '\0';
}

static const char full[] =
    "providers: {\n"
    "  groq: { api_key = \"sk-hidden\"; timeout: { connect = 0.5; }; };\n"
    "  p: { base_url = \"http://h/v1\"; models = [ \"a\\\"b\", \"c\\\\\" ]; proxy = "
    "\"socks5h://h:1080\";\n"
    "       headers: { X-Title = \"t\"; X-Api-Key = \"sk-header\"; };\n"
    "       params: { drop = [ \"d\" ]; rename: { e = \"f\"; };\n"
    "                 set: { g = { h = ( 1, -2.5, \"i\\n\", { }, [ ], 5000000000L ); }; }; }; };\n"
    "};\n"
    "clients: ( { name = \"one\"; key_sha256 = \"" SHA
    "\"; models = [ \"fast\", \"p:*\" ]; requests_per_minute = 7;\n"
    "  usd_per_day = 0.3; usd_per_month = 2.0; usd_total = \"123456789.123456789\"; expires = "
    "\"2030-01-02\"; },\n"
    "  { name = \"two\"; remote_user = \"*\"; usd_per_day = 1000000000; } );\n"
    "runs: { max_cost_usd = 0.000000001; };\n"
    "ledger_password = \"sk-redis\";\n"
    "aliases: ( { name = \"fast\"; targets = [ \"p:a?n=1\", \"groq:b\" ];\n"
    "             larger = [ \"groq:b\" ]; hold: { bytes = -1; }; },\n"
    "           { name = \"slow\"; targets = ( { model = \"p:c\"; weight = 3; }, \"p:d\",\n"
    "             { larger = true; model = \"p:e\"; weight = 0; } ); timeout: { idle = 5; }; } );\n"
    "limits: { body = \"1500\"; header = \"2K\"; };\n"
    "log: { level = \"debug\"; errors = \"\"; };\n";

static void a_dump_can_be_read_again(void)
{
    struct settings *settings = kit_load(full, "keepalive_interval=9");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    char *first = dump(settings);
    settings_free(settings);
    settings = kit_load(first, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->body_max, 1500);
    CU_ASSERT_EQUAL(settings->keepalive_interval_ms, 9000);
    CU_ASSERT_EQUAL(settings->providers[0].connect_ms, 500);
    CU_ASSERT_STRING_EQUAL(settings->providers[1].models.items[0], "a\"b");
    CU_ASSERT_STRING_EQUAL(settings->providers[1].set.items[0].value,
                           "{\"h\":[1,-2.5,\"i\\n\",{},[],5000000000]}");
    CU_ASSERT_STRING_EQUAL(settings->clients[0].models.items[1], "p:*");
    CU_ASSERT_EQUAL(settings->clients[0].limits.requests_per_minute, 7);
    CU_ASSERT_EQUAL(settings->clients[0].limits.usd_per_day, 300000000);
    CU_ASSERT_EQUAL(settings->clients[0].limits.usd_per_month, 2000000000);
    CU_ASSERT_EQUAL(settings->clients[0].limits.usd_total, 123456789123456789);
    CU_ASSERT_EQUAL(settings->clients[0].expires_s, 1893542400);
    CU_ASSERT_EQUAL(settings->clients[1].limits.usd_per_day, 1000000000000000000);
    CU_ASSERT_FALSE(settings->clients[1].has_key);
    CU_ASSERT_EQUAL(settings->runs.max_cost, 1);
    CU_ASSERT_STRING_EQUAL(settings->aliases[0].targets.items[0], "p:a?n=1");
    CU_ASSERT_STRING_EQUAL(settings->aliases[0].larger.items[0], "groq:b");
    CU_ASSERT_EQUAL(settings->aliases[0].hold_bytes, -1);
    CU_ASSERT_EQUAL(settings->aliases[1].hold_bytes, 0);
    CU_ASSERT_EQUAL(settings->aliases[1].targets.options[0].weight, 3);
    CU_ASSERT_EQUAL(settings->aliases[1].targets.options[1].weight, -1);
    CU_ASSERT_EQUAL(settings->aliases[1].targets.options[2].weight, 0);
    CU_ASSERT_TRUE(settings->aliases[1].targets.options[2].larger);
    CU_ASSERT_FALSE(settings->aliases[1].targets.options[0].larger);
    CU_ASSERT_EQUAL(settings->aliases[1].first_byte_ms, 60000);
    CU_ASSERT_EQUAL(settings->aliases[1].idle_ms, 5000);
    char *second = dump(settings);
    settings_free(settings);
    cut_comments(first);
    cut_comments(second);
    CU_ASSERT_STRING_EQUAL(first, second);
    free(first);
    free(second);
}

static void a_dump_holds_no_secret(void)
{
    struct settings *settings = kit_load(full, "providers.p.proxy=http://user:sk-proxy@h:3128");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    char *text = dump(settings);
    CU_ASSERT_PTR_NULL(strstr(text, "sk-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "# api_key = \"(set)\";"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "# proxy = \"(set)\";"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "# ledger_password = \"(set)\";"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "# X-Api-Key = \"(set)\";"));
    free(text);
    settings_free(settings);
}

static void a_dump_says_where_from(void)
{
    setenv("PENSTOCK_STOP_TIMEOUT", "3", 1);
    setenv("OPENAI_API_KEY", "sk-1", 1);
    struct settings *settings = kit_load(
        "providers: {\n nvidia: { };\n openai: { };\n};\nlog: {\n level = \"error\";\n};",
        "pool.max_workers=99");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    char *text = dump(settings);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "stop_timeout = 3; # PENSTOCK_STOP_TIMEOUT\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "max_workers = 99; # command line\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "/penstock.conf:6\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "first_byte = 300; # preset nvidia\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "idle = 300; # preset nvidia\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "# api_key = \"(set)\"; # OPENAI_API_KEY\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "min_spare = 4;\n"));
    free(text);
    settings_free(settings);
    unsetenv("PENSTOCK_STOP_TIMEOUT");
    unsetenv("OPENAI_API_KEY");
}

/* ---- etc/penstock.conf and the manual ---- */

static char *read_source(const char *name)
{
    char path[512];
    static char text[1 << 18];
    const char *top = getenv("srcdir");
    snprintf(path, sizeof path, "%s/%s", top ? top : ".", name);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Replaces `old` in `text`, which is freed; the result is to be freed by the caller. */
static char *replace(char *text, const char *old, const char *fresh)
{
    char *result = NULL;
    size_t length;
    FILE *out = open_memstream(&result, &length);
    const char *rest = text;
    for (const char *found; (found = strstr(rest, old)); rest = found + strlen(old))
        fprintf(out, "%.*s%s", (int)(found - rest), rest, fresh);
    fputs(rest, out);
    fclose(out);
    free(text);
    return result;
}

static void etc_is_what_the_program_prints(void)
{
    char *text = replace(dump(NULL), "\"" RUNSTATEDIR "/", "\"@runstatedir@/");
    text = replace(text, "\"" LOCALSTATEDIR "/", "\"@localstatedir@/");
    CU_ASSERT_STRING_EQUAL(text, read_source("etc/penstock.conf.in"));
    free(text);
}

/* Removes the '#' before each setting and group, up to the examples of providers. */
static void uncomment(char *text)
{
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "# Providers.", 12) == 0)
            *line = '\0';
        if (*line == '#' && (line[1] != ' ' || strncmp(line + 1, "    ", 4) == 0))
            *line = ' ';
    }
}

/* As installed, with all settings commented out, and with each of them set to its default. */
static void the_defaults_are_a_valid_file(void)
{
    char *text = dump(NULL);
    struct settings *settings = kit_load(text, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->values->count, 0);
    char *first = dump(settings);
    settings_free(settings);
    uncomment(text);
    settings = kit_load(text, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT(settings->values->count > 40);
    char *second = dump(settings);
    settings_free(settings);
    cut_comments(first);
    cut_comments(second);
    CU_ASSERT_STRING_EQUAL(first, second);
    free(first);
    free(second);
    free(text);
}

/* The manual has an entry ".It Ic NAME No = DEFAULT" for each row, with "Restart." in it if a reload is not
 * enough. */
static void the_manual_names_every_setting(void)
{
    struct settings defaults = {0};
    const struct setting_row *row;
    settings_set_defaults(&defaults);
    settings_add_provider(&defaults, "p", 1);
    const char *manual = read_source("src/manual/penstock.conf.5");
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        const void *base = row->owner == OWNER_PROVIDER ? (void *)defaults.providers : &defaults;
        bool has_default = !strchr(row->path, '#') && row->type != SETTING_PAIR &&
                           row->type != SETTING_JSON && row->type != SETTING_SECRET;
        char *entry = NULL;
        size_t length;
        FILE *out = open_memstream(&entry, &length);
        fprintf(out, "\n.It Ic %s", row->path);
        if (has_default)
            fputs(" No = ", out);
        if (has_default)
            setting_print(row, base, out);
        fputc('\n', out);
        fclose(out);
        entry = replace(entry, "\"" RUNSTATEDIR "/", "\"RUNSTATEDIR/");
        entry = replace(entry, "\"" LOCALSTATEDIR "/", "\"LOCALSTATEDIR/");
        entry = replace(entry, "\"", "\\(dq");
        const char *found = strstr(manual, entry);
        if (!found)
            printf("\n  not in the manual: %s", entry + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(found);
        const char *end = strstr(found + strlen(entry), "\n.It ");
        const char *restart = strstr(found, "\nRestart.\n");
        CU_ASSERT_EQUAL(row->reloadable, !restart || (end && restart > end));
        free(entry);
    }
    settings_clear(&defaults);
}

static const struct unit_test tests[] = {
    {"a dump can be read again", a_dump_can_be_read_again},
    {"a dump holds no secret", a_dump_holds_no_secret},
    {"a dump says where from", a_dump_says_where_from},
    {"etc is what the program prints", etc_is_what_the_program_prints},
    {"the defaults are a valid file", the_defaults_are_a_valid_file},
    {"the manual names every setting", the_manual_names_every_setting},
};

int main(void)
{
    char *top = getenv("srcdir") ? strdup(getenv("srcdir")) : NULL;
    kit_open();
    if (top)
        setenv("srcdir", top, 1);
    free(top);
    int status = unit_run("settings dump", tests, sizeof tests / sizeof *tests);
    kit_close();
    return status;
}
