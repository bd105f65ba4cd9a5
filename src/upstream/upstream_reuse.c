/* Decides which connections are not used for another request.
 *
 * An answer that is longer than it says, or an answer to no request, leaves bytes on its connection that
 * libcurl may take for the next answer, which may be for another client. */
#include "upstream/upstream_reuse_internal.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "format/response_head.h"
#include "upstream/upstream_curl_internal.h"

void kept_sockets_add(struct kept_sockets *kept, curl_socket_t socket)
{
    if (kept->count < KEPT_SOCKETS)
        kept->sockets[kept->count++] = socket;
}

int kept_sockets_close(void *context, curl_socket_t socket)
{
    struct kept_sockets *kept = context;
    for (size_t i = 0; i < kept->count; i++)
        if (kept->sockets[i] == socket)
            kept->sockets[i--] = kept->sockets[--kept->count];
    return close(socket);
}

/* A connection that the provider has closed has no bytes; libcurl finds it dead. */
static bool end_unclean(const struct kept_sockets *kept)
{
    bool any = false;
    for (size_t i = 0; i < kept->count; i++) {
        char byte;
        if (recv(kept->sockets[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
            continue;
        shutdown(kept->sockets[i], SHUT_RDWR);
        any = true;
    }
    return any;
}

static void forbid_reuse(CURL *easy)
{
    SET_OPTION(easy, CURLOPT_FORBID_REUSE, 1L);
}

/* libcurl before 8.7 reports bytes after the last chunk in its log only, and keeps the connection. */
static int note_text(CURL *easy, curl_infotype type, char *text, size_t length, void *context)
{
    static const char leftovers[] = "Leftovers after chunking";
    (void)context;
    if (type == CURLINFO_TEXT && length >= sizeof leftovers - 1 &&
        memcmp(text, leftovers, sizeof leftovers - 1) == 0)
        forbid_reuse(easy);
    return 0;
}

static void watch_chunks(CURL *easy, bool watch)
{
    SET_OPTION(easy, CURLOPT_DEBUGFUNCTION, note_text);
    SET_OPTION(easy, CURLOPT_VERBOSE, watch ? 1L : 0L);
}

void reuse_begin(CURL *easy, const struct kept_sockets *kept, bool fresh)
{
    bool unclean = end_unclean(kept);
    SET_OPTION(easy, CURLOPT_FRESH_CONNECT, fresh || unclean ? 1L : 0L);
    SET_OPTION(easy, CURLOPT_FORBID_REUSE, 0L);
    watch_chunks(easy, false);
}

static bool is_named(const struct name_value *header, const char *name)
{
    return strcasecmp(header->name, name) == 0;
}

void reuse_judge_length(CURL *easy, const struct response_head *head)
{
    const struct name_value_list *headers = &head->headers;
    const char *length = NULL;
    bool doubtful = false, coded = false;
    for (size_t i = 0; i < headers->count; i++) {
        const struct name_value *header = &headers->items[i];
        coded = coded || is_named(header, "Transfer-Encoding");
        if (!is_named(header, "Content-Length"))
            continue;
        doubtful = doubtful || strchr(header->value, ',') || (length && strcmp(length, header->value) != 0);
        length = header->value;
    }
    if (doubtful || (coded && length))
        forbid_reuse(easy);
    if (coded)
        watch_chunks(easy, true);
}
