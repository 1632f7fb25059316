// Counts allocations of the calling thread, to prove that something makes none.
#pragma once

#include <stddef.h>

/// Whether counting works on this platform.
int plush_can_count_allocations(void);

/// Allocations that the calling thread has made so far.
size_t plush_allocations(void);
