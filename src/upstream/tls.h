/* TLS with providers: finds out whether any provider needs it, and why a certificate did not verify. */
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

/* Makes the SSL_CTX `context` record the result of its verification in `fault`, which must outlive it. */
void tls_watch(void *context, struct tls_fault *fault);

/* Writes a sentence about the certificate of `host`. Returns false if no fault was recorded. */
bool tls_explain(const struct tls_fault *fault, const char *host, char *sentence, size_t size);

/* True if any provider, or a proxy to one, needs TLS. */
bool tls_is_wanted(const struct settings *settings);

/* Skips the setup of TLS in OpenSSL, permanently for this process. Must be called before libcurl is
 * initialised, because libcurl would do the whole setup. */
void tls_forgo(void);

#endif
