#if defined(__x86_64__)
#include <immintrin.h>

#include "winograd.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,bmi2"))), apply_to = function)

typedef __mmask16 Tail;
static inline Tail make_tail(size_t count) { return (Tail)_bzhi_u32(0xffff, (unsigned)count); }
static inline __m512 load_tail(const float *p, Tail tail) {
  return _mm512_maskz_loadu_ps(tail, p);
}
static inline void store_tail(float *p, Tail tail, __m512 x) {
  _mm512_mask_storeu_ps(p, tail, x);
}

#define LANES 16
#define NAME(x) avx512_##x
#define TABLE plush_winograd_avx512
#include "winograd_transforms.h"

#pragma clang attribute pop
#endif
