/*
 * retrieve_option.c: "What does -z of tar do?" To keywords and vectors "-z" is nothing; here the
 * documents that the question names are looked through for where they define it.
 */
#include "ai/option.h"
#include "ai/retrieve_work.h"

struct search {
    struct retrieve_load *load;
    struct core_str option;
    unsigned hits;
};

static bool defines(struct core_str text, struct core_str option)
{
    struct core_str line;
    while (core_str_split(&text, '\n', &line))
        if (ai_option_subject(line, option))
            return true;
    return false;
}

static int on_chunk(void *arg, const struct store_row *row)
{
    struct search *s = arg;
    if (!defines(store_row_str(row, 1), s->option))
        return 0;
    retrieve_chunk(s->load->fused, store_row_i64(row, 0))->fused += AI_FUSE_OPTION /
                                                                    (AI_FUSE_K + 1);
    return ++s->hits == AI_OPTION_CHUNKS;
}

static int look_through(struct retrieve_load *load, struct core_str content_id)
{
    for (size_t i = 0; i < load->found->option_count; i++) {
        struct search search = {load, load->found->options[i], 0};
        const struct store_value params[] = {STORE_T(content_id), STORE_I(AI_OPTION_LOOK)};
        int e = store_read(load->ai->store,
                           "SELECT id, text FROM chunk WHERE content_id = $1"
                           " ORDER BY ordinal LIMIT $2",
                           params, 2, on_chunk, &search);
        if (e < 0)
            return e;
    }
    return 0;
}

int retrieve_options(struct retrieve_load *load)
{
    struct core_str seen[AI_OPTION_DOCUMENTS];
    size_t seen_count = 0, count = load->fused->count;
    for (size_t i = 0; i < count && seen_count < AI_OPTION_DOCUMENTS; i++) {
        struct ai_found_chunk *c = &load->fused->at[i];
        if (!c->keyword_rank || c->keyword_rank > AI_OPTION_RANKS)
            continue;
        int e = retrieve_load(load, c);
        if (e < 0)
            return e;
        size_t j = 0;
        while (j < seen_count && !core_str_eq(seen[j], c->content_id))
            j++;
        struct core_str content_id = c->content_id;
        c->content_id = core_strn(NULL,
                                  0); /* to be loaded again with the others, as of one moment */
        if (!load->got || j < seen_count || !ai_terms_in(load->found, c->name))
            continue;
        seen[seen_count++] = content_id;
        e = look_through(load, content_id);
        if (e < 0)
            return e;
    }
    return 0;
}
