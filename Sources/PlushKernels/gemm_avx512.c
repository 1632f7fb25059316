// Matrix products with AVX-512: 32 registers of 16 floats.
#include "gemm_block.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,bmi2"))), apply_to = function)

#define MAIN 2
#define ROWS 14
#define ROWS_4 6
#define ROWS_8 3

typedef __mmask16 TailF32;
static inline TailF32 make_tail_f32(size_t count) { return (TailF32)_bzhi_u32(0xffff, count); }
static inline __m512 load_tail_f32(const float *p, TailF32 tail) {
  return _mm512_maskz_loadu_ps(tail, p);
}
static inline void store_tail_f32(float *p, TailF32 tail, __m512 x) {
  _mm512_mask_storeu_ps(p, tail, x);
}

#define ELEMENT float
#define LANES 16
#define PACK_A_COLUMNS 256
#define NAME(x) plush_gemm_f32_avx512_##x
#define Tail TailF32
#define make_tail make_tail_f32
#define load_tail load_tail_f32
#define store_tail store_tail_f32
#include "gemm_tile.h"

typedef __mmask8 TailF64;
static inline TailF64 make_tail_f64(size_t count) { return (TailF64)_bzhi_u32(0xff, count); }
static inline __m512d load_tail_f64(const double *p, TailF64 tail) {
  return _mm512_maskz_loadu_pd(tail, p);
}
static inline void store_tail_f64(double *p, TailF64 tail, __m512d x) {
  _mm512_mask_storeu_pd(p, tail, x);
}

#define ELEMENT double
#define LANES 8
#define PACK_A_COLUMNS 128
#define NAME(x) plush_gemm_f64_avx512_##x
#define Tail TailF64
#define make_tail make_tail_f64
#define load_tail load_tail_f64
#define store_tail store_tail_f64
#include "gemm_tile.h"

#pragma clang attribute pop
#endif
