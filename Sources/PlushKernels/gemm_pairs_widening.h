// Pairs of bfloat16 for instruction sets that know only float32; see gemm_pairs_packing.h.
#include <string.h>

#include "math_half.h"

INLINE uints rounded(floats x) { return __builtin_convertvector(bfloat_of_floats(x), uints); }

INLINE uints join(floats x, floats y) { return rounded(x) | rounded(y) << 16; }

INLINE uints join_neighbours(floats x, floats y) {
  const ushorts low = bfloat_of_floats(x), high = bfloat_of_floats(y);
  uints pairs;
  memcpy(&pairs, &low, sizeof low);
  memcpy((char *)&pairs + sizeof low, &high, sizeof high);
  return pairs;
}

/// The lower halves of pairs as numbers, and the upper ones.
INLINE floats lower(uints pairs) { return (floats)(pairs << 16); }
INLINE floats upper(uints pairs) { return (floats)(pairs & 0xffff0000); }
