/* Serves a game's answers with the connections and plans of the fake provider. */
#include "game_provider.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/kit/text.h"
#include "tests/upstream/server.h"

pid_t game_provider_start(answer_request *answer, unsigned *port)
{
    *port = 0;
    int listener = server_listen(port);
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        give_up("cannot fork: %s", strerror(errno));
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (getppid() != parent)
            _exit(1);
        server_run(listener, answer, NULL);
    }
    close(listener);
    return child;
}

void *game_share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        give_up("no shared memory");
    return memory;
}
