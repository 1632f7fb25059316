// Products of pairs of bfloat16 with AVX-512 BF16, which adds two products at once.
#include "gemm_pairs.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma,bmi2"))), \
    apply_to = function)

#define VECTOR_BYTES 64
#include "gemm_pairs_joining.h"

#define LANES 16
#define NAME(x) avx512_bf16_##x
#include "gemm_pairs_packing.h"

#define PAIR_PANELS 2
#define PAIR_ROWS 8

INLINE void add_products(floats sum[2], const uint32_t *a, const uints b[2]) {
  const __m512bh pair = (__m512bh)(uints)(*a);
  UNROLLED for (int v = 0; v < 2; v++)
    sum[v] = (floats)_mm512_dpbf16_ps((__m512)sum[v], pair, (__m512bh)b[v]);
}

#include "gemm_pairs_vectors.h"

const PairKernels plush_pairs_avx512_bf16 = {avx512_bf16_pack, avx512_bf16_multiply};

#pragma clang attribute pop
#endif
