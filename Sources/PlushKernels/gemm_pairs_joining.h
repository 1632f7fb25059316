// Pairs of bfloat16 with AVX-512 BF16; see gemm_pairs_packing.h.
#include <string.h>

#include "math_vectors.h"

#include "gemm_pairs_masks.h"

INLINE uints join_neighbours(floats x, floats y) {
  return (uints)_mm512_cvtne2ps_pbh((__m512)y, (__m512)x);
}

INLINE uints join(floats x, floats y) {
  const __m512i order = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  return (uints)_mm512_permutexvar_epi16(order, (__m512i)join_neighbours(x, y));
}
