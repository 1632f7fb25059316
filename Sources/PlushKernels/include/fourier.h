// Fourier transforms.
#pragma once

#include <stdbool.h>

#include "types.h"

/// y = the discrete Fourier transforms of `count` lines of `length` complex numbers, real and
/// imaginary part in turn, of float32 or float64; not scaled. The inverse turns the other way.
/// Arithmetic happens in double precision; any length takes O(length log length) steps.
void plush_fft(
    PlushType type, const void *x, void *y, size_t count, size_t length, bool inverse);
