/* What the usage log says about a request. */
#ifndef SERVERS_RECORDS_H
#define SERVERS_RECORDS_H

struct site;
struct http_client;

/* Waits for the client's record, of which there must be one; checks its status (0: any), its end and its
 * reason (NULL: null). */
void record_expect(const struct http_client *client, int status, const char *end, const char *reason);

/* The same of the client that is named in it (NULL: null). */
void record_expect_client(const struct http_client *client, const char *name);

/* Every numbered request has one record, those lost with a worker at most one, and there are no others. */
void records_expect_one_each(const struct site *site);

#endif
