/*
 * gather.h: telemetry of answers that nobody waits for: the rows of a moment leave as one batch,
 * added up before. Loop thread. kill -9 may cost what was gathered in the last AI_GATHER_MS, and
 * waited in the store as a lazy batch.
 */
#ifndef AI_CASCADE_GATHER_H
#define AI_CASCADE_GATHER_H

#include "ai/telemetry.h"

struct ai_gather;
struct ai_gather *ai_gather_new(const struct ai *ai);
/* What is gathered is written. Accepts NULL. */
void ai_gather_free(struct ai_gather *gather);
void ai_gather_add(struct ai_gather *gather, const struct ai_telemetry_row *row);

#endif
