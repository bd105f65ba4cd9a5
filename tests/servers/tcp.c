/* Lines of /proc/net/tcp: number, local and remote address, state, tx_queue:rx_queue, and more. */
#include "tcp.h"

#include <stdio.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/text.h"

#define LOOPBACK "0100007F"

static bool look_up(unsigned server_port, unsigned client_port, unsigned *unread)
{
    struct text table = {0}, addresses = {0};
    file_read("/proc/net/tcp", &table);
    text_format(&addresses, LOOPBACK ":%04X " LOOPBACK ":%04X ", server_port, client_port);
    const char *found = strstr(text_words(&table), addresses.bytes);
    bool there = found && sscanf(found + addresses.length, "%*x %*x:%x", unread) == 1;
    text_free(&table);
    text_free(&addresses);
    return there;
}

bool tcp_is_connected(unsigned server_port, unsigned client_port)
{
    unsigned unread;
    return look_up(server_port, client_port, &unread);
}

bool tcp_has_read(unsigned server_port, unsigned client_port)
{
    unsigned unread;
    return look_up(server_port, client_port, &unread) && unread == 0;
}
