/* A provider's API key: reads and validates it.
 *
 * A key that contains a blank, a quotation mark or a smart quote was copied wrongly, and the provider would
 * only answer 401; a control character could break the header that carries the key. Both are errors at
 * startup. No message shows any part of the key. */
#include "config/provider_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/portable.h"

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Accepts a complete header value and a newline at the end of a file. */
bool provider_key_clean(const char *text, size_t length, struct secret *key, struct failure *why)
{
    static const char scheme[] = "Bearer ";
    const char *end = text + length;
    while (text < end && is_space(*text))
        text++;
    while (text < end && is_space(end[-1]))
        end--;
    if ((size_t)(end - text) >= sizeof scheme - 1 && strncasecmp(text, scheme, sizeof scheme - 1) == 0)
        text += sizeof scheme - 1;
    while (text < end && is_space(*text))
        text++;
    if (text == end || (end - text == 6 && strncasecmp(text, scheme, 6) == 0))
        return fail(why, FAILURE_SETTING, "the key is empty");
    for (const char *byte = text; byte < end; byte++) {
        if (is_space(*byte))
            return fail(why, FAILURE_SETTING, "the key contains white space");
        if ((unsigned char)*byte < 0x20 || (unsigned char)*byte >= 0x7f)
            return fail(why, FAILURE_SETTING, "the key contains a byte that is not printable ASCII");
        if (*byte == '"' || *byte == '\'')
            return fail(why, FAILURE_SETTING, "the key contains a quotation mark");
    }
    *key = secret_copy(text, (size_t)(end - text));
    return true;
}

/* The group may have access: the web server's group may need to read the key. */
static bool check_file(int descriptor, struct failure *why)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(why, FAILURE_SETTING, "is not a regular file");
    if (status.st_mode & S_IRWXO)
        return fail(why, FAILURE_SETTING, "other users can access this file (mode %04o); run chmod o= on it",
                    (unsigned)status.st_mode & 07777);
    return true;
}

/* Checks and reads the same descriptor, so that the file cannot be exchanged in between. */
bool provider_key_read(const char *path, struct secret *key, struct failure *why)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return fail(why, FAILURE_SETTING, "cannot be read: %s", strerror(errno));
    char bytes[KEY_MAX_BYTES + 1];
    bool good = check_file(descriptor, why);
    ssize_t length = good ? read(descriptor, bytes, sizeof bytes) : 0;
    close(descriptor);
    if (good && length < 0)
        good = fail(why, FAILURE_SETTING, "cannot be read: %s", strerror(errno));
    else if (good && length > KEY_MAX_BYTES)
        good = fail(why, FAILURE_SETTING, "is too long for a key (more than %d bytes)", KEY_MAX_BYTES);
    else
        good = good && provider_key_clean(bytes, (size_t)length, key, why);
    explicit_bzero(bytes, sizeof bytes);
    return good;
}
