/* A CGI process: the web server starts it for one request (RFC 3875). */
#include "process/worker_cgi.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "front/front_cgi.h"
#include "front/response.h"
#include "gateway/exchange.h"
#include "gateway/gateway.h"
#include "ledger/ledger.h"
#include "ledger/recovery.h"
#include "loop/loop.h"
#include "process/worker_limits.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"
#include "upstream/upstream.h"

#define REFUSAL_TIMEOUT_MS 1000

/* Only the entries in the ledger are removed. The exit of the process frees everything else. */
void worker_cgi_run(const struct settings *settings)
{
    struct front_cgi front;
    struct services services;
    worker_limit_memory(settings, 1);
    struct loop *loop = loop_create(0); /* the exchange runs outside of tasks */
    gateway_open(&services, settings, loop, 1);
    services.upstream = upstream_create(services.hub, loop);
    services.mode = "cgi";
    front_cgi_open(&front, settings->client_timeout_ms, loop);
    exchange_run(&services, &front.front);
    ledger_rest(services.ledger);
    recovery_run_if_needed(services.ledger, services.usage_log);
}

/* Without this response the web server would send its own error page, which does not state the cause. */
void worker_cgi_refuse(void)
{
    struct front_cgi front;
    struct response response;
    struct failure why;
    int64_t started_us = clock_monotonic_us();
    char id[2 * RANDOM_NAME_BYTES + 1];
    const char *method = getenv("REQUEST_METHOD");
    digest_random_name(id);
    fail(&why, FAILURE_UNAVAILABLE, "the gateway's settings have mistakes; its error log names them");
    why.retryable = false;
    front_cgi_open(&front, REFUSAL_TIMEOUT_MS, NULL);
    response_open(&response, &front.front, method && strcmp(method, "HEAD") == 0);
    error_response_send(&response, &(struct error_response){.failure = &why, .request_id = id},
                        &(struct response_headers){.request_id = id, .started_us = started_us});
    response_close(&response);
}
