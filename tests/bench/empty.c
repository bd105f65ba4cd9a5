/* A program that does nothing but be linked with libcurl: what any CGI program that uses it pays at its
 * start. */
#include <curl/curl.h>

int main(void)
{
    return curl_version_info(CURLVERSION_NOW) ? 0 : 1;
}
