/* ledger_redis.lua, the script that keeps the accounts in Redis; the Makefile makes its .c file. */
#ifndef PENSTOCK_LEDGER_LEDGER_SCRIPT_H
#define PENSTOCK_LEDGER_LEDGER_SCRIPT_H

extern const char ledger_script[];

#endif
