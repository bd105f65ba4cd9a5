/* The command line: the options that every command has, those of one command, and its operands. */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/failure.h"
#include "base/memory.h"

/* What getopt_long() returns for the options that have no letter; those of a command follow OPTION_ROWS. */
enum { OPTION_OPERAND = 1, OPTION_SET = 256, OPTION_VERSION, OPTION_ROWS };

/* With a leading '-', getopt_long() returns operands in their order, regardless of POSIXLY_CORRECT. With a
 * ':', it reports a missing value as ':', not as an unknown option. */
static const char letters[] = "-:c:h";

static const struct option every_command[] = {
    {"set", required_argument, NULL, OPTION_SET},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
};

#define EVERY_COMMAND (sizeof every_command / sizeof *every_command)

static size_t count_rows(const struct command_syntax *syntax)
{
    size_t count = 0;
    while (syntax->options && syntax->options[count].name)
        count++;
    return count;
}

/* Returns the table for getopt_long(), to be freed with free(). */
static struct option *make_table(const struct command_syntax *syntax)
{
    size_t rows = count_rows(syntax);
    struct option *table = memory_alloc(EVERY_COMMAND + rows + 1, sizeof *table);
    memcpy(table, every_command, sizeof every_command);
    for (size_t i = 0; i < rows; i++)
        table[EVERY_COMMAND + i] = (struct option){
            .name = syntax->options[i].name,
            .has_arg = syntax->options[i].value ? required_argument : no_argument,
            .val = OPTION_ROWS + (int)i,
        };
    return table;
}

/* Copies the name and the value, because both are in one argument. */
static bool add_set(struct options *options, const char *text, struct failure *why)
{
    size_t length = strcspn(text, "=");
    if (!length || !text[length])
        return fail(why, FAILURE_SETTING, "--set needs SETTING=VALUE");
    size_t count = options->source.set_count++;
    options->sets = memory_resize(options->sets, count + 1, sizeof *options->sets);
    options->sets[count] = (struct name_value){
        .name = memory_copy(text, length),
        .value = memory_copy(text + length + 1, strlen(text + length + 1)),
    };
    options->source.sets = options->sets;
    return true;
}

static bool missing_value(const struct command_syntax *syntax, int option, struct failure *why)
{
    if (option == 'c')
        return fail(why, FAILURE_SETTING, "-c needs a FILE");
    if (option == OPTION_SET)
        return fail(why, FAILURE_SETTING, "--set needs SETTING=VALUE");
    const struct option_row *row = &syntax->options[option - OPTION_ROWS];
    return fail(why, FAILURE_SETTING, "--%s needs a value: %s", row->name, row->value);
}

static bool add_use(struct options *options, int option, struct failure *why)
{
    const struct option_row *row = &options->syntax->options[option - OPTION_ROWS];
    if (row->value && !*optarg)
        return missing_value(options->syntax, option, why);
    options->uses[options->use_count++] = (struct option_use){row, row->value ? optarg : NULL};
    return true;
}

/* getopt_long() sets optopt to 0 for a long option that is unknown or ambiguous, to the value of the option's
 * row for a long option with an unexpected value ("--json=1"), and to the letter for an unknown short
 * option. */
static bool unknown_option(char **argv, struct failure *why)
{
    if (!optopt)
        return fail(why, FAILURE_SETTING, "unknown option %s", argv[optind - 1]);
    if (optopt == 'h' || optopt >= OPTION_SET)
        return fail(why, FAILURE_SETTING, "%s: the option takes no value", argv[optind - 1]);
    return fail(why, FAILURE_SETTING, "unknown option -%c", optopt);
}

static bool read_option(struct options *options, int option, char **argv, struct failure *why)
{
    switch (option) {
    case OPTION_OPERAND:
        options->operands[options->operand_count++] = optarg;
        return true;
    case 'c':
        options->source.file = optarg;
        return *optarg || missing_value(options->syntax, option, why);
    case OPTION_SET:
        return add_set(options, optarg, why);
    case 'h':
        return options->help = true;
    case OPTION_VERSION:
        return options->version = true;
    case ':':
        return missing_value(options->syntax, optopt, why);
    case '?':
        return unknown_option(argv, why);
    default:
        return add_use(options, option, why);
    }
}

