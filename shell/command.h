/*
 * command.h: what the subcommands share: the table entry, the parsed command line, and errors.
 * Inside shell only.
 */
#ifndef SHELL_COMMAND_H
#define SHELL_COMMAND_H

#include "shell/shell.h"

/* SHELL_INTERRUPTED is returned for every signal; the exit
 * status is made of SHELL_SIGNAL where it was no Ctrl-C. */
enum {
    SHELL_OK = 0,
    SHELL_FAILED = 1,
    SHELL_USAGE = 2,
    SHELL_SIGNAL = 128,
    SHELL_INTERRUPTED = 130
};

/* A parsed command line. */
struct shell_call {
    const struct shell_command *command;
    const struct shell_hooks *hooks;
    const struct core_config *config;
    char **args; /* what was no option, NULL at the end */
    size_t arg_count;
    bool json;         /* --json */
    bool wait_vectors; /* --wait-vectors */
    bool binary;       /* --binary */
    bool plane;        /* --plane */
    bool dense;        /* --dense */
    const char *k;     /* -k N, or NULL */
    bool passphrase;   /* --passphrase: ask for one */
    bool with_keys, with_config, keep_schema;
    const char *passphrase_file; /* --passphrase-file FILE, or NULL */
    char **envp;
};

/* Options of a subcommand beside those of the configuration. */
enum {
    SHELL_JSON = 1,
    SHELL_WAIT_VECTORS = 2,
    SHELL_K = 4,
    SHELL_BINARY = 8,
    SHELL_PLANE = 16,
    SHELL_DENSE = 32,
    SHELL_BACKUP = 64
};

struct shell_option {
    unsigned bit;
    const char *name;  /* "--json", "-k" */
    const char *value; /* what stands for its value: "N"; NULL: it has none */
    const char *help;
    const char *words; /* behind its command that it is for, "backup|verify"; NULL: it is for all */
    size_t at;         /* in struct shell_call: a bool, or a const char * for a value */
};
extern const struct shell_option shell_options[];
extern const size_t shell_option_count;

struct shell_command {
    const char *name;
    /* "ask [OPTIONS] QUESTION…". Several forms stand with " | " between them, the words of a form
     * with "|"; completions read the words and PATH out of it. */
    const char *usage;
    const char *summary; /* one line */
    const char *help;    /* paragraphs, plain text */
    unsigned options;
    size_t args_min, args_max;
    int (*run)(const struct shell_call *call); /* exit status */
};
extern const struct shell_command shell_commands[];
extern const size_t shell_command_count;

int shell_serve(const struct shell_call *call);
int shell_ask(const struct shell_call *call);
int shell_chat(const struct shell_call *call);
int shell_learn(const struct shell_call *call);
int shell_search(const struct shell_call *call);
int shell_encode(const struct shell_call *call);
int shell_decode(const struct shell_call *call);
int shell_lookup(const struct shell_call *call);
int shell_translate(const struct shell_call *call);
int shell_intent(const struct shell_call *call);
int shell_nearest(const struct shell_call *call);
int shell_user(const struct shell_call *call);
int shell_admin(const struct shell_call *call);
int shell_doctor(const struct shell_call *call);
int shell_version(const struct shell_call *call);
int shell_help(const struct shell_call *call);

/* "sky ask: WHY" on stderr, control bytes replaced. Returns SHELL_FAILED / SHELL_USAGE. */
int shell_fail(const struct shell_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int shell_misuse(const struct shell_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Where the second column of a list begins that starts with this line; 0 = it has none. */
size_t shell_text_column(struct core_str line);
/* Takes the next form off a usage, without the command's name, which later ones may leave out.
 * False: there is none. */
bool shell_usage_split(const struct shell_command *command, struct core_str *left,
                       struct core_str *ret_form);
/* Does any of "audit list|provider" fit words: "audit list", "audit", "provider add home"? */
bool shell_words_fit(struct core_str terms, struct core_str words);
/* Text for people on stdout: on a terminal, lines that follow each other are one paragraph, and
 * lines that begin with a blank are items of a list. */
void shell_text_print(const char *text);
/* Help of one subcommand, or of the program when NULL; only what is about the words that follow it,
 * where it says anything about them. */
void shell_help_print(const struct shell_command *command, struct core_str words);
const struct shell_command *shell_command_find(const char *name);
/* The known name nearest to a mistyped one, or NULL. */
const char *shell_command_nearest(const char *name);

#endif
