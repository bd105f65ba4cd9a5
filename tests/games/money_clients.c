/* Draws limits so that some clients reach theirs and others do not. */
#include "money_clients.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "tests/kit/text.h"

#define USUAL_COST 1500000 /* of a request, in billionths of a USD */
#define LARGEST_COST 60000000

static int64_t draw_budget(struct dice *dice, long count)
{
    int64_t usual = (int64_t)count / MONEY_CLIENTS * USUAL_COST;
    return LARGEST_COST + usual / 100 * dice_between(dice, 20, 120);
}

void money_clients_draw(struct money_client clients[MONEY_CLIENTS], uint64_t seed, long count, bool days)
{
    struct dice dice = dice_of(seed, UINT64_C(1) << 40);
    memset(clients, 0, MONEY_CLIENTS * sizeof *clients);
    for (unsigned i = 0; i < 18; i++) {
        clients[i].sequential = i >= 14;
        if (i < 8 || i == 14 || i == 15)
            clients[i].usd_total = draw_budget(&dice, count);
        if (i == 7 || (i >= 8 && i < 12) || i == 16)
            clients[i].usd_per_day = draw_budget(&dice, count) / 4 + LARGEST_COST;
        if (i == 12 || i == 13 || i == 17)
            clients[i].usd_per_month = draw_budget(&dice, count);
    }
    clients[18].requests_per_minute = dice_between(&dice, 10, 60);
    clients[19].tokens_per_minute = dice_between(&dice, 1000, 5000);
    clients[20].concurrent = dice_between(&dice, 1, 3);
    clients[21].requests_per_day = days ? dice_between(&dice, 20, 90) : 0;
}

const char *money_client_key(unsigned client)
{
    static char key[32];
    snprintf(key, sizeof key, "key-of-client-%02u", client);
    return key;
}

static void put_money(struct text *out, const char *name, int64_t amount)
{
    if (amount)
        text_format(out, " %s = %lld.%09lld;", name, (long long)(amount / 1000000000),
                    (long long)(amount % 1000000000));
}

static void put_count(struct text *out, const char *name, unsigned count)
{
    if (count)
        text_format(out, " %s = %u;", name, count);
}

void money_clients_settings(const struct money_client clients[MONEY_CLIENTS], struct text *out)
{
    text_put(out, "clients: (\n");
    for (unsigned i = 0; i < MONEY_CLIENTS; i++) {
        unsigned char digest[DIGEST_BYTES];
        char words[DIGEST_HEX + 1];
        const char *key = money_client_key(i);
        digest_sha256(key, strlen(key), digest);
        digest_print(digest, words);
        text_format(out, "%s  { name = \"c%u\"; key_sha256 = \"%s\";", i ? ",\n" : "", i, words);
        put_money(out, "usd_total", clients[i].usd_total);
        put_money(out, "usd_per_day", clients[i].usd_per_day);
        put_money(out, "usd_per_month", clients[i].usd_per_month);
        put_count(out, "requests_per_minute", clients[i].requests_per_minute);
        put_count(out, "requests_per_day", clients[i].requests_per_day);
        put_count(out, "tokens_per_minute", clients[i].tokens_per_minute);
        put_count(out, "concurrent", clients[i].concurrent);
        text_put(out, " }");
    }
    text_put(out, "\n);\n");
}
