/* A process needs TLS if one provider, or the proxy to it, uses it. */
#include "upstream/tls.h"

#include <stdio.h>

#include "settings_kit.h"
#include "unit.h"

static bool is_wanted(const char *members)
{
    char text[512];
    snprintf(text, sizeof text, "providers: { a: { base_url = \"http://127.0.0.1:1/v1\"; }; b: { %s }; };",
             members);
    struct settings *settings = kit_load(text, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    bool wanted = tls_is_wanted(settings);
    settings_free(settings);
    return wanted;
}

#define PLAIN "base_url = \"http://127.0.0.1:2/v1\"; "

static void one_provider_with_tls_is_enough(void)
{
    CU_ASSERT_FALSE(is_wanted(PLAIN));
    CU_ASSERT_FALSE(is_wanted("base_url = \"HTTP://localhost/v1\";"));
    CU_ASSERT_TRUE(is_wanted("base_url = \"https://localhost/v1\";"));
    CU_ASSERT_TRUE(is_wanted("base_url = \"HTTPS://localhost/v1\";"));
    CU_ASSERT_TRUE(is_wanted("preset = \"openai\"; api_key = \"sk-1\";"));
}

static void one_proxy_with_tls_is_enough(void)
{
    CU_ASSERT_FALSE(is_wanted(PLAIN "proxy = \"\";"));
    CU_ASSERT_FALSE(is_wanted(PLAIN "proxy = \"http://127.0.0.1:3128\";"));
    CU_ASSERT_FALSE(is_wanted(PLAIN "proxy = \"socks5h://127.0.0.1:1080\";"));
    CU_ASSERT_TRUE(is_wanted(PLAIN "proxy = \"https://127.0.0.1:3128\";"));
}

static const struct unit_test tests[] = {
    {"one provider with TLS is enough", one_provider_with_tls_is_enough},
    {"one proxy with TLS is enough", one_proxy_with_tls_is_enough},
};

KIT_MAIN("tls", tests)
