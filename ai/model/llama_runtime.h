/*
 * llama_runtime.h: what every use of llama.cpp here shares: starting the library once, its log, the
 * processor it was built for, and loading weights with our error codes. Any thread.
 */
#ifndef AI_MODEL_LLAMA_RUNTIME_H
#define AI_MODEL_LLAMA_RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct llama_model;

/* Cheap: processor, file present and readable, its first bytes those of a GGUF. 0, or
 * CORE_ENOTFOUND, CORE_ECORRUPT, CORE_EUNSUPPORTED, CORE_EIO with one line naming file and
 * remedy. */
int ai_llama_check(const char *path, char *why, size_t why_cap);
/* Blocking. program: see llama_probe.h. cancel: gives up (CORE_ECANCELLED) once it is true; may be
 * NULL. */
int ai_llama_load(const char *program, const char *path, atomic_bool *cancel,
                  struct llama_model **ret);
/* While *stop is true, errors of llama.cpp on the calling thread are no news. NULL ends that. */
void ai_llama_thread_stop(const atomic_bool *stop);

#endif
