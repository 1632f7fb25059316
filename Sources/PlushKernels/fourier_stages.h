// One factor of a Fourier transform, chosen by instruction set.
#pragma once

#include <stddef.h>

typedef struct {
  double re, im;
} Complex;

enum { FOURIER_LARGEST_FACTOR = 13 };

/// Real and imaginary parts, apart.
typedef struct {
  double *re, *im;
} Parts;

/// Transforms of `factor` elements, `length / factor` apart, of sequences of `length` elements that
/// lie `step` side by side; roots[k] = exp(-2πi k / root_count).
typedef struct {
  size_t length, factor, step;
  const Complex *roots;
  size_t root_count;
} Stage;

static inline Complex times(Complex a, Complex b) {
  return (Complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

void plush_fourier_stage(const Stage *stage, Parts x, Parts y);
void plush_fourier_stage_portable(const Stage *stage, Parts x, Parts y);
#if defined(__x86_64__)
void plush_fourier_stage_avx2(const Stage *stage, Parts x, Parts y);
#endif
