// Products of pairs of bfloat16 with AVX-512: 32 registers of 16 floats.
#include "gemm_pairs.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,bmi2"))), apply_to = function)

#define VECTOR_BYTES 64
#include "gemm_pairs_widening.h"
#include "gemm_pairs_masks.h"

#define LANES 16
#define NAME(x) avx512_##x
#include "gemm_pairs_packing.h"

#define PAIR_PANELS 2
#define PAIR_ROWS 8

INLINE void add_products(floats sum[2], const uint32_t *a, const uints b[2]) {
  const floats low = lower((uints)(*a)), high = upper((uints)(*a));
  UNROLLED for (int v = 0; v < 2; v++) {
    sum[v] += low * lower(b[v]);
    sum[v] += high * upper(b[v]);
  }
}

#include "gemm_pairs_vectors.h"

const PairKernels plush_pairs_avx512 = {avx512_pack, avx512_multiply};

#pragma clang attribute pop
#endif