bool options_read(struct options *options, const struct command_syntax *syntax, int argc, char **argv,
                  struct failure *why)
{
    struct option *table = make_table(syntax);
    bool good = true;
    int option;
    *options = (struct options){
        .syntax = syntax,
        .uses = memory_alloc((size_t)argc, sizeof *options->uses),
        .operands = memory_alloc((size_t)argc, sizeof *options->operands),
    };
    optind = 0; /* restart the scan: getopt(3), "Notes" */
    opterr = 0;
    while (good && !options->help && !options->version &&
           (option = getopt_long(argc, argv, letters, table, NULL)) != -1)
        good = read_option(options, option, argv, why);
    while (good && optind < argc && !options->help && !options->version) /* operands after "--" */
        options->operands[options->operand_count++] = argv[optind++];
    free(table);
    if (!good)
        options_free(options);
    return good;
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < options->source.set_count; i++) {
        free(options->sets[i].name);
        free(options->sets[i].value);
    }
    free(options->sets);
    free(options->uses);
    free(options->operands);
    *options = (struct options){0};
}

static const struct option_use *find_use(const struct options *options, const char *name)
{
    for (size_t i = options->use_count; i-- > 0;)
        if (strcmp(options->uses[i].row->name, name) == 0)
            return &options->uses[i];
    return NULL;
}

bool options_has(const struct options *options, const char *name)
{
    return find_use(options, name);
}

const char *options_value(const struct options *options, const char *name)
{
    const struct option_use *use = find_use(options, name);
    return use ? use->value : NULL;
}

int options_find_command(int argc, char **argv)
{
    static const char stop_at_operand[] = "+:c:h";
    struct option table[EVERY_COMMAND + 1] = {0};
    int option;
    memcpy(table, every_command, sizeof every_command);
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, stop_at_operand, table, NULL)) == 'c' || option == OPTION_SET)
        ;
    return option == -1 ? optind : argc;
}

/* ---- help ---- */

#define DESCRIPTION_COLUMN 32

/* Prints one option. After a line feed, the description continues in the same column. */
static void print_row(const char *dashes, const char *name, const char *value, const char *description)
{
    int width = printf("  %s%s%s%s ", dashes, name, value ? " " : "", value ? value : "");
    printf("%*s", width < DESCRIPTION_COLUMN ? DESCRIPTION_COLUMN - width : 0, "");
    for (; *description; description++)
        if (*description == '\n')
            printf("\n%*s", DESCRIPTION_COLUMN, "");
        else
            putchar(*description);
    putchar('\n');
}

static void print_help(const struct command_syntax *syntax)
{
    printf("usage: %s [OPTION]...%s%s\n\n%s\n", syntax->name, syntax->operands ? " " : "",
           syntax->operands ? syntax->operands : "", syntax->description);
    size_t rows = count_rows(syntax);
    for (size_t i = 0; i < rows; i++) {
        const struct option_row *row = &syntax->options[i];
        print_row("--", row->name, row->value, row->description);
    }
    print_row("-", "c", "FILE", "read the settings from FILE");
    print_row("--", "set", "SETTING=VALUE", "override a setting; may be repeated");
    print_row("-h, --", "help", NULL, "print this help");
    print_row("--", "version", NULL, "print the version");
}

int options_refuse(const struct command_syntax *syntax, const char *message)
{
    fprintf(stderr, "%s: %s\nTry `%s --help`.\n", syntax->name, message, syntax->name);
    return EX_USAGE;
}

int options_run(const struct command_syntax *syntax, int argc, char **argv,
                int (*run)(const struct options *options))
{
    struct options options;
    struct failure why;
    int status = EXIT_SUCCESS;
    if (!options_read(&options, syntax, argc, argv, &why))
        return options_refuse(syntax, why.message);
    if (options.help) {
        print_help(syntax);
    } else if (options.version) {
        puts("penstock " PACKAGE_VERSION);
    } else if (options.operand_count && !syntax->operands) {
        fail(&why, FAILURE_SETTING, "unexpected argument \"%s\"", options.operands[0]);
        status = options_refuse(syntax, why.message);
    } else {
        status = run(&options);
    }
    options_free(&options);
    return status;
}
