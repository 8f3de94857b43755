/* receipt.h: what an answer cost and where it came from,
 * as it is kept in history and sent to clients. Room only. */
#ifndef AI_CASCADE_RECEIPT_H
#define AI_CASCADE_RECEIPT_H

/* "L2". */
#define AI_RECEIPT_LEVEL_SIZE 12
const char *ai_receipt_level(unsigned level, char out[static AI_RECEIPT_LEVEL_SIZE]);
/* "Standard", "Advanced", "Pro". */
const char *ai_receipt_brand(unsigned level);

#endif
