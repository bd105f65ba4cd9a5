/* The records of FastCGI 1.0, as a web server writes and reads them. */
#ifndef KIT_FASTCGI_H
#define KIT_FASTCGI_H

#include <stddef.h>

struct talk;
struct text;
struct variables;

/* A complete request: BEGIN_REQUEST, PARAMS, STDIN. */
void fastcgi_request(struct text *out, struct variables *variables, const void *body, size_t length);

/* Decodes the complete records in `talk->records`. */
void fastcgi_take_records(struct talk *talk);

#endif
