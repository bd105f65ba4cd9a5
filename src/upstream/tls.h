/* TLS with providers: whether there is any, and why a certificate did not verify. */
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

/* Notes in `fault`, which must outlive it, what the verification by this SSL_CTX finds. */
void tls_watch(void *context, struct tls_fault *fault);

/* The sentence about the certificate of `host`; false when no fault was seen. */
bool tls_explain(const struct tls_fault *fault, const char *host, char *sentence, size_t size);

/* Is a provider, or the proxy on the way to one, spoken to by TLS? */
bool tls_is_wanted(const struct settings *settings);

/* OpenSSL is not made ready for it, in this process and for good. To be called before libcurl is initialised,
 * which asks for that in any case. */
void tls_forgo(void);

#endif
