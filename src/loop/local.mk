# The event loop: one epoll, timers, and tasks on stacks of their own.
src_libpenstock_a_SOURCES += \
	src/loop/fiber.c src/loop/fiber.h \
	src/loop/fiber_switch.c src/loop/fiber_switch_internal.h \
	src/loop/loop.c src/loop/loop.h \
	src/loop/timer_heap.c src/loop/timer_heap_internal.h
