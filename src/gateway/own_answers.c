/* Answers requests that ask no model: preflights, pages, counts of tokens. */
#include "gateway/own_answers.h"

#include "base/buffer.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "front/request.h"
#include "front/response.h"
#include "gateway/attempt_setup.h"
#include "gateway/attempts.h"
#include "gateway/exchange_internal.h"
#include "pages/pages.h"
#include "provider/provider.h"
#include "relay/relay.h"
#include "routing/origin.h"
#include "routing/route.h"
#include "usage/exchange_end.h"
#include "usage/token_estimate.h"

#define PAGE_MAX (32 * 1024 * 1024)

bool own_answer_preflight(struct exchange *exchange)
{
    const struct response_headers headers = response_headers_of(exchange);
    struct response *response = &exchange->response;
    response_begin(response, 204);
    origin_put_permission(exchange->services->settings, &exchange->request, response);
    response_headers_put(response, &headers);
    response_send(response, NULL, 0, FRONT_LAST);
    return true;
}

bool own_answer_page(struct exchange *exchange, struct failure *why)
{
    struct response_headers headers = response_headers_of(exchange);
    struct page_request question = {
        .request = &exchange->request,
        .services = exchange->services,
        .arena = exchange->arena,
        .route = exchange->route,
        .rest = exchange->path_rest,
        .client = exchange->client,
        .query = exchange->request.query,
        .anthropic = exchange->request.anthropic,
        .run = &exchange->record.facts.run_id,
    };
    struct page_response page;
    struct buffer body;
    buffer_init(&body, PAGE_MAX);
    bool known = page_respond(&question, &body, &page, why);
    headers.stale = page.stale;
    if (known && exchange->route->monitoring)
        response_header(&exchange->response, "Cache-Control", "no-store");
    if (known)
        relay_send_body(&exchange->response, &headers, page.status, page.type, body.bytes, body.length);
    buffer_free(&body);
    return known;
}

/* Sends an estimate of the prompt's tokens, which costs nothing and needs no provider. */
static bool send_token_estimate(struct exchange *exchange, struct failure *why)
{
    struct response_headers headers = response_headers_of(exchange);
    struct buffer body;
    buffer_init(&body, PAGE_MAX);
    int64_t tokens = token_estimate_prompt(exchange->client_request.body.object);
    bool fits = buffer_format(&body, "{\"input_tokens\":%lld}", (long long)tokens);
    if (fits)
        relay_send_body(&exchange->response, &headers, 200, "application/json", body.bytes, body.length);
    buffer_free(&body);
    exchange->result = (struct relay_result){.end = END_COMPLETE, .usage = token_usage_unknown()};
    return fits || fail(why, FAILURE_UNAVAILABLE, "the response is too large");
}

bool own_answer_count(struct exchange *exchange, struct failure *why)
{
    const struct provider_settings *provider = exchange->setup.target.provider;
    if (!api_list_has(&provider->apis, API_MESSAGES) || !provider_has_key(provider))
        return send_token_estimate(exchange, why);
    if (attempts_run(exchange, why))
        return true;
    bool is_mistake = why->category == CATEGORY_REQUEST && why->status != 404;
    return !is_mistake && !exchange->request.client_left && send_token_estimate(exchange, why);
}

bool own_answer_count_by_responses(struct exchange *exchange, struct failure *why)
{
    const struct provider_settings *provider = exchange->setup.target.provider;
    if (!api_list_has(&provider->apis, API_RESPONSES))
        return fail(why, FAILURE_NOT_FOUND,
                    "the provider %.60s has no Responses API, and so does not count tokens", provider->name);
    return attempts_run(exchange, why);
}
