/* Which certificates vouch for a provider. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_TRUST_H
#define PENSTOCK_UPSTREAM_UPSTREAM_TRUST_H

/* Tells libcurl's handle `easy` (a CURL *) where to look for those that may vouch for the host of `url`:
 * `ca_file` where one is given, else what the system has. Does nothing for a URL without TLS. */
void upstream_trust(void *easy, const char *url, const char *ca_file);

#endif
