/* admin_config.c: the configuration in force, and where each value came from. */
#include "gate/handler/handlers.h"

static const char *const sources[] = {"default", "file", "environment", "flag"};

static void option_out(struct core_json_out *o, const struct core_config_live *live,
                       enum core_config_key key, struct core_buf *text)
{
    bool waits = live->waits[key];
    const struct core_config *config = waits ? live->started : live->current;
    core_json_out_object(o, NULL);
    core_json_out_c(o, "key", core_config_name(key));
    core_buf_clear(text);
    core_config_show(config, key, text);
    core_json_out_str(o, "value", core_buf_str(text));
    core_json_out_c(o, "source", sources[core_config_source(config, key)]);
    core_buf_clear(text);
    core_config_origin(config, key, text);
    core_json_out_str(o, "origin", core_buf_str(text));
    core_json_out_c(o, "default", core_config_default(key));
    core_json_out_c(o, "about", core_config_about(key));
    if (waits) {
        core_buf_clear(text);
        core_config_show(live->current, key, text);
        core_json_out_str(o, "after_restart", core_buf_str(text));
    }
    core_json_out_end(o);
}

void handle_admin_config(struct gate_request *r)
{
    const struct core_config_live *live = gate_request_services(r)->config;
    struct core_json_out o;
    struct core_buf text;
    core_buf_init(&text, 2 * CORE_LIMIT_CONFIG_VALUE);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "options");
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
        option_out(&o, live, (enum core_config_key)key, &text);
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
    core_buf_done(&text);
    gate_reply_json(r, 200);
}
