/* The id of a usage record: a random part for each process, and the number of the record in the process. */
#include "usage/record_id.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/digest.h"

#define RANDOM_DIGITS 16

void record_id_make(char id[static RECORD_ID_SIZE])
{
    static char process[2 * RANDOM_NAME_BYTES + 1];
    static pid_t owner;
    static uint64_t number;
    pid_t own = getpid();
    if (owner != own) /* the first record of the process, or of a child since a fork */
        digest_random_name(process);
    number = owner == own ? number + 1 : 1;
    owner = own;
    snprintf(id, RECORD_ID_SIZE, "%.*s-%" PRIx64, RANDOM_DIGITS, process, number);
}
