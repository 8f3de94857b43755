/*
 * openai_models.c: GET /v1/models and GET /v1/models/{id}, as OpenAI's clients expect them: the models
 * that answer, and the one that embeds.
 */
#include "gate/handler/openai.h"

/* Number n of them all; false: there are no more. */
static bool model_at(struct gate_request *r, size_t n, struct ai_model_info *ret)
{
    size_t count;
    const struct ai_model_info *models = ai_models(gate_request_services(r)->ai, &count);
    if (n > count) {
        return false;
    }
    *ret = n < count ? models[n]
                     : (struct ai_model_info){.id = OPENAI_EMBED,
                                              .created_s = count ? models[0].created_s : 0};
    return true;
}

static void model_out(struct core_json_out *o, const struct ai_model_info *model)
{
    core_json_out_c(o, "id", model->id);
    core_json_out_c(o, "object", "model");
    core_json_out_i64(o, "created", model->created_s);
    core_json_out_c(o, "owned_by", "skynet");
}

void handle_openai_models(struct gate_request *r)
{
    struct ai_model_info model;
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "object", "list");
    core_json_out_array(&o, "data");
    for (size_t n = 0; model_at(r, n, &model); n++) {
        core_json_out_object(&o, NULL);
        model_out(&o, &model);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

void handle_openai_model(struct gate_request *r)
{
    struct core_str id = gate_request_param(r, "id");
    struct ai_model_info model;
    struct core_json_out o;
    bool found = false;
    for (size_t n = 0; !found && model_at(r, n, &model); n++) {
        found = core_str_eq_c(id, model.id);
    }
    if (!found) {
        openai_no_model(r);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    model_out(&o, &model);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}
