/*
 * main.c: the program `sky`, the only place that sees all rooms. What it does is in serve.c (the
 * server) and hooks.c (what the shell needs of other rooms); this file only decides which.
 */
#include "ai/ai.h"
#include "core/env.h"
#include "core/log.h"
#include "main/main.h"

#include <locale.h>
#include <signal.h>

int main(int argc, char **argv, char **envp)
{
    static const struct shell_hooks hooks = {
        .serve = main_serve,
        .data_dir = main_data_dir,
        .token = main_token,
        .doctor = main_doctor,
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    /* Before anything else: the child that reads hostile files should hold as little as it can. */
    if (argc == 2 && core_str_eq_c(core_str(argv[1]), "extract-worker")) {
        return ai_extract_worker();
    }
    core_log_setup(core_env_real(), CORE_LOG_WARN, false);
    return shell_main(argc, argv, envp, &hooks);
}
