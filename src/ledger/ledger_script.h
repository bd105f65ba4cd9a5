/* The script that keeps the accounts in Redis: ledger_redis.lua as bytes, made by the Makefile. */
#ifndef PENSTOCK_LEDGER_LEDGER_SCRIPT_H
#define PENSTOCK_LEDGER_LEDGER_SCRIPT_H

extern const char ledger_script[];

#endif
