# Gemini's generateContent.
src_libpenstock_a_SOURCES += \
	src/protocol/gemini/gemini_answer.c src/protocol/gemini/gemini_answer.h \
	src/protocol/gemini/gemini_sides.c \
	src/protocol/gemini/gemini_write.c src/protocol/gemini/gemini_write.h \
	src/protocol/gemini/gemini_write_contents.c
