/* Requests to a penstock that runs as a CGI program, with a provider that answers as a script says. */
#ifndef CORPUS_SCENE_H
#define CORPUS_SCENE_H

#include <stdbool.h>

#include "../kit/answer.h"
#include "../kit/text.h"

struct cJSON;

enum provider_mood {
    ANSWERS, /* as `script` says (tests/cases/README) */
    REFUSES, /* its port refuses connections */
    DEAF     /* its port neither accepts nor refuses connections */
};

/* Separates answers in the provider's script. */
#define SCENE_NEXT "\n--- answer\n"

struct scene {
    enum provider_mood mood;
    const char *script, *settings; /* NULL settings: none besides the usual ones */
    const char *others;            /* further providers; NULL: none */
    const char *prices;            /* a table of them; NULL: none but the installed one */
    const char *url;               /* NULL: /v1/chat/completions */
    const char *header, *value;    /* one more of the request; NULL: none */
    bool stream;
};

/* What the client heard: freed with heard_free(). */
struct heard {
    struct text bytes;
    struct answer answer;
    char *content_type;
    struct cJSON *error; /* the member "error" of the body or of a frame; NULL: none */
    bool done;           /* "[DONE]" came */
};

/* One of the requests of a scene that has several. */
struct question {
    const char *method, *url, *body, *header, *value; /* NULL body, header: none */
};

/* The provider keeps its place in the script, and the gateway its state, from request to request. */
struct stage *scene_open(const struct scene *scene, const char *provider);
void scene_ask(const struct stage *stage, const struct question *question, const char *penstock,
               struct heard *heard);
void scene_close(struct stage *stage);

/* Plays a scene of one request with the given programs; ends the test if they cannot be run. */
void scene_play(const struct scene *scene, const char *penstock, const char *provider, struct heard *heard);
void heard_free(struct heard *heard);

#endif
