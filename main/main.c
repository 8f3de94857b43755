/*
 * main.c: the program `sky`, the only place that sees all rooms. What it does is in serve.c (the
 * server) and hooks.c (what the shell needs of other rooms); this file only decides which.
 */
#include "ai/ai.h"
#include "core/env.h"
#include "core/log.h"
#include "main/main.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* A closed descriptor 0, 1 or 2 would be given to the next file that is
 * opened, and what is meant for the terminal would be written into a
 * database. The other direction each, so that use still fails. */
static void descriptors_fill(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            _exit(EXIT_FAILURE); /* nobody can be told */
        }
    }
}

int main(int argc, char **argv, char **envp)
{
    static const struct shell_hooks hooks = {
        .serve = main_serve,
        .data_dir = main_data_dir,
        .lock = main_lock,
        .token = main_token,
        .doctor = main_doctor,
        .audit = main_audit,
        .token_printed = main_token_printed,
        .dictionary = main_dictionary,
    };
    descriptors_fill();
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is met like a full disk */
    /* Before anything else: the children that read
     * hostile files should hold as little as they can. */
    if (argc == 2 && core_str_eq_c(core_str(argv[1]), "extract-worker")) {
        return ai_extract_worker();
    }
    if (argc == 3 && core_str_eq_c(core_str(argv[1]), "model-probe")) {
        return ai_model_probe(argv[2]);
    }
    core_log_setup(core_env_real(), CORE_LOG_WARN, false);
    return shell_main(argc, argv, envp, &hooks);
}
