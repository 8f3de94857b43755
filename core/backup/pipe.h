/*
 * pipe.h: frames on their way into a file: one thread fills them, others compress and seal, and
 * they are written in their order. Inside core/backup only.
 */
#ifndef CORE_BACKUP_PIPE_H
#define CORE_BACKUP_PIPE_H

#include "core/backup/frame.h"
#include "core/backup/rows.h"

struct backup_pipe;
/* Writes to fd, which stays the caller's, as does the seal. background: its
 * threads work behind all others. It goes on with fewer than `threads`
 * where the system starts no more; NULL: it started none. */
struct backup_pipe *backup_pipe_new(int fd, const struct backup_seal *seal, unsigned tables,
                                    unsigned threads, bool background);
/* Takes the content and leaves raw empty. Waits while all slots are full. The first error sticks:
 * CORE_ENOSPACE, CORE_EIO, CORE_ETOOBIG, … `table` and `rows` are of BACKUP_ROWS. */
int backup_pipe_put(struct backup_pipe *pipe, enum backup_kind kind, unsigned table, uint32_t rows,
                    struct core_buf *raw);
/* Waits until all of it is written, writes the last frame.
 * ret_bytes: of all frames as they are in the file. */
int backup_pipe_end(struct backup_pipe *pipe, struct backup_sums *ret, uint64_t *ret_bytes);
/* Ends the threads; what was not written is not written. */
void backup_pipe_free(struct backup_pipe *pipe);

#endif
