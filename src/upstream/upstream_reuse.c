/* Decides which connections are not used for another request.
 *
 * An answer that is longer than it says leaves bytes on its connection that libcurl may take for the next
 * answer, which may be for another client. Bytes that come on an idle connection are the business of
 * upstream_hub.c. */
#include "upstream/upstream_reuse_internal.h"

#include <string.h>
#include <strings.h>

#include "format/response_head.h"
#include "upstream/upstream_curl_internal.h"

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

void reuse_begin(CURL *easy, bool fresh)
{
    SET_OPTION(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
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
