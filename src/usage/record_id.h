/* The id of a usage record. */
#ifndef PENSTOCK_USAGE_RECORD_ID_H
#define PENSTOCK_USAGE_RECORD_ID_H

#include <sys/types.h>

#define RECORD_ID_SIZE 36

/* Writes an id that no other record has, on this host or another. Clients choose request ids and may repeat
 * them, so only this id tells records apart. `own` is the id of this process. */
void record_id_make(char id[static RECORD_ID_SIZE], pid_t own);

#endif
