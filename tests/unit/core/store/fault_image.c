/* fault_image.c: see fault_image.h. */
#include "tests/unit/core/store/fault_image.h"

#include "core/mem.h"
#include "tests/unit/core/store/helper.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct change {
    struct change *next;
    int64_t at; /* of a cut: the new size */
    size_t len; /* 0: a cut */
    unsigned char bytes[];
};
struct image {
    struct image *next;
    char path[256];
    unsigned char *bytes; /* synced */
    size_t len;
    struct change *first, **last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct image *images;

static void resize(struct image *image, size_t len)
{
    image->bytes = realloc(image->bytes, len + 1);
    assert(image->bytes);
    if (len > image->len)
        memset(image->bytes + image->len, 0, len - image->len);
    image->len = len;
}

/* Bytes [from, to) of a change. */
static void apply(struct image *image, const struct change *c, size_t from, size_t to)
{
    size_t end = (size_t)c->at + to;

    if (c->len == 0) {
        resize(image, (size_t)c->at);
        return;
    }
    if (end > image->len)
        resize(image, end);
    memcpy(image->bytes + c->at + from, c->bytes + from, to - from);
}

static void drop_changes(struct image *image)
{
    while (image->first) {
        struct change *c = image->first;
        image->first = c->next;
        free(c);
    }
    image->last = &image->first;
}

static struct image *find(const char *path)
{
    struct image *image = images;

    while (image && strcmp(image->path, path) != 0)
        image = image->next;
    return image;
}

void fault_image_open(const char *path)
{
    struct image *image;
    struct stat st;
    FILE *file;

    pthread_mutex_lock(&lock);
    if (!find(path)) {
        image = core_alloc(sizeof *image);
        snprintf(image->path, sizeof image->path, "%s", path);
        image->last = &image->first;
        file = fopen(path, "rb");
        if (file && stat(path, &st) == 0) {
            resize(image, (size_t)st.st_size);
            image->len = fread(image->bytes, 1, image->len, file);
        }
        if (file)
            fclose(file);
        image->next = images;
        images = image;
    }
    pthread_mutex_unlock(&lock);
}

static void remember(const char *path, const void *bytes, size_t len, int64_t at)
{
    struct image *image;

    pthread_mutex_lock(&lock);
    image = find(path);
    if (image) {
        struct change *c = core_alloc(sizeof *c + len);
        c->at = at;
        c->len = len;
        if (len)
            memcpy(c->bytes, bytes, len);
        *image->last = c;
        image->last = &c->next;
    }
    pthread_mutex_unlock(&lock);
}

void fault_image_write(const char *path, const void *bytes, size_t len, int64_t at)
{
    if (len)
        remember(path, bytes, len, at);
}

void fault_image_cut(const char *path, int64_t size)
{
    remember(path, NULL, 0, size);
}

void fault_image_sync(const char *path)
{
    struct image *image;

    pthread_mutex_lock(&lock);
    image = find(path);
    if (image) {
        for (const struct change *c = image->first; c; c = c->next)
            apply(image, c, 0, c->len);
        drop_changes(image);
    }
    pthread_mutex_unlock(&lock);
}

/* Takes the first one out of the list at `at`. */
static void forget(struct image **at)
{
    struct image *image = *at;

    *at = image->next;
    drop_changes(image);
    free(image->bytes);
    free(image);
}

void fault_image_remove(const char *path)
{
    pthread_mutex_lock(&lock);
    for (struct image **at = &images; *at;) {
        if (strcmp((*at)->path, path) == 0)
            forget(at);
        else
            at = &(*at)->next;
    }
    pthread_mutex_unlock(&lock);
}

void fault_image_clear(void)
{
    pthread_mutex_lock(&lock);
    while (images)
        forget(&images);
    pthread_mutex_unlock(&lock);
}

/* --- The cut -------------------------------------------------------------------------------- */

/* Some of its sectors reach the disk. */
static void tear(struct image *image, const struct change *c, uint64_t *seed)
{
    for (size_t at = 0; at < c->len;) {
        size_t end = at + FAULT_SECTOR - (size_t)(c->at + (int64_t)at) % FAULT_SECTOR;
        end = end < c->len ? end : c->len;
        if (dice(seed) % 2)
            apply(image, c, at, end);
        at = end;
    }
}

static void write_out(const struct image *image, const char *folder)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%.200s%s", folder, strrchr(image->path, '/'));
    file = fopen(path, "wb");
    assert(file); /* not cmocka's: this may be the writer's thread */
    bool whole = fwrite(image->bytes, 1, image->len, file) == image->len;
    whole = fclose(file) == 0 && whole;
    assert(whole);
}

struct fault_image_counts fault_image_power_cut(const char *folder, uint64_t *seed)
{
    struct fault_image_counts counts = {0};

    pthread_mutex_lock(&lock);
    for (const struct image *image = images; image; image = image->next) {
        struct image left = {.len = image->len, .bytes = core_alloc(image->len + 1)};
        snprintf(left.path, sizeof left.path, "%s", image->path);
        if (image->len)
            memcpy(left.bytes, image->bytes, image->len);
        for (const struct change *c = image->first; c; c = c->next) {
            unsigned fate = (unsigned)(dice(seed) % 3);
            if (fate == 1 || (fate == 2 && c->len <= FAULT_SECTOR)) {
                apply(&left, c, 0, c->len);
                counts.kept++;
            } else if (fate == 2) {
                tear(&left, c, seed);
                counts.torn++;
            } else {
                counts.lost++;
            }
        }
        write_out(&left, folder);
        free(left.bytes);
    }
    pthread_mutex_unlock(&lock);
    return counts;
}
