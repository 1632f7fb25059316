// Memory that a kernel needs for a moment, kept by the thread for the next time: a plan that runs
// again allocates nothing.
#pragma once

#include <stddef.h>

/// At least `size` bytes, aligned to 64; never null.
void *plush_take_scratch(size_t size);

/// Gives back what the same thread took; null is nothing.
void plush_give_back_scratch(void *memory);
