/*
 * chat.c: `sky chat`: a conversation, with line editing
 * (libedit) on a terminal and plain lines from a pipe.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "shell/answer.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

enum { HISTORY_LINES = 1000 };

struct chat {
    const struct shell_call *call;
    struct shell_client *client;
    struct shell_answer answer;
    EditLine *edit; /* NULL when stdin is no terminal */
    History *history;
    char history_file[4200];
    bool more; /* the line goes on: another prompt */
};

/* --- Lines ------------------------------------------------------------------------------------ */

static char *prompt(EditLine *edit)
{
    static char first[] = "> ", next[] = ". ";
    struct chat *chat = NULL;
    el_get(edit, EL_CLIENTDATA, &chat);
    return chat->more ? next : first;
}

/* One character for libedit, whose own reading misses a Ctrl-C that comes between prompt and read.
 * Bytes that are no UTF-8 are dropped. */
static int character_read(EditLine *edit, wchar_t *ret)
{
    char bytes[4];
    size_t len = 0;
    (void)edit;
    for (;;) {
        mbstate_t state = {0};
        if (!shell_interrupt_wait(STDIN_FILENO)) {
            errno = EINTR;
            return -1;
        }
        ssize_t n = read(STDIN_FILENO, bytes + len, 1);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (n <= 0) {
            return (int)n;
        }
        size_t used = mbrtowc(ret, bytes, ++len, &state);
        if (used <= len) {
            return 1;
        }
        if (used == (size_t)-1 || len == sizeof bytes) {
            len = 0;
        }
    }
}

static void edit_begin(struct chat *chat)
{
    HistEvent event;
    if (!shell_term_is(stdin)) {
        return;
    }
    chat->edit = el_init("sky", stdin, stdout, stderr);
    chat->history = history_init();
    snprintf(chat->history_file, sizeof chat->history_file, "%s/chat_history",
             shell_client_data(chat->client));
    history(chat->history, &event, H_SETSIZE, HISTORY_LINES);
    history(chat->history, &event, H_SETUNIQUE, 1);
    history(chat->history, &event, H_LOAD, chat->history_file);
    el_set(chat->edit, EL_CLIENTDATA, chat);
    el_set(chat->edit, EL_PROMPT, prompt);
    el_set(chat->edit, EL_EDITOR, "emacs");
    el_set(chat->edit, EL_HIST, history, chat->history);
    el_wset(chat->edit, EL_GETCFN, character_read);
    el_source(chat->edit, NULL);
}

static void edit_end(struct chat *chat)
{
    HistEvent event;
    if (!chat->edit) {
        return;
    }
    /* What people ask is private: the file is made for its owner only. */
    mode_t mask = umask(0077);
    history(chat->history, &event, H_SAVE, chat->history_file);
    umask(mask);
    history_end(chat->history);
    el_end(chat->edit);
}

enum line { LINE_READ, LINE_INTERRUPTED, LINE_END };

/* One line as typed, without its newline, appended. */
static enum line line_read(struct chat *chat, struct core_buf *out)
{
    char *plain = NULL;
    const char *line;
    size_t cap = 0;
    int count;
    if (chat->edit) {
        el_resize(chat->edit); /* the window may have changed since */
        /* Before the prompt, not behind it: what is typed in between would be the line
         * discipline's, which swallows a Ctrl-D. */
        el_set(chat->edit, EL_PREP_TERM, 1);
        line = el_gets(chat->edit, &count);
    } else if (shell_interrupted()) {
        return LINE_INTERRUPTED; /* before the read that would not hear of it */
    } else {
        ssize_t n = getline(&plain, &cap, stdin);
        line = n > 0 ? plain : NULL;
        count = (int)n;
    }
    if (!line || count <= 0) {
        free(plain);
        return shell_interrupted() ? LINE_INTERRUPTED : LINE_END;
    }
    core_buf_add(out, line, (size_t)count - (line[count - 1] == '\n'));
    free(plain);
    return LINE_READ;
}

/* A message: lines up to the first that does not end in a backslash. */
static enum line message_read(struct chat *chat, struct core_buf *out)
{
    enum line state;
    core_buf_clear(out);
    chat->more = false;
    for (;;) {
        state = line_read(chat, out);
        if (state == LINE_END && chat->more) {
            state = LINE_READ; /* of what was to go on, that is all */
            break;
        }
        if (state != LINE_READ || !out->len || out->ptr[out->len - 1] != '\\') {
            break;
        }
        out->ptr[out->len - 1] = '\n';
        chat->more = true;
    }
    if (state == LINE_READ && chat->edit && out->len) {
        HistEvent event;
        history(chat->history, &event, H_ENTER, out->ptr);
    }
    return state;
}

/* --- Talk ------------------------------------------------------------------------------------- */

/* A line that begins with '/'. True: leave. */
static bool command_do(struct chat *chat, struct core_str line)
{
    if (core_str_eq_c(line, "/quit") || core_str_eq_c(line, "/exit")) {
        return true;
    }
    if (core_str_eq_c(line, "/new")) {
        chat->answer.conversation[0] = '\0';
        puts("A new conversation.");
    } else if (core_str_eq_c(line, "/sources")) {
        shell_answer_sources(&chat->answer);
    } else if (core_str_eq_c(line, "/help")) {
        shell_text_print(chat->call->command->help);
    } else {
        shell_wrap_say(stdout, "There is no such command: /new /sources /help /quit");
    }
    return false;
}

static int message_ask(struct chat *chat, struct core_str message)
{
    if (!core_utf8_valid(message)) {
        return shell_fail(chat->call, "the message is not valid UTF-8");
    }
    int status = shell_answer_ask(chat->client, chat->call, message, &chat->answer);
    if (status == SHELL_INTERRUPTED && !shell_ended_by()) {
        shell_interrupt_clear();
        fputs("(stopped)\n", stderr);
    }
    return status;
}

static int talk(struct chat *chat)
{
    struct core_buf message;
    int status = SHELL_OK;
    bool leave = false;
    core_buf_init(&message, SHELL_LIMIT_QUESTION);
    while (!leave && !shell_ended_by()) {
        enum line state = message_read(chat, &message);
        struct core_str text = core_str_trim(core_buf_str(&message));
        if (state == LINE_INTERRUPTED) {
            shell_interrupt_clear();
            if (chat->edit && !shell_ended_by()) {
                el_reset(chat->edit);
                puts("\n(Ctrl-D leaves)");
            }
        } else if (state == LINE_END || ferror(stdout) || shell_output_gone()) {
            leave = true;
        } else if (core_buf_error(&message)) {
            status = shell_fail(chat->call, "the message is too long: send a shorter one");
        } else if (text.len && text.ptr[0] == '/') {
            leave = command_do(chat, text);
        } else if (text.len) {
            status = message_ask(chat, text);
        }
    }
    if (chat->edit) {
        putchar('\n');
    }
    core_buf_done(&message);
    if (shell_ended_by()) {
        return SHELL_INTERRUPTED;
    }
    /* On a terminal the person saw each failure; a program gets the last one. */
    return chat->edit ? SHELL_OK : status;
}

int shell_chat(const struct shell_call *call)
{
    struct chat chat = {.call = call};
    shell_interrupt_catch();
    int status = shell_client_open_known(call, &chat.client);
    if (status) {
        return status;
    }
    edit_begin(&chat);
    if (chat.edit) {
        shell_wrap_say(stdout, "Ask about your documents. /help explains, Ctrl-D leaves.");
    }
    status = talk(&chat);
    edit_end(&chat);
    shell_answer_done(&chat.answer);
    shell_client_close(chat.client);
    return status;
}
