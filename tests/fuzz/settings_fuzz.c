/* Any bytes as a configuration file: it is accepted, or its mistakes are reported. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failure.h"
#include "config/settings.h"
#include "fuzz.h"

static size_t told;

/* libconfig's scanner loses a string that has no end; it reads configuration only before the first request.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

static void hear(void *context, const struct failure *why)
{
    (void)context;
    must(why->reason == FAILURE_SETTING && *why->message, "a mistake is told in words");
    told++;
}

/* Uses a file without a name in the file system, so that nothing is left behind. */
static int open_file(void)
{
    int file = memfd_create("penstock.conf", MFD_CLOEXEC);
    must(file >= 0 && clearenv() == 0, "there is a file, and no environment");
    must(fchmod(file, 0600) == 0, "others cannot read it");
    return file;
}

static void check_settings(const struct settings *settings)
{
    for (size_t i = 0; i < settings->provider_count; i++) {
        const struct provider_settings *provider = &settings->providers[i];
        must(provider->preset && *provider->name && provider->base_url, "a provider is complete");
        must(settings_provider(settings, provider->name, strlen(provider->name)), "and is found by its name");
    }
    must(settings->max_workers > 0 && settings->body_max > 0 && settings->json_depth > 0,
         "limits are limits");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int file = -1;
    static char path[64];
    if (file < 0) {
        file = open_file();
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    must(ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size, "the file is written");
    told = 0;
    struct settings_source source = {.file = path};
    struct settings *settings = settings_load(&source, hear, NULL);
    must((settings != NULL) == (told == 0), "there are settings or mistakes");
    if (settings)
        check_settings(settings);
    settings_free(settings);
    return 0;
}
