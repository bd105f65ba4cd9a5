/* Opens a port that neither accepts nor refuses connections: its queue is full, so the kernel drops new ones.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLERS 4 /* more than a backlog of 0 takes */

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 0) != 0)
        return 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    for (int i = 0; i < CALLERS; i++) {
        int caller = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(caller, (struct sockaddr *)&address, size);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    pause(); /* until the script ends it */
    return 0;
}
