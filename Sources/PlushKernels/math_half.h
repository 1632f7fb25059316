// float16 and bfloat16 as bits, both ways, rounding to nearest even.
#pragma once

#include "math_vectors.h"

typedef uint16_t ushorts __attribute__((ext_vector_type(LANES)));

INLINE floats floats_of_half(ushorts half) {
  const ints bits = __builtin_convertvector(half, ints);
  // The product also makes numbers of subnormal halves; infinity and NaN get the full exponent.
  const floats magnitude = (floats)((bits & 0x7fff) << 13) * 0x1p112f;
  const ints special = (bits & 0x7c00) == 0x7c00;
  return (floats)((ints)magnitude | (special & 0x7f800000) | ((bits & 0x8000) << 16));
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
