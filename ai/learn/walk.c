/*
 * walk.c: breadth by a list of folders still to read, no recursion. Paths are the documents'
 * names: the root as it was given, then what readdir says.
 */
#include "ai/learn/walk.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char *path;
    unsigned depth;
};
struct walker {
    struct ai_walk out;
    struct folder *folders;
    size_t folder_count, folder_cap, folder_next;
    char *real_root; /* where links may lead to */
    const struct ai_private *private;
    void (*on_error)(void *arg, const char *path, int code);
    bool (*keep_on)(void *arg);
    void *arg;
};

int ai_walk_normalise(struct core_str path, char **ret)
{
    struct core_buf out;
    struct core_str part;
    int status = 0;
    if (path.len == 0 || path.ptr[0] != '/' || memchr(path.ptr, 0, path.len))
        return CORE_EINVAL;
    if (!core_utf8_valid(path))
        return CORE_EUTF8;
    core_buf_init(&out, AI_LIMIT_NAME);
    while (status == 0 && core_str_split(&path, '/', &part)) {
        if (core_str_eq_c(part, ".."))
            status = CORE_EINVAL;
        else if (part.len > 0 && !core_str_eq_c(part, ".")) {
            core_buf_add_byte(&out, '/');
            core_buf_add_str(&out, part);
        }
    }
    if (status == 0 && out.len == 0)
        core_buf_add_byte(&out, '/');
    if (status == 0)
        status = core_buf_error(&out);
    if (status == 0)
        *ret = core_buf_take(&out, NULL);
    core_buf_done(&out);
    return status;
}

void ai_walk_done(struct ai_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        free(walk->files[i].path);
    free(walk->files);
    *walk = (struct ai_walk){.count = 0};
}

static int add_file(struct walker *w, const char *path, const struct stat *st)
{
    void *array = w->out.files;
    int status = core_grow(&array, &w->out.cap, w->out.count, sizeof *w->out.files,
                           AI_LIMIT_LEARN_FILES);
    w->out.files = array;
    if (status != 0)
        return status;
    w->out.files[w->out.count++] = (struct ai_walk_file){core_strdup(core_str(path)), st->st_size,
                                                         (int64_t)st->st_mtim.tv_sec * 1000 +
                                                             st->st_mtim.tv_nsec / 1000000};
    return 0;
}

static int add_folder(struct walker *w, const char *path, unsigned depth)
{
    void *array = w->folders;
    int status = core_grow(&array, &w->folder_cap, w->folder_count, sizeof *w->folders,
                           AI_LIMIT_LEARN_FILES);
    w->folders = array;
    if (status == 0)
        w->folders[w->folder_count++] = (struct folder){core_strdup(core_str(path)), depth};
    return status;
}

char *ai_walk_reach(const char *real_root, const struct ai_private *private, const char *path)
{
    size_t len = strcmp(real_root, "/") == 0 ? 0 : strlen(real_root);
    char *real = realpath(path, NULL);
    if (real && strncmp(real, real_root, len) == 0 && real[len] == '/' &&
        !strstr(real + len, "/.") && !ai_private_reached(private, real))
        return real;
    free(real);
    return NULL;
}

/* Is it a file, or a link to one that a walk would find too? 0, or why that cannot be told. */
static int look(const struct walker *w, int fd, const char *name, const char *path, struct stat *st,
                bool *ret_file)
{
    *ret_file = S_ISREG(st->st_mode);
    if (!S_ISLNK(st->st_mode))
        return 0;
    /* One that leads nowhere, or where we may not go: outside, most often. */
    if (fstatat(fd, name, st, 0) != 0)
        return errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == EACCES
                   ? 0
                   : core_err_from_errno(errno);
    char *real = S_ISREG(st->st_mode) ? ai_walk_reach(w->real_root, w->private, path) : NULL;
    *ret_file = real;
    free(real);
    return 0;
}

