// Vectors of one instruction set: whoever includes this has set VECTOR_BYTES and the target.
#pragma once

#include <stdint.h>

#pragma STDC FP_CONTRACT ON

#define INLINE static inline __attribute__((always_inline, unused))

enum { LANES = VECTOR_BYTES / 4, WIDE_LANES = VECTOR_BYTES / 8 };

typedef float floats __attribute__((ext_vector_type(LANES)));
typedef int32_t ints __attribute__((ext_vector_type(LANES)));
typedef uint32_t uints __attribute__((ext_vector_type(LANES)));
typedef double doubles __attribute__((ext_vector_type(WIDE_LANES)));
// long, not int64_t: comparisons of doubles give vectors of long on all systems.
typedef long longs __attribute__((ext_vector_type(WIDE_LANES)));
typedef unsigned long ulongs __attribute__((ext_vector_type(WIDE_LANES)));
typedef float half_floats __attribute__((ext_vector_type(WIDE_LANES)));
typedef int32_t half_ints __attribute__((ext_vector_type(WIDE_LANES)));

// MARK: Memory

INLINE floats load_floats(const void *p) {
  floats v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE ints load_ints(const void *p) {
  ints v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE doubles load_doubles(const void *p) {
  doubles v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE half_ints load_half_ints(const void *p) {
  half_ints v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store_floats(void *p, floats v) { __builtin_memcpy(p, &v, sizeof v); }
INLINE void store_ints(void *p, ints v) { __builtin_memcpy(p, &v, sizeof v); }
INLINE void store_doubles(void *p, doubles v) { __builtin_memcpy(p, &v, sizeof v); }
INLINE void store_half_ints(void *p, half_ints v) { __builtin_memcpy(p, &v, sizeof v); }

// MARK: Bits

INLINE floats absolute(floats x) { return (floats)((ints)x & 0x7fffffff); }
INLINE ints sign_bits(floats x) { return (ints)x & (int32_t)0x80000000; }
INLINE floats with_sign_of(floats magnitude, floats x) {
  return (floats)((ints)magnitude | sign_bits(x));
}

INLINE ints to_ints(floats x) { return __builtin_convertvector(x, ints); }
INLINE floats to_floats(ints x) { return __builtin_convertvector(x, floats); }

/// 2^n for n in -126...127.
INLINE floats power_of_two(ints n) { return (floats)((n + 127) << 23); }

/// NaN stays NaN.
INLINE floats at_most(floats x, float limit) { return x > limit ? (floats)limit : x; }
INLINE floats at_least(floats x, float limit) { return x < limit ? (floats)limit : x; }

INLINE ints is_nan(floats x) { return x != x; }

// MARK: Rounding

/// Half to even; all floats from 2^23 on are integers already.
INLINE floats round_even(floats x) {
  const floats magic = with_sign_of((floats)8388608.0f, x);
  const floats rounded = with_sign_of(absolute((x + magic) - magic), x);
  return absolute(x) < 8388608.0f ? rounded : x;
}

INLINE floats truncate(floats x) {
  const ints small = absolute(x) < 8388608.0f;
  const floats whole = to_floats(to_ints(small ? x : (floats)0.0f));
  return small ? with_sign_of(absolute(whole), x) : x;
}

INLINE floats floor_of(floats x) {
  const floats whole = truncate(x);
  return whole > x ? whole - 1.0f : whole;
}

INLINE floats ceil_of(floats x) {
  const floats whole = truncate(x);
  return whole < x ? with_sign_of(absolute(whole + 1.0f), x) : whole;
}

// MARK: Division

/// x / y within 1 ulp, for y whose reciprocal, and quotients, that are normal numbers or 0.
INLINE floats fast_divide(floats x, floats y) {
#if VECTOR_BYTES == 64
  const floats guess = (floats)__builtin_ia32_rcp14ps512_mask(
      (__attribute__((vector_size(64))) float)y, (__attribute__((vector_size(64))) float){0},
      (unsigned short)-1);
  const floats quotient = x * guess;
  return quotient + guess * (x - quotient * y);
#else
  return x / y;
#endif
}

/// x / (√y + z) within 2 ulp, for z from 2^-36 to 2^100: an estimate of the reciprocal root and one
/// of the reciprocal, each improved once. What they cannot do comes out as NaN and is done again.
INLINE floats divide_by_root(floats x, floats y, floats z) {
#if VECTOR_BYTES == 64
  typedef __attribute__((vector_size(64))) float vector;
  const floats inverse_root = (floats)__builtin_ia32_rsqrt14ps512_mask(
      (vector)y, (vector){0}, (unsigned short)-1);
  const floats guess = y == 0.0f ? (floats)0.0f : inverse_root;
  const floats near = y * guess;
  const floats root = near + (0.5f * guess) * (y - near * near);
  const floats divisor = root + z;
  const floats near_inverse = (floats)__builtin_ia32_rcp14ps512_mask(
      (vector)divisor, (vector){0}, (unsigned short)-1);
  const floats inverse = near_inverse + near_inverse * (1.0f - divisor * near_inverse);
  const floats quotient = x * inverse;
  if (__builtin_expect(!__builtin_reduce_or(is_nan(quotient)), 1)) return quotient;
#endif
  return x / (__builtin_elementwise_sqrt(y) + z);
}

/// x * 2^n, rounded once; n is an integer between -252 and 252.
INLINE floats scale(floats x, floats n) {
#if VECTOR_BYTES == 64
  return (floats)__builtin_ia32_scalefps512_mask(
      (__attribute__((vector_size(64))) float)x, (__attribute__((vector_size(64))) float)n,
      (__attribute__((vector_size(64))) float)x, (unsigned short)-1, 4);
#else
  const ints whole = to_ints(n), half = whole >> 1;
  return x * power_of_two(half) * power_of_two(whole - half);
#endif
}
