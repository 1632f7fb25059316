// The thread pool.
#pragma once

#include <stddef.h>

/// Runs `body(context, chunk)` for every chunk in 0..<count on the pool and the calling thread, and
/// returns when all are done. Chunk i goes first to thread i * threads / count, so that repeated
/// regions find their data in the same core's cache; a thread without work takes others' chunks.
/// Called from inside a region, or while another thread's region runs, it does all the work itself:
/// so kernels split work by size, never by the number of threads.
void plush_parallel(size_t count, void (*body)(void *context, size_t chunk), void *context);

/// Threads that a region uses, the calling one included: PLUSH_THREADS, else the processors that
/// this process may use.
int plush_thread_count(void);

/// Changes the number of threads (1...256) from the next region on.
void plush_set_thread_count(int count);
