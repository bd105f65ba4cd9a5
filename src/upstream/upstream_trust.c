/* Which certificates vouch for a provider.
 *
 * The system's directory is looked into as needed; its bundle would be read whole, which costs 15 ms for each
 * new connection. */
#include "upstream/upstream_trust.h"

#include <curl/curl.h>
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define CA_DIRECTORY "/etc/ssl/certs"

/* Is this a directory that OpenSSL can look into, with its links named by hash? */
static bool is_hashed(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool found = false;
    while (directory && !found && (entry = readdir(directory))) {
        size_t length = strlen(entry->d_name);
        found = length == 10 && strcmp(entry->d_name + 8, ".0") == 0;
    }
    if (directory)
        closedir(directory);
    return found;
}

/* Both options are set each time: the handle serves other providers too. */
void upstream_trust(void *easy, const char *url, const char *ca_file)
{
    static enum { UNKNOWN, HASHED, OTHER } system;
    if (strncasecmp(url, "https:", 6) != 0)
        return;
    if (system == UNKNOWN)
        system = is_hashed(CA_DIRECTORY) ? HASHED : OTHER;
    const curl_version_info_data *standard = curl_version_info(CURLVERSION_NOW);
    const char *file = standard->cainfo, *directory = standard->capath;
    if (system == HASHED) {
        file = NULL;
        directory = CA_DIRECTORY;
    }
    if (ca_file && *ca_file) {
        file = ca_file;
        directory = NULL;
    }
    curl_easy_setopt(easy, CURLOPT_CAINFO, file);
    curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
}