static int add_entry(struct walker *w, const struct folder *folder, int fd, const char *name)
{
    char path[AI_LIMIT_NAME + 1];
    struct stat st;
    bool top = strcmp(folder->path, "/") == 0, file;
    int n = snprintf(path, sizeof path, "%s/%s", top ? "" : folder->path, name);
    /* A name that is no text could be neither shown nor asked for. */
    if (n < 0 || (size_t)n >= sizeof path || !core_utf8_valid(core_str(name))) {
        w->on_error(w->arg, folder->path, CORE_EUTF8);
        return 0;
    }
    int status = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : core_err_from_errno(errno);
    if (status == CORE_ENOTFOUND) /* gone meanwhile */
        return 0;
    if (status == 0 && ai_private_has(w->private, &st))
        return 0;
    if (status == 0 && S_ISDIR(st.st_mode)) {
        if (folder->depth < AI_LIMIT_LEARN_DEPTH)
            return add_folder(w, path, folder->depth + 1);
        status = CORE_ETOOBIG;
    }
    if (status == 0)
        status = look(w, fd, name, path, &st, &file);
    if (status != 0) {
        w->on_error(w->arg, path, status);
        return 0;
    }
    w->out.empty += file && st.st_size == 0;
    return file && st.st_size > 0 ? add_file(w, path, &st) : 0;
}

static int read_folder(struct walker *w, const struct folder *folder)
{
    /* The root may be a link: it was asked for by name. */
    int fd = open(folder->path,
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC | (folder->depth ? O_NOFOLLOW : 0));
    struct stat st;
    /* One that may be listed and not searched says nothing about what is in it. */
    DIR *dir = fd >= 0 && fstatat(fd, ".", &st, 0) == 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    int status = 0;
    if (!dir) {
        status = core_err_from_errno(errno);
        if (fd >= 0)
            close(fd);
        if (folder->depth == 0)
            return status;
        w->on_error(w->arg, folder->path, status);
        return 0;
    }
    while (status == 0 && (errno = 0, entry = readdir(dir))) {
        if (!w->keep_on(w->arg))
            status = CORE_ECANCELLED;
        else if (entry->d_name[0] != '.')
            status = add_entry(w, folder, fd, entry->d_name);
    }
    if (status == 0 && errno != 0)
        w->on_error(w->arg, folder->path, core_err_from_errno(errno));
    closedir(dir);
    return status;
}

static int by_path(const void *a, const void *b)
{
    const struct ai_walk_file *x = a;
    const struct ai_walk_file *y = b;
    return strcmp(x->path, y->path);
}

int ai_walk_files(const char *root, const struct ai_private *private,
                  void (*on_error)(void *arg, const char *path, int code),
                  bool (*keep_on)(void *arg), void *arg, struct ai_walk *ret)
{
    struct walker w = {.private = private, .on_error = on_error, .keep_on = keep_on, .arg = arg};
    struct stat st;
    int status = stat(root, &st) == 0 ? 0 : core_err_from_errno(errno);
    if (status == 0 && S_ISREG(st.st_mode)) {
        status = add_file(&w, root, &st);
    } else if (status == 0 && S_ISDIR(st.st_mode)) {
        w.real_root = realpath(root, NULL);
        status = w.real_root ? add_folder(&w, root, 0) : core_err_from_errno(errno);
    } else if (status == 0) {
        status = CORE_EUNSUPPORTED;
    }
    while (status == 0 && w.folder_next < w.folder_count) {
        /* A copy: the list may move while the folder is read. */
        struct folder folder = w.folders[w.folder_next++];
        status = read_folder(&w, &folder);
    }
    for (size_t i = 0; i < w.folder_count; i++)
        free(w.folders[i].path);
    free(w.folders);
    free(w.real_root);
    if (status != 0) {
        ai_walk_done(&w.out);
        return status;
    }
    if (w.out.count > 1)
        qsort(w.out.files, w.out.count, sizeof *w.out.files, by_path);
    *ret = w.out;
    return 0;
}
