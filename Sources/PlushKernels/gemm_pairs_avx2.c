// Products of pairs of bfloat16 with AVX2 and FMA: 16 registers of 8 floats.
#include "gemm_pairs.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define VECTOR_BYTES 32
#include "gemm_pairs_widening.h"
#include "gemm_pairs_partial.h"

#define LANES 8
#define NAME(x) avx2_##x
#include "gemm_pairs_packing.h"

#define PAIR_PANELS 1
#define PAIR_ROWS 4

INLINE void add_products(floats sum[2], const uint32_t *a, const uints b[2]) {
  const floats low = lower((uints)(*a)), high = upper((uints)(*a));
  UNROLLED for (int v = 0; v < 2; v++) {
    sum[v] += low * lower(b[v]);
    sum[v] += high * upper(b[v]);
  }
}

#include "gemm_pairs_vectors.h"

const PairKernels plush_pairs_avx2 = {avx2_pack, avx2_multiply};

#pragma clang attribute pop
#endif
