/*
 * llama_probe.h: is a model file safe to load? llama.cpp checks much of a file, but ends the program
 * on some kinds of damage. Any thread; blocking.
 */
#ifndef AI_MODEL_LLAMA_PROBE_H
#define AI_MODEL_LLAMA_PROBE_H

/* 0: loading will not end the program; or CORE_ECORRUPT. A file is probed once as long as it stays as
 * it is (size, time, place). llama.cpp is started already. */
int ai_llama_probe(const char *path);

#endif
