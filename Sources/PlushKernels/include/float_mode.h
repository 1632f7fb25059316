// How a thread's processor treats subnormal numbers, those too small for the usual form.
#pragma once

#include <stdint.h>

/// The mode of the calling thread.
uint64_t plush_float_mode(void);

/// Sets the mode of the calling thread.
void plush_set_float_mode(uint64_t mode);

/// Lets the calling thread take subnormal numbers for 0 and make 0 of them, and returns the mode
/// that was in force. Arithmetic on them is a hundred times slower, and training makes them all the
/// time: the moments of a weight without gradients decay through their range.
uint64_t plush_flush_subnormals(void);
