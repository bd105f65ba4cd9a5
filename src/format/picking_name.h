/* Knows names of members and fields by which providers choose a model other than "model" says. */
#ifndef PENSTOCK_FORMAT_PICKING_NAME_H
#define PENSTOCK_FORMAT_PICKING_NAME_H

enum picking {
    PICKS_NOTHING,
    PICKS_MODELS,   /* the value has names of models */
    PICKS_OTHERWISE /* the value is a name of something else, behind which is a model */
};

/* `plain` is a name as plain_name() writes it. "model" itself is one of PICKS_MODELS. */
enum picking picking_name(const char *plain);

#endif
