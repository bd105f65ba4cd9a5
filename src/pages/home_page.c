/* The page for people who open the address of the gateway in a browser.
 *
 * It needs no key, so it tells nothing but the address, which the browser knows already. Host and path come
 * from the client: the page escapes them, and its Content Security Policy keeps the browser from running
 * anything. */
#include "pages/home_page.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "front/front.h"
#include "front/request.h"
#include "pages/html.h"
#include "routing/route.h"

#define HOST_MAX 255

static const char *variable(const struct request *request, const char *name)
{
    const char *value = request->front->ops->variable(request->front, name);
    return value ? value : "";
}

/* A proxy that ends TLS in front of the web server says so; what a client says here only it sees. */
static const char *scheme_of(const struct request *request)
{
    const char *https = variable(request, "HTTPS");
    bool is_secure = (*https && strcasecmp(https, "off") != 0) ||
                     strcasecmp(variable(request, "REQUEST_SCHEME"), "https") == 0 ||
                     strcasecmp(variable(request, "HTTP_X_FORWARDED_PROTO"), "https") == 0;
    return is_secure ? "https" : "http";
}

static const char *host_of(const struct request *request)
{
    const char *host = variable(request, "HTTP_HOST");
    size_t length = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");
    if (length && !host[length] && length <= HOST_MAX)
        return host;
    host = variable(request, "SERVER_NAME");
    return *host ? host : "localhost";
}

/* Returns the part of the path before "/v1", without a slash at its end. */
static const char *prefix_of(const struct request *request)
{
    size_t length;
    const char *path = route_uri_path(request->uri, &length);
    for (size_t i = 0; i + 3 <= length; i++)
        if (strncmp(path + i, "/v1", 3) == 0 && (i + 3 == length || path[i + 3] == '/'))
            return arena_copy(request->arena, path, i);
    while (length && path[length - 1] == '/')
        length--;
    return arena_copy(request->arena, path, length);
}

bool home_page_put(const struct request *request, struct buffer *body)
{
    const char *base = arena_format(request->arena, "%s://%s%s", scheme_of(request), host_of(request),
                                    prefix_of(request));
    static const char *const parts[] = {
        "<h1>Penstock " PACKAGE_VERSION "</h1>\n"
        "<p>This is a gateway to large language models, for programs that speak OpenAI&#39;s API.</p>\n"
        "<h2>Base URL</h2>\n<p><code>",
        "/v1</code></p>\n"
        "<p>Programs ask for it as <code>base_url</code> or <code>OPENAI_BASE_URL</code>. The key is the one "
        "that "
        "the administrator of this gateway has given you.</p>\n"
        "<h2>Example</h2>\n<pre>curl ",
        "/v1/chat/completions \\\n"
        "  -H &quot;Authorization: Bearer $KEY&quot; -H &quot;Content-Type: application/json&quot; \\\n"
        "  -d &#39;{&quot;model&quot;: &quot;MODEL&quot;, &quot;messages&quot;: [{&quot;role&quot;: "
        "&quot;user&quot;, &quot;content&quot;: &quot;Hello&quot;}]}&#39;</pre>\n"
        "<p><code>GET ",
        "/v1/models</code> lists the models that your key may use.</p>\n"
        "<h2>Status</h2>\n<p><a href=\"",
        "/status\">status</a> (for clients that may read it), <a href=\"",
        "/healthz\">health</a></p>\n</body></html>\n"};
    bool fits = html_put_head(body);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fits = fits && (!i || html_put_escaped(body, base)) &&
               buffer_append(body, parts[i], strlen(parts[i]));
    return fits;
}
