/* Where a Redis is: redis://[USER@]HOST[:PORT][/DB], or redis:///PATH[?db=DB] of a unix socket. */
#ifndef PENSTOCK_CONFIG_REDIS_ADDRESS_H
#define PENSTOCK_CONFIG_REDIS_ADDRESS_H

#include "base/base.h"

struct redis_address {
    char host[254], path[108], user[64]; /* "": none; a path is a unix socket's */
    int port, database;
};

/* Reads it: what is wrong with it, NULL: nothing. A password is, for addresses are shown to everybody. */
const char *redis_address_parse(const char *url, struct redis_address *address) MUST_CHECK;

#endif
