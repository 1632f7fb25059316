// float16 and bfloat16 as bits, both ways, rounding to nearest even.
#pragma once

#include "math_vectors.h"

typedef uint16_t ushorts __attribute__((ext_vector_type(LANES)));

INLINE floats floats_of_half(ushorts half) {
  const ints bits = __builtin_convertvector(half, ints), magnitude = (bits & 0x7fff) << 13;
  // Subnormal halves are whole multiples of 2^-24: no subnormal floats may come up on the way.
  const ints subnormal = (ints)((floats)(magnitude + 0x38800000) - 0x1p-14f);
  const ints normal = magnitude + (112 << 23);
  const ints finite = magnitude < 0x00800000 ? subnormal : normal;
  const ints special = magnitude | 0x7f800000;  // infinity and NaN
  return (floats)((magnitude < 0x0f800000 ? finite : special) | ((bits & 0x8000) << 16));
}

INLINE ushorts half_of_floats(floats x) {
  const ints a = (ints)absolute(x);
  const ints normal = (a + 0xfff + ((a >> 13) & 1) - (112 << 23)) >> 13;
  const ints subnormal = (ints)((floats)a + 0.5f) - 0x3f000000;  // rounds in units of 2^-24
  const ints special = a > 0x7f800000 ? (ints)0x7e00 : (ints)0x7c00;
  const ints small = a < 0x38800000 ? subnormal : normal;
  const ints half = (a < 0x47800000 ? small : special) | ((sign_bits(x) >> 16) & 0x8000);
  return __builtin_convertvector(half, ushorts);
}

INLINE floats floats_of_bfloat(ushorts x) {
  return (floats)(__builtin_convertvector(x, ints) << 16);
}

INLINE ushorts bfloat_of_floats(floats x) {
  const uints bits = (uints)x;
  const uints rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const uints quiet = (bits >> 16) | 0x40;
  return __builtin_convertvector((uints)is_nan(x) != 0 ? quiet : rounded, ushorts);
}
