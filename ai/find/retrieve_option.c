/*
 * retrieve_option.c: "What does -z of tar do?" To keywords and vectors "-z" is nothing; here the
 * documents that the question names are looked through for where they define it. "Which option of
 * tar creates an archive?" asks the other way round: a long name tells, "--create".
 */
#include "ai/find/retrieve_work.h"

#include "ai/find/passage_type.h"
#include "ai/text/option.h"

/* The options that the question names, or the one that does what is wanted. */
struct search {
    struct retrieve_load *load;
    ai_terms wanted; /* none: they are named */
    size_t count;
    double worth; /* of a passage that defines one */
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

static bool name_tells(const struct ai_found *found, ai_terms wanted, struct core_str option)
{
    struct core_str word;
    if (!core_str_starts(option, CORE_STR("--")))
        return false;
    while (core_str_split(&option, '-', &word))
        if (ai_terms_in(found, word) & wanted)
            return true;
    return false;
}

/* Does a line define an option whose name says something of what is wanted? */
static bool defines_wanted(const struct ai_found *found, ai_terms wanted, struct core_str text)
{
    struct core_str line, options[AI_LIMIT_OPTIONS];
    while (core_str_split(&text, '\n', &line)) {
        line = core_str_trim(line);
        if (!core_str_starts(line, CORE_STR("-")))
            continue;
        size_t count = ai_options_find(line, options, AI_LIMIT_OPTIONS);
        for (size_t i = 0; i < count; i++)
            if (name_tells(found, wanted, options[i]))
                return true;
    }
    return false;
}

static int on_chunk(void *arg, const struct store_row *row)
{
    struct search *s = arg;
    const struct ai_found *found = s->load->found;
    struct core_str text = store_row_str(row, 1);
    bool all = true;
    for (size_t i = 0; i < s->count; i++) {
        if (s->hits[i] < AI_OPTION_CHUNKS && (s->wanted ? defines_wanted(found, s->wanted, text)
                                                        : defines(text, found->options[i]))) {
            struct ai_found_chunk *c = retrieve_chunk(s->load->fused, store_row_i64(row, 0));
            c->fused += s->worth / (AI_FUSE_K + 1);
            s->hits[i]++;
        }
        all &= s->hits[i] == AI_OPTION_CHUNKS;
    }
    return all;
}

/* What an option is asked for by: neither the name of the document nor what everybody asks. */
static ai_terms wanted_of(const struct ai_found *found, ai_terms name)
{
    ai_terms wanted = 0;
    for (size_t i = 0; i < found->term_count; i++)
        if (!(name & (1u << i)) && found->terms[i].weight >= AI_WANTED_WEIGHT &&
            !ai_answer_type_word(found->type, found->terms[i].word) &&
            !ai_answer_common_word(found->terms[i].word))
            wanted |= 1u << i;
    return wanted;
}

static int look_through(struct retrieve_load *load, struct core_str content_id, ai_terms name)
{
    const struct ai_found *found = load->found;
    struct search search = {.load = load, .count = found->option_count, .worth = AI_FUSE_OPTION};
    const struct store_value params[] = {STORE_T(content_id), STORE_I(AI_OPTION_LOOK)};
    if (search.count == 0) {
        search.wanted = wanted_of(found, name);
        search.count = search.wanted ? 1 : 0;
        search.worth = AI_FUSE_WANTED;
    }
    if (search.count == 0)
        return 0;
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
        ai_terms name = ai_terms_in(load->found, c->name);
        if (!c->content_id.ptr || j < seen_count || !name)
            continue;
        seen[seen_count++] = c->content_id;
        e = look_through(load, c->content_id, name);
    }
    /* To be loaded again with the others, as of one moment. */
    for (size_t i = 0; i < count; i++)
        retrieve_chunk(load->fused, ids[i])->content_id = core_strn(NULL, 0);
    return e;
}
