/* The compiler attributes this program leans on, spelled once. */
#ifndef PENSTOCK_BASE_ATTRIBUTES_H
#define PENSTOCK_BASE_ATTRIBUTES_H

/* A result that must be looked at: everything that can fail. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* A format string and its arguments, checked as printf's are; positions count from 1. */
#define PRINTF_LIKE(template, first) __attribute__((format(printf, template, first)))

#endif
