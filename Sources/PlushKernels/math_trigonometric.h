// Circular functions and their inverses in float32.
#pragma once

#include "math_vectors.h"

// MARK: Reduction by multiples of pi / 2

/// For |x| below this, n = x / (pi / 2) times the first part of pi / 2 is exact in a double.
static const float huge_angle = 262144.0f;

INLINE doubles reduce_wide(doubles x, half_ints *quadrant) {
  const doubles magic = 6755399441055744.0;
  const doubles shifted = x * 0.6366197723675814 + magic;
  const doubles n = shifted - magic;
  *quadrant = __builtin_convertvector((longs)shifted, half_ints);
  return (x - n * 0x1.921fb544p+0) - n * 6.077100506506192e-11;
}

/// Payne and Hanek: the product of the mantissa with just those bits of 2 / pi that matter.
static inline float reduce_huge(float x, int32_t *quadrant) {
  static const uint32_t two_over_pi[] = {
      0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
  };
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const int exponent = (int)((bits >> 23) & 0xff) - 150;  // x = mantissa * 2^exponent
  if (exponent == 105) return __builtin_nanf("");
  const uint64_t mantissa = (bits & 0x7fffff) | 0x800000;
  const int start = exponent + 30, word = start / 32, shift = start % 32;
  uint32_t window[3];  // bits of weight 2 and less of 2^exponent * 2 / pi
  for (int i = 0; i < 3; i++) {
    const uint64_t pair = (uint64_t)two_over_pi[word + i] << 32
        | (word + i < 7 ? two_over_pi[word + i + 1] : 0);
    window[i] = (uint32_t)(pair >> (32 - shift));
  }
  const uint64_t low = mantissa * window[2] >> 32;
  const uint64_t product = (mantissa * window[0] << 32) + mantissa * window[1] + low;
  const int sign = bits >> 31 ? -1 : 1;
  *quadrant = sign * (int32_t)((product >> 62) + ((product >> 61) & 1));
  const double fraction = (double)(int64_t)(product << 2) * 0x1p-64;
  return (float)(fraction * 1.5707963267948966) * (float)sign;
}

/// x = quadrant * pi / 2 + result.
INLINE floats reduce_angle(floats x, ints *quadrant) {
  half_ints low, high;
  floats r;
  r.lo = __builtin_convertvector(
      reduce_wide(__builtin_convertvector(x.lo, doubles), &low), half_floats);
  r.hi = __builtin_convertvector(
      reduce_wide(__builtin_convertvector(x.hi, doubles), &high), half_floats);
  quadrant->lo = low;
  quadrant->hi = high;
  if (__builtin_expect(__builtin_reduce_or(~(absolute(x) < huge_angle)), 0)) {
    for (int lane = 0; lane < LANES; lane++) {
      if (__builtin_fabsf(x[lane]) < huge_angle) continue;
      int32_t turns = 0;
      r[lane] = reduce_huge(x[lane], &turns);
      (*quadrant)[lane] = turns;
    }
  }
  return r;
}

INLINE floats sin_reduced(floats r, floats z) {
  floats p = z * 2.83268014e-06f - 0.000198530717f;
  p = p * z + 0.0083333794f;
  p = p * z - 0.166666672f;
  return p * (z * r) + r;
}

INLINE floats cos_reduced(floats z) {
  floats p = z * 2.44323273e-05f - 0.00138873095f;
  p = p * z + 0.0416666456f;
  return p * (z * z) + (1.0f - 0.5f * z);
}

// MARK: Circular functions

INLINE floats sin_of_turned(floats x, int32_t turns) {
  ints quadrant;
  const floats r = reduce_angle(x, &quadrant), z = r * r;
  quadrant += turns;
  const floats y = (quadrant << 31) != 0 ? cos_reduced(z) : sin_reduced(r, z);
  return (floats)((ints)y ^ ((quadrant & 2) << 30));
}

INLINE floats sin_of(floats x) {
  const floats y = sin_of_turned(x, 0);
  return x == 0.0f ? x : y;
}

INLINE floats cos_of(floats x) { return sin_of_turned(x, 1); }

INLINE floats tan_of(floats x) {
  ints quadrant;
  const floats r = reduce_angle(x, &quadrant), z = r * r;
  const floats s = sin_reduced(r, z), c = cos_reduced(z);
  const ints odd = (quadrant << 31) != 0;
  const floats y = (odd ? -c : s) / (odd ? s : c);
  return x == 0.0f ? x : y;
}

// MARK: Inverse functions

/// asin(x) for |x| <= 1/2, given z = x * x.
INLINE floats asin_small(floats x, floats z) {
  floats p = z * 0.0376966894f + 0.0143148787f;
  p = p * z + 0.0318390913f;
  p = p * z + 0.0445133746f;
  p = p * z + 0.0750052184f;
  p = p * z + 0.166666597f;
  return p * (z * x) + x;
}

INLINE floats asin_of(floats x) {
  const floats a = absolute(x);
  const ints large = a > 0.5f;
  const floats z = large ? 0.5f - 0.5f * a : a * a;
  const floats y = asin_small(large ? __builtin_elementwise_sqrt(z) : a, z);
  return with_sign_of(large ? 1.57079633f - (2.0f * y - -4.37113883e-8f) : y, x);
}

INLINE floats acos_of(floats x) {
  const floats a = absolute(x);
  const ints large = a > 0.5f;
  const floats z = large ? 0.5f - 0.5f * a : x * x;
  const floats y = asin_small(large ? __builtin_elementwise_sqrt(z) : x, z);
  const floats outer = x < 0.0f ? 3.14159265f - (2.0f * y - -8.74227766e-8f) : 2.0f * y;
  return large ? outer : 1.57079633f - (y - -4.37113883e-8f);
}

/// atan(x) for 0 <= x <= 1.
INLINE floats atan_small(floats x) {
  const floats z = x * x;
  floats p = z * -0.00178282068f + 0.0108686853f;
  p = p * z - 0.0310969856f;
  p = p * z + 0.0578813888f;
  p = p * z - 0.0839930624f;
  p = p * z + 0.109508805f;
  p = p * z - 0.142640159f;
  p = p * z + 0.199985296f;
  p = p * z - 0.333332986f;
  return p * (z * x) + x;
}

INLINE floats atan_of(floats x) {
  const floats a = absolute(x);
  const ints large = a > 1.0f;
  const floats y = atan_small(large ? 1.0f / a : a);
  return with_sign_of(large ? 1.57079633f - (y - -4.37113883e-8f) : y, x);
}

INLINE floats atan2_of(floats y, floats x) {
  const floats a = absolute(y), b = absolute(x);
  const ints steep = a > b;
  const floats lesser = steep ? b : a, greater = steep ? a : b;
  floats quotient = lesser / greater;
  quotient = greater == 0.0f ? (floats)0.0f : quotient;
  quotient = lesser == __builtin_inff() ? (floats)1.0f : quotient;
  floats angle = atan_small(quotient);
  angle = steep ? 1.57079633f - (angle - -4.37113883e-8f) : angle;
  angle = sign_bits(x) != 0 ? 3.14159265f - (angle - -8.74227766e-8f) : angle;
  return (is_nan(x) | is_nan(y)) ? x + y : with_sign_of(angle, y);
}
