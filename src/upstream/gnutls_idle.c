/* GnuTLS sets itself up only where somebody asks it to.
 *
 * A libcurl with every protocol brings it along for LDAP and RTMP, which no provider speaks. Its constructor
 * would set it up before main(), a twentieth of what a process for one request takes. It first asks a
 * function that a program may have its own of (GNUTLS_SKIP_GLOBAL_INIT in gnutls.h); gnutls_global_init(),
 * which whoever uses the library calls, does its work all the same. Without GnuTLS nobody asks. */
int _gnutls_global_init_skip(void);

int _gnutls_global_init_skip(void)
{
    return 1;
}
