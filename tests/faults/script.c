/* Replaces the abbreviations of the matrix by what providers really send. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECES 5

const char whole_content[] = "The whole answer, from the first word to the last one.";
static const char *const pieces[PIECES] = {"The whole answer, ", "from the first ", "word to ", "the last ",
                                           "one."};

static void put_head(struct text *script, const char *framing, const char *type)
{
    text_format(script, "HTTP/1.1 200 OK\nContent-Type: %s\n%s\n\n", type, framing);
}

static void put_event(struct text *script, const char *delta, const char *finish)
{
    text_format(script,
                "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":"
                "[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s}]}\n\n",
                delta, finish);
}

static void put_frames(struct text *script, int from, int to)
{
    for (int i = from; i <= to && i <= PIECES; i++) {
        char delta[80];
        snprintf(delta, sizeof delta, "\"content\":\"%s\"", pieces[i - 1]);
        put_event(script, delta, "null");
        text_put(script, "@write\n");
    }
}

static void put_whole(struct text *script)
{
    text_format(script,
                "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],"
                "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12,\"total_tokens\":21}}\n",
                whole_content);
}

static void put_drip(struct text *script, const char *arguments)
{
    char *words;
    long count = strtol(arguments, &words, 10);
    words += *words == ' ';
    size_t length = strlen(words);
    for (long i = 0; i < count; i++) {
        if (length)
            text_format(script, "%c${join}\n", words[(size_t)i % length]);
        else
            text_put(script, "${space}${join}\n");
        text_put(script, "@pause 1000\n");
    }
}

static bool is_word(const char *line, const char *word, const char **rest)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0 || (line[length] && line[length] != ' '))
        return false;
    *rest = line + length + (line[length] == ' ');
    return true;
}

static void put_line(struct text *script, const char *line)
{
    const char *rest;
    int from = 0, to = 0;
    if (is_word(line, "&json", &rest))
        put_head(script, "Content-Length: auto", "application/json");
    else if (is_word(line, "&stream", &rest))
        put_head(script, "Transfer-Encoding: chunked", "text/event-stream");
    else if (is_word(line, "&whole", &rest))
        put_whole(script);
    else if (is_word(line, "&frames", &rest) && sscanf(rest, "%d %d", &from, &to) == 2)
        put_frames(script, from, to);
    else if (is_word(line, "&finish", &rest))
        put_event(script, "", "\"stop\"");
    else if (is_word(line, "&done", &rest))
        text_put(script, "data: [DONE]\n\n");
    else if (is_word(line, "&drip", &rest))
        put_drip(script, rest);
    else if (*line == '&')
        give_up("matrix: unknown line \"%s\"", line);
    else
        text_format(script, "%s\n", line);
}

void script_put(struct text *script, const char *answer)
{
    char *copy = strdup(answer), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));)
        put_line(script, line);
    free(copy);
}
