// Matrix products with AVX2 and FMA: 16 registers of 8 floats.
#include "gemm_block.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma"))), apply_to = function)

#define MAIN 2
#define ROWS 6
#define ROWS_4 2
#define ROWS_8 1

typedef __m256i TailF32;
static inline TailF32 make_tail_f32(size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane);
}
static inline __m256 load_tail_f32(const float *p, TailF32 tail) {
  return _mm256_maskload_ps(p, tail);
}
static inline void store_tail_f32(float *p, TailF32 tail, __m256 x) {
  _mm256_maskstore_ps(p, tail, x);
}

#define ELEMENT float
#define LANES 8
#define PACK_A_COLUMNS 256
#define NAME(x) plush_gemm_f32_avx2_##x
#define Tail TailF32
#define make_tail make_tail_f32
#define load_tail load_tail_f32
#define store_tail store_tail_f32
#include "gemm_tile.h"

typedef __m256i TailF64;
static inline TailF64 make_tail_f64(size_t count) {
  const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)count), lane);
}
static inline __m256d load_tail_f64(const double *p, TailF64 tail) {
  return _mm256_maskload_pd(p, tail);
}
static inline void store_tail_f64(double *p, TailF64 tail, __m256d x) {
  _mm256_maskstore_pd(p, tail, x);
}

#define ELEMENT double
#define LANES 4
#define PACK_A_COLUMNS 128
#define NAME(x) plush_gemm_f64_avx2_##x
#define Tail TailF64
#define make_tail make_tail_f64
#define load_tail load_tail_f64
#define store_tail store_tail_f64
#include "gemm_tile.h"

#pragma clang attribute pop
#endif
