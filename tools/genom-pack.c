/*
 * genom-pack.c: genom-pack DICTIONARY PACK: packs a dictionary for browsers. Compiled and run by
 * deps/recipe/genom-pack.sh. Refuses a dictionary that unpacking would not give back.
 */
#include "genom/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, int err)
{
    fprintf(stderr, "genom-pack: %s: %s\n", what, genom_error_text(err));
    return 1;
}

static bool is_in_file(const uint8_t *bytes, size_t len, const char *path)
{
    uint8_t piece[65536];
    size_t at = 0, n;
    FILE *file = fopen(path, "rb");
    bool same = file != NULL;
    while (same && (n = fread(piece, 1, sizeof piece, file)) > 0) {
        same = n <= len - at && !memcmp(bytes + at, piece, n);
        at += n;
    }
    if (file)
        fclose(file);
    return same && at == len;
}

int main(int argc, char **argv)
{
    struct genom_dict *dict = NULL;
    uint8_t *pack = NULL, *back = NULL;
    FILE *out = NULL;
    size_t len, size, cap;
    int err, status = 1;
    if (argc != 3) {
        fprintf(stderr, "usage: genom-pack DICTIONARY PACK\n");
        return 2;
    }
    err = genom_dict_open(argv[1], &dict);
    if (err || (err = genom_dict_verify(dict))) {
        status = fail(argv[1], err);
        goto out;
    }
    size = cap = genom_dict_size(dict);
    pack = malloc(cap);
    back = malloc(cap);
    err = pack && back ? genom_pack(dict, pack, cap, &len) : GENOM_ESYSTEM;
    if (!err)
        err = genom_unpack(pack, len, back, cap, &size);
    if (!err) {
        /* Left out; all else has to come back. */
        struct section dense = genom__dict_section(dict->file, dict->size, "DENS");
        memcpy(back + (dense.ptr - dict->file), dense.ptr, dense.len);
        err = is_in_file(back, size, argv[1]) ? 0 : GENOM_EDATA;
    }
    if (err) {
        status = fail(argv[1], err);
        goto out;
    }
    out = fopen(argv[2], "wb");
    if (!out || fwrite(pack, 1, len, out) != len || fclose(out)) {
        perror(argv[2]);
        goto out;
    }
    status = 0;
out:
    free(back);
    free(pack);
    genom_dict_close(dict);
    return status;
}
