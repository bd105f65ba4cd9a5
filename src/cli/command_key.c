/* `penstock key`: a key for a client, and the entry that lets it in.
 *
 * The key is shown once and kept nowhere: the settings hold its digest only. */
#include "cli/command_key.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/failure.h"
#include "cli/client_entry.h"
#include "cli/options.h"
#include "config/settings.h"

#define KEY_MAX 4096

/* ---- penstock key new ---- */

static bool read_arguments(struct client_entry *entry, const struct options *options, const char **name,
                           struct failure *why)
{
    *name = NULL;
    for (int i = 1; i < options->rest_count; i++) {
        const char *argument = options->rest[i];
        if (strncmp(argument, "--", 2) == 0) {
            if (!client_entry_set(entry, options->rest_count, options->rest, &i))
                return fail(why, FAILURE_SETTING, "no such option: %s", argument);
        } else if (*name) {
            return fail(why, FAILURE_SETTING, "one name, not \"%s\" besides", argument);
        } else {
            *name = argument;
        }
    }
    return (*name && **name) || fail(why, FAILURE_SETTING, "the client needs a name");
}

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "penstock key: %s\n", why->message);
}

static bool is_taken(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->client_count; i++)
        if (strcmp(settings->clients[i].name, name) == 0)
            return true;
    return false;
}

/* Settings that cannot be read are no reason to make no key: whoever makes it may not be who may read them.
 */
static bool look_into_settings(const struct options *options, const char *name)
{
    struct settings *settings = settings_load(&options->source, complain, NULL);
    bool has_clients = settings && settings->client_count;
    if (!settings)
        fputs(
            "penstock key: warning: whether the name is free is not known, for the settings cannot be read\n",
            stderr);
    else if (is_taken(settings, name))
        fprintf(
            stderr,
            "penstock key: warning: the settings have a client of this name; names must differ, so put the "
            "new key_sha256 in its entry, or choose another name\n");
    settings_free(settings);
    return has_clients;
}

static void print_all(const struct client_entry *entry, const char *key, bool has_clients)
{
    printf("%s\n\n", key);
    puts("# Above is the key, which is shown this once and kept nowhere. This lets it in; it belongs into");
    puts(has_clients ? "# penstock.conf, as one more entry of clients:" : "# penstock.conf:");
    fputs(has_clients ? "" : "clients: ( ", stdout);
    client_entry_print(entry, stdout);
    puts(has_clients ? "" : " );");
}

static bool is_written(void)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (!written)
        perror("penstock key: cannot write");
    return written;
}

static void make_key(char key[static RANDOM_KEY_SIZE], char digest[static DIGEST_HEX + 1])
{
    unsigned char bytes[DIGEST_BYTES];
    digest_random_key(key);
    digest_sha256(key, strlen(key), bytes);
    digest_print(bytes, digest);
}

static int make(const struct options *options)
{
    struct client_entry entry = {0};
    char key[RANDOM_KEY_SIZE], digest[DIGEST_HEX + 1];
    const char *name;
    struct failure why;
    make_key(key, digest);
    bool good = read_arguments(&entry, options, &name, &why) && client_entry_fill(&entry, name, digest, &why);
    if (good)
        print_all(&entry, key, look_into_settings(options, name));
    else
        complain(NULL, &why);
    explicit_bzero(key, sizeof key);
    client_entry_free(&entry);
    if (!good)
        return EX_USAGE;
    return is_written() ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- penstock key digest ---- */

/* A key that is typed is nothing for onlookers. */
static bool hide_typing(struct termios *before)
{
    if (tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    struct termios silent = *before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    fputs("key: ", stderr);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
}

/* One line, its end left out; -1: no key. */
static ssize_t read_key(char key[static KEY_MAX])
{
    struct termios before;
    bool hidden = hide_typing(&before);
    bool read = fgets(key, KEY_MAX, stdin) != NULL;
    if (hidden) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        putc('\n', stderr);
    }
    size_t length = read ? strcspn(key, "\r\n") : 0;
    bool ended = length < KEY_MAX - 1;
    for (size_t i = 0; i < length; i++)
        ended = ended && (unsigned char)key[i] > ' ' && key[i] != 0x7f;
    return length && ended ? (ssize_t)length : -1;
}

static int digest(void)
{
    char key[KEY_MAX], text[DIGEST_HEX + 1];
    unsigned char bytes[DIGEST_BYTES];
    ssize_t length = read_key(key);
    if (length < 0) {
        fputs("penstock key: no key came on standard input: one line, without blanks\n", stderr);
        return EXIT_FAILURE;
    }
    digest_sha256(key, (size_t)length, bytes);
    explicit_bzero(key, sizeof key);
    digest_print(bytes, text);
    puts(text);
    return is_written() ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the command ---- */

static int print_usage(void)
{
    fputs("usage: penstock key new [-c FILE] NAME [OPTION VALUE]...\n"
          "       penstock key digest\n\n",
          stderr);
    client_entry_list(stderr);
    return EX_USAGE;
}

static int run(const struct options *options)
{
    const char *what = options->rest_count ? options->rest[0] : "";
    if (strcmp(what, "new") == 0)
        return make(options);
    if (strcmp(what, "digest") == 0 && options->rest_count == 1)
        return digest();
    return print_usage();
}

int command_key(int argc, char **argv)
{
    return options_run("penstock key", argc, argv, run);
}
