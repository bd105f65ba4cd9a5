/* How large the prompt of a request may be for its provider, as far as the request shows it. */
#ifndef PENSTOCK_USAGE_REQUEST_EXTENT_H
#define PENSTOCK_USAGE_REQUEST_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "format/json.h"

#define MEDIA_BYTES_PER_TOKEN 256 /* a recording at 24 kbit/s, a picture of 1 MB */

/* A prompt has four parts. A text never has more tokens than bytes. Media that are written in the request,
 * such as a picture in base64, have fewer. A picture or file that is named by URL or id can be of any size.
 * And a provider may add what only it knows: earlier messages, search results, the output of its own tools.
 */
struct request_extent {
    int64_t media_bytes; /* decoded size of the media in the request */
    int64_t written;     /* bytes of the request that those media take */
    int64_t media;       /* number of those media */
    int64_t attachments; /* pictures and files that are named by URL or id */
    bool hidden;         /* the provider adds to the prompt */
};

/* Reads the object of a request in any dialect; an absent body has nothing of all this. `hosted` is false if
 * the provider's own tools are not used, because the request is converted to a dialect without them. */
struct request_extent request_extent_read(struct json_value body, bool hosted);

#endif
