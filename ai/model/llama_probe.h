/*
 * llama_probe.h: is a model file safe to load? llama.cpp checks much of a file, but ends the
 * program on some kinds of damage; therefore a child loads it first (`PROGRAM model-probe FILE`).
 * Any thread; blocking.
 */
#ifndef AI_MODEL_LLAMA_PROBE_H
#define AI_MODEL_LLAMA_PROBE_H

#include <stdatomic.h>

/* program: absolute path of what runs ai_model_probe() when so asked. 0: loading will not end the
 * program; CORE_ECORRUPT, told in the log when it is found; CORE_ENOTFOUND, … from looking for the
 * file; CORE_ECANCELLED soon after *cancel (may be NULL) is true. A file is probed once as long as
 * it stays as it is (size, time, place). */
int ai_llama_probe(const char *program, const char *path, const atomic_bool *cancel);

#endif
