/*
 * commands.c: the tables of subcommands and of their own options, with their help.
 */
#include "shell/command.h"

#include <stddef.h>

const struct shell_option shell_options[] = {
    {SHELL_JSON, "--json", NULL, "print JSON for programs", NULL,
     offsetof(struct shell_call, json)},
    {SHELL_BINARY, "--binary", NULL, "the coded bytes, not a message", NULL,
     offsetof(struct shell_call, binary)},
    {SHELL_DENSE, "--dense", NULL, "smaller and slower: by what words follow each other", NULL,
     offsetof(struct shell_call, dense)},
    {SHELL_PLANE, "--plane", NULL, "by the angle, not by meaning", NULL,
     offsetof(struct shell_call, plane)},
    {SHELL_WAIT_VECTORS, "--wait-vectors", NULL, "wait until meaning can be searched too", NULL,
     offsetof(struct shell_call, wait_vectors)},
    {SHELL_K, "-k", "N", "how many are listed, at most", "audit list",
     offsetof(struct shell_call, k)},
    {SHELL_BACKUP, "--passphrase", NULL, "ask for the passphrase of a backup",
     "backup|verify|restore", offsetof(struct shell_call, passphrase)},
    {SHELL_BACKUP, "--passphrase-file", "FILE", "read it from the first line of a file (mode 0600)",
     "backup|verify|restore", offsetof(struct shell_call, passphrase_file)},
    {SHELL_BACKUP, "--with-keys", NULL, "put the keys of the data folder into the backup", "backup",
     offsetof(struct shell_call, with_keys)},
    {SHELL_BACKUP, "--with-config", NULL, "and the configuration file", "backup",
     offsetof(struct shell_call, with_config)},
    {SHELL_BACKUP, "--keep-schema", NULL, "restore for the older program that made the backup",
     "restore", offsetof(struct shell_call, keep_schema)},
};
const size_t shell_option_count = sizeof shell_options / sizeof *shell_options;

