#include "depthwise.h"

#include "isa.h"

#define KERNEL(name, type) \
  static inline __attribute__((always_inline)) void name##_of( \
      const int terms, const type *const *a, const type *const *b, type *restrict y, bool starts, \
      size_t count) { \
    const type *a0 = a[0], *b0 = b[0], *a1 = a[terms > 1], *b1 = b[terms > 1]; \
    const type *a2 = a[terms > 2 ? 2 : 0], *b2 = b[terms > 2 ? 2 : 0]; \
    const type *a3 = a[terms > 3 ? 3 : 0], *b3 = b[terms > 3 ? 3 : 0]; \
    for (size_t i = 0; i < count; i++) { \
      type sum = a0[i] * b0[i]; \
      if (terms > 1) sum += a1[i] * b1[i]; \
      if (terms > 2) sum += a2[i] * b2[i]; \
      if (terms > 3) sum += a3[i] * b3[i]; \
      y[i] = starts ? sum : y[i] + sum; \
    } \
  } \
  static void name( \
      const void *const *a, const void *const *b, size_t terms, void *y, bool starts, \
      size_t count) { \
    const type *const *x = (const type *const *)a, *const *f = (const type *const *)b; \
    switch (terms) { \
      case 1: return name##_of(1, x, f, y, starts, count); \
      case 2: return name##_of(2, x, f, y, starts, count); \
      case 3: return name##_of(3, x, f, y, starts, count); \
      default: return name##_of(4, x, f, y, starts, count); \
    } \
  }

KERNEL(portable_f32, float)
KERNEL(portable_f64, double)

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
KERNEL(avx2_f32, float)
KERNEL(avx2_f64, double)
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"), min_vector_width(512))), \
    apply_to = function)
KERNEL(avx512_f32, float)
KERNEL(avx512_f64, double)
#pragma clang attribute pop
#endif

PlushDepthwise plush_depthwise(PlushType type) {
  const bool wide = type == PLUSH_FLOAT64;
  switch (plush_isa()) {
#if defined(__x86_64__)
    case PLUSH_ISA_AVX512: return wide ? avx512_f64 : avx512_f32;
    case PLUSH_ISA_AVX2: return wide ? avx2_f64 : avx2_f32;
#endif
    default: return wide ? portable_f64 : portable_f32;
  }
}
