/* The command line: the options that every command has, those of one command, and its operands. */
#ifndef PENSTOCK_CLI_OPTIONS_H
#define PENSTOCK_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "config/settings.h"

struct failure;

/* A long option of one command. */
struct option_row {
    const char *name;        /* "since" for --since */
    const char *value;       /* name of its value in --help: "WHEN"; NULL: the option takes no value */
    const char *description; /* for --help, without a full stop; a line feed starts a new line */
};

/* The options and operands of a command. The parser and --help use the same rows. */
struct command_syntax {
    const char *name;        /* "penstock usage" */
    const char *operands;    /* for --help: "[PROVIDER[:MODEL]]"; NULL: the command takes no operands */
    const char *description; /* for --help: sentences; each line ends with a line feed */
    const struct option_row *options; /* ends with a row without a name; NULL: no own options */
};

/* An option of the command that is on the command line. */
struct option_use {
    const struct option_row *row;
    const char *value; /* never empty; NULL: the option takes no value */
};

struct options {
    const struct command_syntax *syntax;
    struct settings_source source; /* for settings_load(); points into `sets` and the arguments */
    struct name_value *sets;
    struct option_use *uses; /* in the order of the command line */
    size_t use_count;
    char **operands;
    size_t operand_count;
    bool help, version; /* --help or --version: the rest of the command line is not read */
};

/* Reads the arguments from argv[1] on with getopt_long(3): -c FILE, --set SETTING=VALUE, -h, --help,
 * --version and the options of `syntax`, before, between or after the operands. Returns false with one
 * sentence for the user in `why`. On success, `options` is to be freed with options_free(); `syntax` and
 * `argv` must outlive it. */
bool options_read(struct options *options, const struct command_syntax *syntax, int argc, char **argv,
                  struct failure *why) MUST_CHECK;
void options_free(struct options *options);

/* Return whether the option --`name` is on the command line, and its last value, or NULL. */
bool options_has(const struct options *options, const char *name);
const char *options_value(const struct options *options, const char *name);

/* Runs a command: reads the options, answers --help and --version itself, and calls `run` otherwise. Returns
 * the exit status: that of `run`, or EX_USAGE if the options are wrong. */
int options_run(const struct command_syntax *syntax, int argc, char **argv,
                int (*run)(const struct options *options)) MUST_CHECK;

/* Prints why the arguments are wrong and where to find help. Returns EX_USAGE, for use as the exit status. */
int options_refuse(const struct command_syntax *syntax, const char *message);

/* Returns the index in `argv` of the command's name, which is the first operand after the options that every
 * command has. Returns argc if there is none, or if another option, --help or --version precedes it. */
int options_find_command(int argc, char **argv);

#endif
