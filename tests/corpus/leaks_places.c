/* The places for keys: every form of error that we read, every header that we pass on or read. */
#include "leaks.h"

#define JSON(status) "HTTP/1.1 " status " X\nContent-Type: application/json\nContent-Length: auto\n\n"
#define TEXT(status) "HTTP/1.1 " status " X\nContent-Type: text/plain\nContent-Length: auto\n\n"
#define STREAM "HTTP/1.1 200 OK\nContent-Type: text/event-stream\nTransfer-Encoding: chunked\n\n"
#define FRAME                                                                                                \
    "data: "                                                                                                 \
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":null}]}\n\n"
#define GOOD                                                                                                 \
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}"

const struct place places[] = {
    {"error.message", JSON("401") "{\"error\":{\"message\":\"bad key ${keys}\"}}", true, false},
    {"error.type", JSON("400") "{\"error\":{\"message\":\"m\",\"type\":\"${keys}\"}}", true, false},
    {"error.param", JSON("400") "{\"error\":{\"message\":\"m\",\"param\":\"${keys}\"}}", true, false},
    {"error.code", JSON("400") "{\"error\":{\"message\":\"m\",\"code\":\"${keys}\"}}", true, false},
    {"error as a string", JSON("403") "{\"error\":\"${keys}\"}", true, false},
    {"an error in an error", JSON("500") "{\"error\":{\"error\":{\"message\":\"${keys}\"}}}", true, false},
    {"a list of errors", JSON("400") "[{\"error\":{\"message\":\"${keys}\"}}]", true, false},
    {"message", JSON("404") "{\"message\":\"${keys}\"}", true, false},
    {"detail", JSON("422") "{\"detail\":\"${keys}\"}", true, false},
    {"title", JSON("422") "{\"title\":\"${keys}\",\"status\":422}", true, false},
    {"a field's message", JSON("422") "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"${keys}\"}]}", true, false},
    {"a field's place", JSON("422") "{\"detail\":[{\"loc\":[\"${keys}\"],\"msg\":\"m\"}]}", true, false},
    {"JSON in a string", JSON("500") "{\"message\":\"{\\\"error\\\":{\\\"message\\\":\\\"${keys}\\\"}}\"}",
     true, false},
    {"metadata.raw",
     JSON("502") "{\"error\":{\"message\":\"m\",\"metadata\":{\"raw\":\"{\\\"error\\\":\\\"${keys}\\\"}\"}}}",
     true, false},
    {"an unknown member", JSON("500") "{\"info\":{\"note\":\"see ${keys}\"}}", true, false},
    {"an object without a sentence", JSON("500") "{\"x\":[\"${keys}\"]}", true, false},
    {"blockReason", JSON("200") "{\"promptFeedback\":{\"blockReason\":\"${keys}\"}}", true, false},
    {"plain text", TEXT("500") "bad key ${keys}", true, false},
    {"JSON cut off", TEXT("500") "{\"error\":{\"message\":\"bad key ${keys}", true, false},
    {"a title of HTML", TEXT("502") "<html><title>${keys}</title></html>", true, false},
    {"a heading of HTML", TEXT("502") "<html><h1>${keys}</h1></html>", true, false},
    {"a message of XML", TEXT("403") "<Error><Message>${keys}</Message></Error>", true, false},
    {"an error under 200", JSON("200") "{\"error\":{\"message\":\"${keys}\",\"code\":\"${keys}\"}}", true,
     false},
    {"no JSON under 200", TEXT("200") "bad key ${keys}", false, false},
    {"no choices under 200", JSON("200") "{\"id\":\"${keys}\",\"choices\":[]}", false, false},
    {"headers of an error",
     "HTTP/1.1 429 ${keys}\nContent-Length: 2\nx-request-id: ${keys}\nretry-after: ${keys}\nretry-after-ms: "
     "${keys}\n"
     "x-ratelimit-limit-requests: ${keys}\nx-should-retry: ${keys}\nwww-authenticate: ${keys}\nset-cookie: "
     "${keys}\n\n{}",
     true, false},
    {"headers of an answer",
     "HTTP/1.1 200 ${keys}\nContent-Length: auto\nx-request-id: ${keys}\nretry-after: ${keys}\nserver: "
     "${keys}\n"
     "x-ratelimit-remaining-tokens: ${keys}\nset-cookie: ${keys}\n\n" GOOD,
     true, false},
    {"headers of a stream",
     "HTTP/1.1 200 ${keys}\nContent-Type: text/event-stream\nTransfer-Encoding: chunked\nnvcf-reqid: "
     "${keys}\n"
     "x-ratelimit-limit-tokens: ${keys}\n\n" FRAME "data: [DONE]\n\n",
     true, true},
    {"a redirection",
     "HTTP/1.1 307 X\nLocation: https://a.test/?key=${keys}\nContent-Length: auto\n\nGo to ${keys}", false,
     false},
    {"the id of an answer that is not ready",
     "HTTP/1.1 202 X\nNVCF-REQID: ${keys}\nContent-Length: auto\n\n{\"message\":\"${keys}\"}", true, false},
    {"no HTTP", "SSH-2.0 ${keys}\n\n@close", false, false},
    {"a header without a colon", "HTTP/1.1 200 OK\n${keys}\nContent-Length: 0\n\n", false, false},
    {"the first frame", STREAM "data: {\"error\":{\"message\":\"${keys}\",\"type\":\"${keys}\"}}\n\n", true,
     true},
    {"a frame in mid-stream",
     STREAM FRAME "data: {\"error\":{\"message\":\"${keys}\",\"code\":\"${keys}\"}}\n\n", true, true},
    {"a frame that is named error", STREAM FRAME "event: error\ndata: {\"message\":\"${keys}\"}\n\n", true,
     true},
    {"a line that is named error", STREAM FRAME "error: {\"message\":\"${keys}\"}\n\n", true, true},
    {"raw JSON behind the frames", STREAM FRAME "{\"error\":{\"message\":\"${keys}\"}}\n", true, true},
    {"a refusal of a stream", JSON("401") "{\"error\":{\"message\":\"${keys}\"}}", true, true},
    {"a page in the place of a stream", TEXT("200") "<html><title>${keys}</title></html>", false, true},
};

const size_t places_count = sizeof places / sizeof *places;
