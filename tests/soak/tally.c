/* Reads the usage log line by line; it may be large. */
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "../servers/site.h"
#include "traffic.h"

static const char mark[] = "\"request_id\":\"client-";

static void take_line(struct tally *tally, const char *line, unsigned char *counts, long asked)
{
    const char *found = strstr(line, mark);
    long number = found ? strtol(found + sizeof mark - 1, NULL, 10) : 0;
    tally->records++;
    if (number < 1 || number > asked || number >= MOST_REQUESTS) {
        tally->strange++;
        return;
    }
    tally->crashed += strstr(line, "\"end\":\"crashed\"") != NULL;
    if (counts[number] < 255)
        counts[number]++;
}

static void read_log(struct tally *tally, const struct site *site, unsigned char *counts, long asked)
{
    char *path = site_path(site, "log/usage.jsonl"), *line = NULL;
    size_t size = 0;
    FILE *log = fopen(path, "r");
    if (!log)
        give_up("there is no usage log %s", path);
    while (getline(&line, &size, log) > 0)
        take_line(tally, line, counts, asked);
    fclose(log);
    free(line);
    free(path);
}

void tally_take(struct tally *tally, const struct site *site, const struct traffic *traffic, long asked)
{
    unsigned char *counts = calloc(MOST_REQUESTS, 1);
    if (!counts)
        give_up("no memory for the records of %ld requests", asked);
    *tally = (struct tally){0};
    read_log(tally, site, counts, asked);
    for (long i = 1; i <= asked && i < MOST_REQUESTS; i++) {
        tally->twice += counts[i] > 1;
        tally->missing += counts[i] == 0 && traffic->fates[i] == FATE_ANSWERED;
        tally->unheard += counts[i] == 0 && traffic->fates[i] != FATE_ANSWERED;
    }
    free(counts);
}
