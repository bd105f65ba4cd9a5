/* The message of an HTML page, such as a proxy's error page. */
#include "errors/failure_page.h"

#include <string.h>

#include "unit.h"

static struct json_value body_of(const char *text)
{
    return (struct json_value){text, strlen(text)};
}

static void the_message_is_the_title(void)
{
    static const struct {
        const char *page, *wanted;
    } cases[] = {
        {"<html><head><title>502 Bad Gateway</title></head><body><h1>No</h1></body></html>",
         "502 Bad Gateway"},
        {"<!DOCTYPE html><html><TITLE lang=en>\n Just a moment...\n</TITLE>", "\n Just a moment...\n"},
        {"<html><title></title><h1 class=\"x\">Sorry <b>you</b></h1>", "Sorry  you "},
        {"<html><title>  </title><h1>Sorry</h1>", "Sorry"},
        {"<html><title>a &amp; b &lt;c&gt; &quot;d&quot; it&#39;s&nbsp;e &unknown; &</title>",
         "a & b <c> \"d\" it's e &unknown; &"},
        {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
         "Access Denied"},
        {"<html><body>Only <i>words</i></body></html>", "  Only  words   "},
        {"<html><title>never ends", "  never ends"},
        {"<", ""},
    };
    char text[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_TRUE(failure_page_read(body_of(cases[i].page), text, sizeof text));
        CU_ASSERT_STRING_EQUAL(text, cases[i].wanted);
    }
}

static void plain_text_is_not_taken_for_markup(void)
{
    static const char *const bodies[] = {"", "{\"a\":\"<html>\"}", "502 Bad Gateway <html>", " <html>"};
    char text[64] = "as it was";
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        CU_ASSERT_FALSE(failure_page_read(body_of(bodies[i]), text, sizeof text));
        CU_ASSERT_FALSE(failure_page_is_html(body_of(bodies[i])));
    }
    CU_ASSERT_STRING_EQUAL(text, "as it was");
}

static void html_is_distinguished_from_xml(void)
{
    CU_ASSERT_TRUE(failure_page_is_html(body_of("<html>")));
    CU_ASSERT_TRUE(failure_page_is_html(body_of("<!-- edge -->\n<!DocType HTML PUBLIC>")));
    CU_ASSERT_FALSE(failure_page_is_html(body_of("<?xml version=\"1.0\"?><Error/>")));
}

/* The page is longer than the text, and its bytes are not terminated by a NUL. */
static void reading_stays_within_the_page(void)
{
    static const char page[] = "<html><title>one two three</title>";
    char text[8];
    for (size_t length = 1; length < sizeof page; length++) {
        memset(text, '#', sizeof text);
        CU_ASSERT_TRUE(failure_page_read((struct json_value){page, length}, text, sizeof text - 1));
        CU_ASSERT_TRUE(strlen(text) < sizeof text - 1);
        CU_ASSERT_EQUAL(text[7], '#');
    }
    CU_ASSERT_STRING_EQUAL(text, "one tw");
}

static const struct unit_test tests[] = {
    {"the message is the title", the_message_is_the_title},
    {"plain text is not taken for markup", plain_text_is_not_taken_for_markup},
    {"HTML is distinguished from XML", html_is_distinguished_from_xml},
    {"reading stays within the page", reading_stays_within_the_page},
};

UNIT_MAIN("failure_page", tests)
