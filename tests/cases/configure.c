/* Writes a case's penstock.conf: the common settings, unless the case brings its own; and its other files. */
#include "configure.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/expand.h"
#include "../kit/files.h"
#include "stage.h"

static const struct {
    const char *name, *value;
} common[] = {
    {"default_provider", "= \"fake\";"},
    {"providers",
     ": { fake: { base_url = \"http://127.0.0.1:${port}/v1\"; api_key = \"" PROVIDER_KEY "\"; }; };"},
    {"access", ": { anonymous = true; };"},
    /* By default a failure is not retried, so that a case has to say only once what upstream answers. */
    {"retry", ": { max_attempts = 1; };"},
    {"log", ": { usage = \"${folder}/usage.jsonl\"; errors = \"${folder}/error.log\"; };"},
    {"state_dir", "= \"${folder}\";"},
    {"listen", "= \"${folder}/sock\";"},
    {"pid_file", "= \"${folder}/pid\";"},
    /* One worker, so that the second request of a case finds the state that the first one left. */
    {"pool", ": { min_spare = 1; max_spare = 1; max_workers = 1; };"},
};

/* Does a line of the case's own settings begin with that name? */
static bool is_given(const char *settings, const char *name)
{
    size_t size = strlen(name);
    for (const char *line = settings; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, size) == 0 && line[size] && strchr(" :={", line[size]))
            return true;
    }
    return false;
}

/* Files that the settings name, beside them. */
static void write_files(struct stage *stage)
{
    for (size_t i = 0; i < stage->test->file_count; i++) {
        const struct section *file = stage->test->files[i];
        struct text out = {0};
        expand(&out, file->body, strlen(file->body), stage_lookup, stage);
        char *path = stage_path(stage, file->title + strlen("file "));
        file_write(path, text_words(&out), out.length);
        free(path);
        text_free(&out);
    }
}

void configure(struct stage *stage)
{
    write_files(stage);
    const struct section *own = stage->test->settings;
    struct text lines = {0}, out = {0};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (!own || !is_given(own->body, common[i].name))
            text_format(&lines, "%s%s\n", common[i].name, common[i].value);
    if (geteuid() == 0 && stage->way == WAY_SERVE)
        text_put(&lines, "user = \"nobody\";\n");
    if (own)
        text_format(&lines, "%s\n", own->body);
    expand(&out, lines.bytes, lines.length, stage_lookup, stage);
    char *path = stage_path(stage, "penstock.conf");
    file_write(path, out.bytes, out.length);
    free(path);
    text_free(&lines);
    text_free(&out);
}
