/*
 * retrieve_option.c: "What does -z of tar do?" To keywords and vectors "-z" is nothing; here the
 * documents that the question names are looked through for where they define it.
 */
#include "ai/find/retrieve_work.h"
#include "ai/text/option.h"

struct search {
    struct retrieve_load *load;
    unsigned hits[AI_LIMIT_OPTIONS];
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
    const struct ai_found *found = s->load->found;
    bool all = true;
    for (size_t i = 0; i < found->option_count; i++) {
        if (s->hits[i] < AI_OPTION_CHUNKS && defines(store_row_str(row, 1), found->options[i])) {
            struct ai_found_chunk *c = retrieve_chunk(s->load->fused, store_row_i64(row, 0));
            c->fused += AI_FUSE_OPTION / (AI_FUSE_K + 1);
            s->hits[i]++;
        }
        all &= s->hits[i] == AI_OPTION_CHUNKS;
    }
    return all;
}

static int look_through(struct retrieve_load *load, struct core_str content_id)
{
    struct search search = {.load = load};
    const struct store_value params[] = {STORE_T(content_id), STORE_I(AI_OPTION_LOOK)};
    int e = store_read(load->ai->store,
                       "SELECT id, text FROM chunk WHERE content_id = $1 ORDER BY ordinal LIMIT $2",
                       params, 2, on_chunk, &search);
    return e < 0 ? e : 0;
}

int retrieve_options(struct retrieve_load *load)
{
    struct core_str seen[AI_OPTION_DOCUMENTS];
    int64_t ids[AI_OPTION_RANKS] = {0};
    size_t seen_count = 0, count = 0;
    for (size_t i = 0; i < load->fused->count; i++) {
        unsigned rank = load->fused->at[i].keyword_rank;
        if (rank && rank <= AI_OPTION_RANKS)
            ids[count++] = load->fused->at[i].id;
    }
    int e = retrieve_load(load, ids, count);
    for (size_t i = 0; e >= 0 && i < count && seen_count < AI_OPTION_DOCUMENTS; i++) {
        const struct ai_found_chunk *c = retrieve_chunk(load->fused, ids[i]);
        size_t j = 0;
        while (j < seen_count && !core_str_eq(seen[j], c->content_id))
            j++;
        if (!c->content_id.ptr || j < seen_count || !ai_terms_in(load->found, c->name))
            continue;
        seen[seen_count++] = c->content_id;
        e = look_through(load, c->content_id);
    }
    /* To be loaded again with the others, as of one moment. */
    for (size_t i = 0; i < count; i++)
        retrieve_chunk(load->fused, ids[i])->content_id = core_strn(NULL, 0);
    return e;
}
