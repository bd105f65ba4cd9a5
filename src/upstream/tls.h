/* TLS with providers: whether any is needed, and why a certificate did not verify. */
#ifndef PENSTOCK_UPSTREAM_TLS_H
#define PENSTOCK_UPSTREAM_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct settings;

struct tls_fault {
    int code;                         /* X509_V_ERR_*; 0: none was seen */
    char expired[16], not_before[16]; /* dates, "2026-01-31" */
    char issuer[128];
};

/* Has the SSL_CTX `context` note in `fault`, which must outlive it, what its verification finds. */
void tls_watch(void *context, struct tls_fault *fault);

/* Writes a sentence about the certificate of `host`; false when no fault was noted. */
bool tls_explain(const struct tls_fault *fault, const char *host, char *sentence, size_t size);

/* Does any provider, or a proxy to one, need TLS? */
bool tls_is_wanted(const struct settings *settings);

/* Leaves OpenSSL without what TLS needs, in this process and for good. To be called before libcurl is
 * initialised, which would set all of it up. */
void tls_forgo(void);

#endif
