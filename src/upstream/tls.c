/* TLS with providers: finds out whether any provider needs it, and explains why a certificate did not verify.
 *
 * libcurl reports only that a certificate did not verify. OpenSSL calls back for each certificate of the
 * chain; the callback records the dates and the issuer, and does not change the result. */
#include "upstream/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "config/settings.h"

static void write_date(const ASN1_TIME *time, char date[static 16])
{
    struct tm parts;
    if (ASN1_TIME_to_tm(time, &parts))
        strftime(date, 16, "%Y-%m-%d", &parts);
}

static void note_certificate(struct tls_fault *fault, const X509 *certificate)
{
    const X509_NAME *issuer = X509_get_issuer_name(certificate);
    write_date(X509_get0_notAfter(certificate), fault->expired);
    write_date(X509_get0_notBefore(certificate), fault->not_before);
    if (X509_NAME_get_text_by_NID((X509_NAME *)issuer, NID_commonName, fault->issuer, sizeof fault->issuer) <
        0)
        snprintf(fault->issuer, sizeof fault->issuer, "an authority without a name");
}

/* Only the first fault is recorded, because the others follow from it. */
static int check_certificate(int good, X509_STORE_CTX *store)
{
    SSL *connection = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_fault *fault = SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection));
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    if (good || !fault || fault->code)
        return good;
    fault->code = X509_STORE_CTX_get_error(store);
    if (certificate)
        note_certificate(fault, certificate);
    return good;
}

void tls_watch(void *context, struct tls_fault *fault)
{
    SSL_CTX_set_app_data((SSL_CTX *)context, fault);
    SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), check_certificate);
}

bool tls_explain(const struct tls_fault *fault, const char *host, char *sentence, size_t size)
{
    switch (fault->code) {
    case X509_V_OK:
        return false;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        snprintf(sentence, size, "the certificate of %s expired on %s", host, fault->expired);
        return true;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        snprintf(sentence, size,
                 "the certificate of %s is not valid before %s: is the clock of this machine right?", host,
                 fault->not_before);
        return true;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        snprintf(sentence, size,
                 "the certificate of %s is signed by \"%s\", which this machine does not know: see ca_file",
                 host, fault->issuer);
        return true;
    default:
        snprintf(sentence, size, "the certificate of %s does not verify: %s", host,
                 X509_verify_cert_error_string(fault->code));
        return true;
    }
}

static bool is_plain(const char *url)
{
    return strncasecmp(url, "http:", 5) == 0 || strncasecmp(url, "socks", 5) == 0;
}

bool tls_is_wanted(const struct settings *settings)
{
    for (size_t i = 0; i < settings->provider_count; i++) {
        const struct provider_settings *provider = &settings->providers[i];
        if (!is_plain(provider->base_url) || (provider->proxy && !is_plain(provider->proxy)))
            return true;
    }
    return false;
}

void tls_forgo(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
                            OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
                        NULL);
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, NULL);
}

/* Skips the initialisation of GnuTLS before main(), which takes a twentieth of the run time of a process for
 * one request. A libcurl with all protocols loads GnuTLS for LDAP and RTMP, which no provider uses. Its
 * constructor first calls this function, which a program may override (GNUTLS_SKIP_GLOBAL_INIT in gnutls.h).
 * gnutls_global_init(), which users of the library call, still does the whole initialisation. */
int _gnutls_global_init_skip(void);

int _gnutls_global_init_skip(void)
{
    return 1;
}
