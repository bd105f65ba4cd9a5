/* Does nothing and is linked with libcurl: shows what the start of any CGI program with libcurl costs. */
#include <curl/curl.h>

int main(void)
{
    return curl_version_info(CURLVERSION_NOW) ? 0 : 1;
}
