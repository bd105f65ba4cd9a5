/* Knows names of members and fields by which providers choose a model other than "model" says.
 *
 * OpenRouter has "models" and "preset", LiteLLM "fallbacks" and its kin, "model_list" and "api_base", Groq
 * "compound_custom.models.answering_model", Azure and OpenAI's first API "deployment" and "engine", servers
 * of adapters "adapter_id" and "lora_request", Mistral "agent_id". */
#include "format/picking_name.h"

#include <stddef.h>
#include <string.h>

#include "format/plain_name.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum picking picking_name(const char *plain)
{
    static const char *const models[] = {"model",    "models",     "fallback",     "fallbacks", "modelid",
                                         "modelids", "modelname",  "modelnames",   "modeluid",  "modelslug",
                                         "modelkey", "modelalias", "modelversion", "modellist", "modelpath"};
    static const char *const whole[] = {"engine",     "engineid",     "enginename",     "engines",
                                        "deployment", "deploymentid", "deploymentname", "deployments"};
    static const char *const others[] = {"preset",
                                         "presets",
                                         "presetid",
                                         "presetname",
                                         "adapter",
                                         "adapters",
                                         "adapterid",
                                         "adapterids",
                                         "adaptername",
                                         "adaptersource",
                                         "loraid",
                                         "loraname",
                                         "lora",
                                         "loras",
                                         "lorarequest",
                                         "lorapath",
                                         "agentid",
                                         "assistantid",
                                         "botid",
                                         "endpointid",
                                         "endpointname",
                                         "apibase",
                                         "customllmprovider",
                                         "userconfig"};
    if (plain_name_ends_among(plain, models, COUNT(models)) || plain_name_among(plain, whole, COUNT(whole)))
        return PICKS_MODELS;
    return plain_name_ends_among(plain, others, COUNT(others)) ? PICKS_OTHERWISE : PICKS_NOTHING;
}