const struct shell_command shell_commands[] = {
    {.name = "serve",
     .usage = "serve [OPTIONS]",
     .summary = "run this machine's server",
     .help =
         "Runs until it gets SIGTERM or Ctrl-C, then lets running answers finish. Prints one line\n"
         "`sky: ready http://… https://…` when it answers, and an address that logs a browser in\n"
         "once. SIGHUP makes it read its configuration file and certificate again; the log names\n"
         "what needs a restart. One server uses a data folder at a time.",
     .run = shell_serve},
    {.name = "ask",
     .usage = "ask [OPTIONS] QUESTION…",
     .summary = "answer one question from the documents",
     .help =
         "The answer comes on stdout as it is made; level, time, cost and sources on stderr.\n"
         "`-` reads the question from stdin. --level-max sets how high it may rise, L0 to L3: the L4\n"
         "and L5 of tiers and models are not in this version.\n\n"
         "  sky ask \"Which port does the printer use?\"\n"
         "  sky ask --json --level-max L1 \"Which port does the printer use?\"",
     .options = SHELL_JSON,
     .args_min = 1,
     .args_max = 256,
     .run = shell_ask},
    {.name = "chat",
     .usage = "chat [OPTIONS]",
     .summary = "ask and ask on, in one conversation",
     .help =
         "Arrow keys edit and recall; a line that ends in \\ goes on in the next. Ctrl-C stops the\n"
         "answer, Ctrl-D leaves.\n\n"
         "  /new      begin another conversation\n"
         "  /sources  show the sources of the last answer in full\n"
         "  /help     show this\n"
         "  /quit     leave",
     .run = shell_chat},
    {.name = "learn",
     .usage = "learn [OPTIONS] PATH…",
     .summary = "learn files and folders",
     .help =
         "Reads txt, md, rst, csv, html, man pages, eml, mbox, srt, vtt, pdf and docx, also\n"
         "compressed by gzip. Of mail the attachments are named and not read. Learning a folder\n"
         "again takes only what changed; what is gone there is forgotten. Files that cannot be\n"
         "read are listed at the end and stop nothing. Keywords are found at once; meaning follows\n"
         "in the background (--wait-vectors waits for it).",
     .options = SHELL_JSON | SHELL_WAIT_VECTORS,
     .args_min = 1,
     .args_max = 256,
     .run = shell_learn},
    {.name = "search",
     .usage = "search [OPTIONS] WORDS…",
     .summary = "find passages in the documents",
     .help = "Prints the passages that fit best, with document and place. -k sets how many (5).",
     .options = SHELL_JSON | SHELL_K,
     .args_min = 1,
     .args_max = 256,
     .run = shell_search},
    {.name = "encode",
     .usage = "encode [OPTIONS] [TEXT…]",
     .summary = "make a GENOM message of a text",
     .help =
         "Without a text, or with `-`, reads stdin: any bytes. Prints one line GENOM|…; --binary\n"
         "writes the coded bytes alone. No server is needed.\n\n"
         "  sky encode \"Hello, how are you?\"\n"
         "  sky encode --binary < letter.txt > letter.genom",
     .options = SHELL_JSON | SHELL_BINARY | SHELL_DENSE,
     .args_max = 256,
     .run = shell_encode},
    {.name = "decode",
     .usage = "decode [OPTIONS] [MESSAGE]",
     .summary = "the text of a GENOM message",
     .help =
         "Without a message, or with `-`, reads stdin. Writes exactly the bytes that were encoded.\n"
         "--binary takes what `sky encode --binary` wrote.",
     .options = SHELL_BINARY,
     .args_max = 1,
     .run = shell_decode},
    {.name = "lookup",
     .usage = "lookup [OPTIONS] WORD…",
     .summary = "where words stand on the plane",
     .help = "For each word its token, sector, quadrant and place (r, θ) on the complex plane.",
     .options = SHELL_JSON,
     .args_min = 1,
     .args_max = 256,
     .run = shell_lookup},
    {.name = "nearest",
     .usage = "nearest [OPTIONS] WORD",
     .summary = "the words nearest to a word",
     .help = "By meaning; with --plane by the angle, also about the centroid of a text.\n"
             "-k sets how many (10).\n\n"
             "  sky nearest --plane \"red green blue\"",
     .options = SHELL_JSON | SHELL_K | SHELL_PLANE,
     .args_min = 1,
     .args_max = 1,
     .run = shell_nearest},
    {.name = "translate",
     .usage = "translate [OPTIONS] FROM TO [VALUE…]",
     .summary = "a text in another of its forms",
     .help = "The forms: text, tokens (T-00847 …), ids, hex, phases, binary (base64), message.\n"
             "Without a value, or with `-`, reads stdin.\n\n"
             "  sky translate text ids \"Hello world\"",
     .args_min = 2,
     .args_max = 4096,
     .run = shell_translate},
    {.name = "intent",
     .usage = "intent [OPTIONS] [TEXT…]",
     .summary = "what the sender of a message wants",
     .help =
         "One of greeting, farewell, thanks, question, request, statement, affirm, deny, alert,\n"
         "apology, and how often such a decision is right. Without a text, or with `-`, reads stdin.",
     .options = SHELL_JSON,
     .args_max = 256,
     .run = shell_intent},
    {.name = "user",
     .usage = "user token | user link",
     .summary = "the owner's token, or a fresh login address",
     .help = "  token  prints the bearer token for programs\n"
             "  link   prints an address that logs a browser in once; the server must be running",
     .args_min = 1,
     .args_max = 1,
     .run = shell_user},
    {.name = "admin",
     .usage =
         "admin provider list|add|remove|test … | audit verify|list | backup|verify|restore FILE | "
         "migrate FROM TO",
     .summary = "what an administrator sets, and backups",
     .help =
         "Backups, whether the server runs or not:\n"
         "  backup FILE               everything in the store at one moment, into a new file\n"
         "  verify FILE               is it whole and as it was written? nothing is restored\n"
         "  restore FILE              checks it, then into --data, a folder that is empty or not there\n"
         "  migrate FROM TO           copies every row; each is a data folder or postgresql://…; no\n"
         "                            server may use them meanwhile\n\n"
         "  sky admin backup --passphrase --with-keys /media/disk/sky.skybak\n"
         "  sky admin restore --passphrase --data /srv/sky /media/disk/sky.skybak\n\n"
         "What was done, whether the server runs or not:\n"
         "  audit verify              is the audit log as it was written? names the first row that is not\n"
         "  audit list                the last acts; -k sets how many (20)\n\n"
         "Remote models, by providers of the OpenAI API, in the order in which they are asked:\n"
         "  provider list             who there is, and whether it can be asked\n"
         "  provider add NAME URL KEY MODEL=IN/OUT[/OUTPUT[/CONTEXT]]…\n"
         "                            KEY names the key: env:NAME (a variable of the server), file:/path\n"
         "                            (mode 0600), or none. IN and OUT are US dollars a million tokens,\n"
         "                            OUTPUT and CONTEXT the most tokens of an answer and in all\n"
         "  provider test NAME        asks for a word, and says what came and what it cost\n"
         "  provider remove NAME      forgets it\n\n"
         "  sky admin provider add home http://10.0.0.5:8000/v1 none qwen=0/0\n"
         "  sky admin provider add cloud https://api.example.com/v1 env:CLOUD_KEY small=0.15/0.60",
     .options = SHELL_JSON | SHELL_K | SHELL_BACKUP,
     .args_min = 1,
     .args_max = 16,
     .run = shell_admin},
    {.name = "doctor",
     .usage = "doctor [OPTIONS]",
     .summary = "check everything and say how to mend what fails",
     .help = "Checks the data folder, store, keys, models and index. Exit status 1 when one fails.",
     .options = SHELL_JSON,
     .run = shell_doctor},
    {.name = "version",
     .usage = "version [--json]",
     .summary = "print the version",
     .help = "Prints the version of the program and of its cryptography.",
     .options = SHELL_JSON,
     .run = shell_version},
    {.name = "help",
     .usage = "help [COMMAND]",
     .summary = "explain a command",
     .help = "Without a command: the list of commands.",
     .args_max = 1,
     .run = shell_help},
};
const size_t shell_command_count = sizeof shell_commands / sizeof *shell_commands;
