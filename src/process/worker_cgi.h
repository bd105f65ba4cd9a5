/* A CGI process: the web server starts it for one request (RFC 3875). */
#ifndef PENSTOCK_PROCESS_WORKER_CGI_H
#define PENSTOCK_PROCESS_WORKER_CGI_H

struct settings;

/* Serves one request. The caller exits immediately afterwards. */
void worker_cgi_run(const struct settings *settings);

/* Answers the request with an error because the settings cannot be used. */
void worker_cgi_refuse(void);

#endif
