/* The id of a usage record: a random part for each process, and the number of the record in the process. */
#include "usage/record_id.h"

#include <stdint.h>
#include <string.h>

#include "base/digest.h"

#define RANDOM_DIGITS 16
#define NUMBER_DIGITS 16

static void put_hex(char *at, uint64_t number)
{
    char digits[NUMBER_DIGITS];
    size_t first = NUMBER_DIGITS;
    do
        digits[--first] = "0123456789abcdef"[number & 0xf];
    while (number >>= 4);
    memcpy(at, digits + first, NUMBER_DIGITS - first);
    at[NUMBER_DIGITS - first] = '\0';
}

void record_id_make(char id[static RECORD_ID_SIZE], pid_t own)
{
    static char process[2 * RANDOM_NAME_BYTES + 1];
    static pid_t owner;
    static uint64_t number;
    if (owner != own) /* the first record of the process, or of a child since a fork */
        digest_random_name(process);
    number = owner == own ? number + 1 : 1;
    owner = own;
    memcpy(id, process, RANDOM_DIGITS);
    id[RANDOM_DIGITS] = '-';
    put_hex(id + RANDOM_DIGITS + 1, number);
}
