#if defined(__x86_64__)
#include <immintrin.h>

#include "winograd.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

typedef __m256i Tail;
static inline Tail make_tail(size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane);
}
static inline __m256 load_tail(const float *p, Tail tail) { return _mm256_maskload_ps(p, tail); }
static inline void store_tail(float *p, Tail tail, __m256 x) { _mm256_maskstore_ps(p, tail, x); }

#define LANES 8
#define NAME(x) avx2_##x
#define TABLE plush_winograd_avx2
#include "winograd_transforms.h"

#pragma clang attribute pop
#endif
