# The commands.
src_libpenstock_a_SOURCES += \
	src/cli/client_entry.c src/cli/client_entry.h \
	src/cli/command_check.c \
	src/cli/command_key.c \
	src/cli/command_ledger.c \
	src/cli/command_models.c \
	src/cli/command_probe.c \
	src/cli/command_usage.c \
	src/cli/commands.h \
	src/cli/ledger_usage.c src/cli/ledger_usage.h \
	src/cli/options.c src/cli/options.h \
	src/cli/price_warnings.c src/cli/price_warnings.h \
	src/cli/probe.c src/cli/probe.h \
	src/cli/tty.c src/cli/tty.h \
	src/cli/usage_print.c src/cli/usage_print.h
