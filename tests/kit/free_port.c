/* Prints free TCP ports of 127.0.0.1: free_port [COUNT], by default one. */
#include <stdio.h>
#include <stdlib.h>

#include "net.h"
#include "text.h"

#define PORTS_MAX 64

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1;
    unsigned ports[PORTS_MAX];
    if (count < 1 || count > PORTS_MAX)
        give_up("free_port [1 to %d]", PORTS_MAX);
    /* Keeps all of them open until the last is found, so that no port is printed twice. */
    for (int i = 0; i < count; i++)
        net_refusing_port(&ports[i]);
    for (int i = 0; i < count; i++)
        printf("%u\n", ports[i]);
    return 0;
}
