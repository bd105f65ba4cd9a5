/* Counts events and logs each request exactly as it came, for tests to compare. */
#include "journal.h"

#include <fcntl.h>
#include <unistd.h>

#include "../kit/text.h"

struct journal journal = {.log = -1};

void journal_open(const char *path)
{
    journal.log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (journal.log < 0)
        give_up("cannot write %s", path);
}

static void write_down(struct text *entry)
{
    for (size_t done = 0; done < entry->length;) {
        ssize_t written = write(journal.log, entry->bytes + done, entry->length - done);
        if (written <= 0)
            give_up("cannot write the log");
        done += (size_t)written;
    }
    text_free(entry);
}

void journal_request(long connection, const char *bytes, size_t length)
{
    journal.requests++;
    if (journal.log < 0)
        return;
    struct text entry = {0};
    text_format(&entry, "request %ld connection %ld bytes %zu\n", journal.requests, connection, length);
    text_append(&entry, bytes, length);
    text_put(&entry, "\n");
    write_down(&entry);
}

void journal_answer(void)
{
    journal.answering++;
    if (journal.answering > journal.answering_most)
        journal.answering_most = journal.answering;
}

void journal_left(long connection)
{
    journal.closed_by_peer_early++;
    if (journal.log < 0)
        return;
    struct text entry = {0};
    text_format(&entry, "left connection %ld\n", connection);
    write_down(&entry);
}

void journal_state(struct text *json)
{
    text_format(json,
                "{\"requests\":%ld,\"connections\":%ld,\"open\":%ld,\"answering\":%ld,"
                "\"answering_most\":%ld,\"completed\":%ld,"
                "\"closed_by_peer_early\":%ld}\n",
                journal.requests, journal.connections, journal.open, journal.answering,
                journal.answering_most, journal.completed, journal.closed_by_peer_early);
}
