# The settings: their table, the reader and its errors, and the presets of providers.
src_libpenstock_a_SOURCES += \
	src/config/api.c src/config/api.h \
	src/config/config_errors.c src/config/config_errors.h \
	src/config/config_file.c src/config/config_file.h \
	src/config/config_line.c src/config/config_line.h \
	src/config/config_text.c src/config/config_text.h \
	src/config/model_limits.c src/config/model_limits.h \
	src/config/preset.c src/config/preset.h \
	src/config/provider_key.c src/config/provider_key.h \
	src/config/provider_rules.c src/config/provider_rules.h \
	src/config/redis_address.c src/config/redis_address.h \
	src/config/settings.c src/config/settings.h \
	src/config/settings_apply.c src/config/settings_apply.h \
	src/config/settings_dump.c src/config/settings_dump.h \
	src/config/settings_env_cli.c src/config/settings_env_cli.h \
	src/config/settings_format.c src/config/settings_format.h \
	src/config/settings_store.c src/config/settings_store.h \
	src/config/settings_reload.c src/config/settings_reload.h \
	src/config/settings_rules.c src/config/settings_rules.h \
	src/config/settings_suggest.c \
	src/config/settings_table.c src/config/settings_table.h \
	src/config/settings_types.h \
	src/config/settings_values.c src/config/settings_values.h \
	src/config/text_validate.c src/config/text_validate.h
