/*
 * receipt.c: the receipt of an answer in the form that is stored in history and sent to clients.
 */
#include "ai/cascade/receipt.h"

#include "ai/ai.h"
#include "core/json.h"

#include <stdio.h>

const char *ai_receipt_level(unsigned level, char out[static AI_RECEIPT_LEVEL_SIZE])
{
    snprintf(out, AI_RECEIPT_LEVEL_SIZE, "L%u", level);
    return out;
}

const char *ai_receipt_brand(unsigned level)
{
    return level <= 2 ? "Standard" : level == 3 ? "Advanced" : "Pro";
}

static void out_source(struct core_json_out *o, const struct ai_source *s)
{
    core_json_out_object(o, NULL);
    core_json_out_str(o, "document", s->document);
    core_json_out_str(o, "document_id", s->document_id);
    core_json_out_str(o, "title", s->title);
    core_json_out_str(o, "location", s->location);
    core_json_out_str(o, "quote", s->quote);
    core_json_out_i64(o, "start", s->start);
    core_json_out_i64(o, "end", s->end);
    core_json_out_double(o, "score", s->score);
    core_json_out_end(o);
}

void ai_sources_json(struct core_json_out *o, const char *key, const struct ai_source *sources,
                     size_t count)
{
    core_json_out_array(o, key);
    for (size_t i = 0; i < count; i++)
        out_source(o, &sources[i]);
    core_json_out_end(o);
}

/* What was not asked, for want of which money, and what to do about it. */
static void out_skipped(struct core_json_out *o, unsigned number, const struct account_broke *broke)
{
    char level[AI_RECEIPT_LEVEL_SIZE], detail[ACCOUNT_BROKE_TEXT_SIZE];
    core_json_out_object(o, "skipped");
    core_json_out_c(o, "level", ai_receipt_level(number, level));
    core_json_out_c(o, "detail", account_broke_text(broke, detail));
    account_broke_out(o, broke);
    core_json_out_end(o);
}

void ai_read_as_json(struct core_json_out *o, const struct ai_read_as *words, size_t count)
{
    if (count == 0)
        return;
    core_json_out_array(o, "read_as");
    for (size_t i = 0; i < count; i++) {
        core_json_out_object(o, NULL);
        core_json_out_str(o, "typed", words[i].typed);
        core_json_out_str(o, "as", words[i].as);
        core_json_out_end(o);
    }
    core_json_out_end(o);
}

void ai_receipt_json(struct core_json_out *o, const char *key, const struct ai_answer *answer)
{
    const struct ai_receipt *r = &answer->receipt;
    char level[AI_RECEIPT_LEVEL_SIZE], node[16];
    snprintf(node, sizeof node, "NOD%u", r->node);
    core_json_out_object(o, key);
    core_json_out_c(o, "level", ai_receipt_level(r->level, level));
    core_json_out_c(o, "brand", r->brand);
    core_json_out_c(o, "why_stopped", r->why_stopped);
    core_json_out_u64(o, "tokens_in", r->tokens_in);
    core_json_out_u64(o, "tokens_out", r->tokens_out);
    core_json_out_i64(o, "cost_microusd", r->cost_microusd);
    core_json_out_i64(o, "latency_ms", r->latency_ms);
    core_json_out_i64(o, "first_token_ms", r->first_token_ms);
    core_json_out_bool(o, "cached", r->cached);
    core_json_out_c(o, "node", node);
    core_json_out_double(o, "confidence", r->confidence);
    if (r->cache_id[0])
        core_json_out_c(o, "cache_id", r->cache_id);
    if (r->skipped)
        out_skipped(o, r->skipped, answer->broke);
    ai_read_as_json(o, answer->read_as, answer->read_as_count);
    ai_sources_json(o, "sources", answer->sources, answer->source_count);
    core_json_out_end(o);
}
