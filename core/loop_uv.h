/* loop_uv.h: what the files of core that wrap libuv share. Not for other rooms. */
#ifndef CORE_LOOP_UV_H
#define CORE_LOOP_UV_H

#include "core/loop.h"

#include <uv.h>

/* Its `data` leads back to the core_loop. */
uv_loop_t *core__loop_uv(struct core_loop *loop);
/* CORE_LIMIT_STREAM_READ bytes for whoever runs, until it returns to the loop. */
char *core__loop_scratch(struct core_loop *loop);
/* Counts the loop's turns; never 0 while it runs. */
uint64_t core__loop_turns(const struct core_loop *loop);
/* The nearest code of err.h for a libuv status; 0 stays 0. */
int core__err_from_uv(int status);

#endif
