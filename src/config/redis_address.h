/* The address of a Redis server: redis://[USER@]HOST[:PORT][/DB], or redis:///PATH[?db=DB] for a unix
 * socket. */
#ifndef PENSTOCK_CONFIG_REDIS_ADDRESS_H
#define PENSTOCK_CONFIG_REDIS_ADDRESS_H

#include "base/base.h"

struct redis_address {
    char host[254], path[108], user[64]; /* "": none; `path` is that of a unix socket */
    int port, database;
};

/* Parses an address; returns the reason why it is invalid, or NULL. Passwords are invalid, because addresses
 * are printed in messages. */
const char *redis_address_parse(const char *url, struct redis_address *address) MUST_CHECK;

#endif
