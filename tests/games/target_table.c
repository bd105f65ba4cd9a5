/* Draws aliases of one to six targets with faults, and writes them as settings. */
#include "target_table.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/text.h"

static const struct {
    const char *name;
    unsigned share; /* of the targets */
} faults[TARGET_FAULTS] = {[TARGET_WELL] = {"well", 40},
                           [TARGET_REFUSED] = {"refused", 6},
                           [TARGET_500] = {"500", 6},
                           [TARGET_500_ONCE] = {"500once", 4},
                           [TARGET_503] = {"503", 6},
                           [TARGET_429] = {"429", 5},
                           [TARGET_429_PLAIN] = {"429plain", 4},
                           [TARGET_429_LONG] = {"429long", 3},
                           [TARGET_RESET] = {"reset", 4},
                           [TARGET_CLOSED] = {"closed", 4},
                           [TARGET_CUT] = {"cut", 4},
                           [TARGET_CUT_LATE] = {"cutlate", 0},
                           [TARGET_SILENT] = {"silent", 3},
                           [TARGET_MUTE] = {"mute", 3},
                           [TARGET_KEY] = {"key", 4},
                           [TARGET_KEY_403] = {"key403", 2},
                           [TARGET_NO_MODEL] = {"nomodel", 4},
                           [TARGET_NO_JSON] = {"nojson", 3},
                           [TARGET_EMPTY] = {"empty", 3},
                           [TARGET_ERROR_200] = {"error200", 3},
                           [TARGET_MISTAKE] = {"mistake", 1},
                           [TARGET_LONG] = {"long", 1}};

const char *target_fault_name(enum target_fault fault)
{
    return faults[fault].name;
}

/* What goes wrong and is not mended yet: played only with --known. */
static const bool known[TARGET_FAULTS] = {false};

static enum target_fault draw_fault(struct dice *dice, bool holds)
{
    unsigned sum = 0, fault = 0;
    if (holds && dice_chance(dice, 20))
        return TARGET_CUT_LATE;
    for (unsigned i = 0; i < TARGET_FAULTS; i++)
        sum += faults[i].share;
    for (unsigned drawn = dice_roll(dice, sum); drawn >= faults[fault].share; fault++)
        drawn -= faults[fault].share;
    return fault;
}

static void name_target(struct target_facts *target, size_t place)
{
    snprintf(target->model, sizeof target->model, "%s-%zu", faults[target->fault].name, place);
    if (target->provider == PROVIDERS)
        snprintf(target->name, sizeof target->name, "gone:%s", target->model);
    else
        snprintf(target->name, sizeof target->name, "p%u:%s", target->provider, target->model);
}

static void draw_alias(struct target_table *table, struct alias_facts *alias, struct dice *dice)
{
    alias->first = table->target_count;
    alias->count = dice_between(dice, 1, TARGETS_EACH);
    alias->holds = dice_chance(dice, 25);
    alias->weighted = dice_chance(dice, 25);
    for (size_t i = 0; i < alias->count; i++) {
        struct target_facts *target = &table->targets[table->target_count];
        enum target_fault fault = draw_fault(dice, alias->holds);
        if (known[fault] && !table->plays_known)
            fault = TARGET_500;
        *target = (struct target_facts){.fault = fault,
                                        .weight = alias->weighted ? dice_between(dice, 1, 5) : 0};
        target->provider = fault == TARGET_REFUSED ? PROVIDERS : dice_roll(dice, PROVIDERS);
        target->larger = !alias->weighted && fault == TARGET_WELL && dice_chance(dice, 15);
        name_target(target, table->target_count++);
        alias->has_well = alias->has_well || fault == TARGET_WELL;
        alias->may_answer = alias->may_answer || fault == TARGET_WELL || fault == TARGET_500_ONCE;
        alias->has_mistake = alias->has_mistake || fault == TARGET_MISTAKE || fault == TARGET_LONG;
    }
}

void target_table_draw(struct target_table *table, struct dice *dice, bool plays_known)
{
    *table = (struct target_table){.plays_known = plays_known,
                                   .alias_count = dice_between(dice, 3, ALIASES_MAX)};
    table->seats = dice_between(dice, 6, 16);
    table->same_target = dice_chance(dice, 60) ? 1 : dice_roll(dice, 4);
    table->max_attempts = dice_chance(dice, 70) ? 0 : dice_between(dice, TARGETS_EACH, 9);
    for (size_t i = 0; i < table->alias_count; i++)
        draw_alias(table, &table->aliases[i], dice);
    for (unsigned i = 0; i < PROVIDERS; i++) {
        struct target_facts *bystander = &table->targets[table->target_count];
        *bystander = (struct target_facts){.fault = TARGET_WELL, .provider = i};
        name_target(bystander, table->target_count++);
    }
}

static void put_alias(struct text *out, const struct target_table *table, size_t place)
{
    const struct alias_facts *alias = &table->aliases[place];
    bool larger = false;
    text_format(out, "  { name = \"alias%zu\"; targets = %s", place, alias->weighted ? "(" : "[");
    for (size_t i = 0; i < alias->count; i++) {
        const struct target_facts *target = &table->targets[alias->first + i];
        larger = larger || target->larger;
        if (alias->weighted)
            text_format(out, "%s { model = \"%s\"; weight = %u; }", i ? "," : "", target->name,
                        target->weight);
        else
            text_format(out, "%s \"%s\"", i ? "," : "", target->name);
    }
    text_put(out, alias->weighted ? " );" : " ];");
    if (larger) {
        const char *comma = "";
        text_put(out, " larger = [");
        for (size_t i = 0; i < alias->count; i++)
            if (table->targets[alias->first + i].larger) {
                text_format(out, "%s \"%s\"", comma, table->targets[alias->first + i].name);
                comma = ",";
            }
        text_put(out, " ];");
    }
    text_format(out, "%s }", alias->holds ? " hold: { bytes = -1; };" : "");
}

void target_table_settings(const struct target_table *table, unsigned port, unsigned refusing,
                           struct text *out)
{
    text_put(out, "default_provider = \"p0\";\naccess: { anonymous = true; };\nproviders: {\n");
    for (unsigned i = 0; i < PROVIDERS; i++)
        text_format(out,
                    "  p%u: { base_url = \"http://127.0.0.1:%u/p%u/v1\"; api_key = \"key%u\";\n"
                    "    timeout: { first_byte = 2; first_token = 2; idle = 2; }; };\n",
                    i, port, i, i);
    text_format(out,
                "  gone: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; };\n};\naliases: (\n",
                refusing);
    for (size_t i = 0; i < table->alias_count; i++) {
        text_put(out, i ? ",\n" : "");
        put_alias(out, table, i);
    }
    text_format(out, "\n);\nretry: { same_target = %u;", table->same_target);
    if (table->max_attempts)
        text_format(out, " max_attempts = %u;", table->max_attempts);
    text_put(out, " };\npool: { min_spare = 18; max_spare = 20; max_workers = 24; };\n");
}

void target_table_print_alias(const struct target_table *table, size_t alias, struct text *out)
{
    put_alias(out, table, alias);
    text_format(out, "; same_target %u, max_attempts %u", table->same_target, table->max_attempts);
}

size_t target_table_find(const struct target_table *table, const char *provider, const char *model)
{
    char name[64];
    size_t place = 0;
    snprintf(name, sizeof name, "%s:%s", provider, model);
    while (place < table->target_count && strcmp(table->targets[place].name, name) != 0)
        place++;
    return place;
}
