/*
 * docs_conf.c: the configuration file to edit: every key with what it is for, switched off.
 */
#include "core/version.h"
#include "shell/docs.h"

static void key_lines(struct core_buf *out, enum core_config_key key, const char *name)
{
    struct core_buf wants;
    const char *fallback = core_config_default(key);
    core_buf_init(&wants, 4096);
    core_buf_addf(out, "\n# %s", core_config_about(key));
    if (docs_wants(key, &wants)) {
        core_buf_addf(out, " (%s)", wants.ptr);
    }
    core_buf_add_c(out, "\n");
    if (key == CORE_CONFIG_DATA) {
        core_buf_add_c(out,
                       "# The system's service is given /var/lib/sky, which wins over this.\n");
    }
    core_buf_addf(out, "#%s =%s%s\n", name, *fallback ? " " : "", fallback);
    core_buf_done(&wants);
}

void docs_conf(struct core_buf *out)
{
    char section[CORE_CONFIG_NAME];
    core_buf_add_c(
        out, "# Configuration of sky: see sky.conf(5). Each line shows its default; take the #\n"
             "# away to set another value. `systemctl reload sky` makes the service read it\n"
             "# again; its log names what needs `systemctl restart sky`.\n");
    for (size_t i = 0; docs_section(i, section); i++) {
        if (*section) {
            core_buf_addf(out, "\n[%s]\n", section);
        }
        for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
            const char *name = docs_section_key((enum core_config_key)key, section);
            if (name) {
                key_lines(out, (enum core_config_key)key, name);
            }
        }
    }
}
