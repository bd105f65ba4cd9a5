/* A provider's key: where it comes from, and what a key may look like.
 *
 * A key with a blank, a quotation mark or a smart quote in it is a slip in copying, and the provider's answer
 * to it would be a 401 that says nothing; one with a control character could break the header it is sent in.
 * So they are refused at the start, and no message shows any part of the key. */
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

/* People paste whole header values and leave a newline at the end of a file; that much is forgiven. */
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
            return fail(why, FAILURE_SETTING, "the key has white space in it");
        if ((unsigned char)*byte < 0x20 || (unsigned char)*byte >= 0x7f)
            return fail(why, FAILURE_SETTING, "the key has a byte in it that is not printable ASCII");
        if (*byte == '"' || *byte == '\'')
            return fail(why, FAILURE_SETTING, "the key has a quotation mark in it");
    }
    *key = secret_copy(text, (size_t)(end - text));
    return true;
}

/* What the group may do is left to whoever set it up: a web server's group may have to read the key. */
static bool inspect(int descriptor, struct failure *why)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(why, FAILURE_SETTING, "is not a regular file");
    if (status.st_mode & S_IRWXO)
        return fail(why, FAILURE_SETTING, "others can read it (mode %04o); chmod o= helps",
                    (unsigned)status.st_mode & 07777);
    return true;
}

/* The same descriptor is inspected and read, so that no other file can slip in between. */
bool provider_key_read(const char *path, struct secret *key, struct failure *why)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return fail(why, FAILURE_SETTING, "cannot be read: %s", strerror(errno));
    char bytes[KEY_MAX_BYTES + 1];
    bool good = inspect(descriptor, why);
    ssize_t length = good ? read(descriptor, bytes, sizeof bytes) : 0;
    close(descriptor);
    if (good && length < 0)
        good = fail(why, FAILURE_SETTING, "cannot be read: %s", strerror(errno));
    else if (good && length > KEY_MAX_BYTES)
        good = fail(why, FAILURE_SETTING, "is too long for a key (over %d bytes)", KEY_MAX_BYTES);
    else
        good = good && provider_key_clean(bytes, (size_t)length, key, why);
    explicit_bzero(bytes, sizeof bytes);
    return good;
}
