// Products of pairs of bfloat16 for any processor: vectors of 16 bytes.
#include "gemm_pairs.h"

#define VECTOR_BYTES 16
#include "gemm_pairs_widening.h"
#include "gemm_pairs_partial.h"

#define LANES 4
#define NAME(x) portable_##x
#include "gemm_pairs_packing.h"

#define PAIR_PANELS 1
#if defined(__aarch64__)  // 32 registers
#define PAIR_ROWS 4
#else
#define PAIR_ROWS 2
#endif

INLINE void add_products(floats sum[4], const uint32_t *a, const uints b[4]) {
  const floats low = lower((uints)(*a)), high = upper((uints)(*a));
  UNROLLED for (int v = 0; v < 4; v++) sum[v] = sum[v] + low * lower(b[v]) + high * upper(b[v]);
}

#include "gemm_pairs_vectors.h"

const PairKernels plush_pairs_portable = {portable_pack, portable_multiply};
