/* `penstock key`: makes a client's key and the entry of penstock.conf that admits it.
 *
 * The key is shown once and stored nowhere: the settings hold only its digest. */
#include "cli/commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/failure.h"
#include "base/portable.h"
#include "cli/client_entry.h"
#include "cli/options.h"
#include "cli/price_warnings.h"
#include "config/settings.h"
#include "usage/price.h"

#define KEY_MAX 4096

/* ---- penstock key new ---- */

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

/* Settings that cannot be read do not prevent a new key, because the caller may lack permission to read
 * them. */
static bool check_settings(const struct options *options, const char *name,
                           const struct client_settings *client)
{
    struct settings *settings = settings_load(&options->source, complain, NULL);
    bool has_clients = settings && settings->client_count;
    if (!settings)
        fputs("penstock key: warning: whether the name is free is not known, because the settings cannot be "
              "read\n",
              stderr);
    else if (is_taken(settings, name))
        fputs("penstock key: warning: the settings have a client of this name; names must differ, so put the "
              "new key_sha256 in its entry, or choose another name\n",
              stderr);
    if (settings) {
        struct prices *prices = prices_of(settings);
        warn_about_unpriced(settings, prices, client);
        prices_free(prices);
    }
    settings_free(settings);
    return has_clients;
}

static void print_key_and_entry(const struct client_entry *entry, const char *key, bool has_clients)
{
    printf("%s\n\n", key);
    puts("# Above is the key. It is shown only now and stored nowhere. This entry admits it; add it to");
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

static int make(const struct options *options, const char *name)
{
    struct client_entry entry;
    char key[RANDOM_KEY_SIZE], digest[DIGEST_HEX + 1];
    struct failure why;
    make_key(key, digest);
    bool good = client_entry_fill(&entry, name, digest, options, &why);
    if (good)
        print_key_and_entry(&entry, key, check_settings(options, name, &entry.client));
    explicit_bzero(key, sizeof key);
    client_entry_free(&entry);
    if (!good)
        return options_refuse(options->syntax, why.message);
    return is_written() ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- penstock key digest ---- */

/* Turns the echo of a terminal off while a key is typed. */
static bool turn_echo_off(struct termios *before)
{
    if (tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    struct termios silent = *before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    fputs("key: ", stderr);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
}

/* Reads one line without its line end. Returns its length, or -1 if the line is not a key. */
static ssize_t read_key(char key[static KEY_MAX])
{
    struct termios before;
    bool hidden = turn_echo_off(&before);
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
        fputs("penstock key: expected a key on standard input: one line without blanks\n", stderr);
        return EXIT_FAILURE;
    }
    digest_sha256(key, (size_t)length, bytes);
    explicit_bzero(key, sizeof key);
    digest_print(bytes, text);
    puts(text);
    return is_written() ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the command ---- */

static int run(const struct options *options)
{
    size_t count = options->operand_count;
    const char *action = count ? options->operands[0] : "";
    if (strcmp(action, "new") == 0 && count == 2 && *options->operands[1])
        return make(options, options->operands[1]);
    if (strcmp(action, "new") == 0)
        return options_refuse(options->syntax, "`new` needs one name for the client");
    if (strcmp(action, "digest") == 0 && count == 1 && !options->use_count)
        return digest();
    return options_refuse(options->syntax, "expected `new NAME [OPTION]...` or `digest`");
}

int command_key(int argc, char **argv)
{
    struct client_options options;
    client_options_init(&options);
    const struct command_syntax syntax = {
        .name = "penstock key",
        .operands = "new NAME | digest",
        .description =
            "  new NAME   make a random key for the client NAME; print the key and its entry for\n"
            "             penstock.conf, which admits the key. The options add limits to the entry.\n"
            "  digest     read a key from standard input and print its SHA-256 for key_sha256\n",
        .options = options.rows,
    };
    return options_run(&syntax, argc, argv, run);
}
