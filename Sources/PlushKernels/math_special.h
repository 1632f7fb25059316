// The error function, its inverse, and powers, in float32.
#pragma once

#include "math_exponential.h"

// MARK: Error function

INLINE floats erf_of(floats x) {
  const floats a = absolute(x), z = a * a;
  floats p = z * 7.94310035e-05f - 0.000803975272f;
  p = p * z + 0.00519175315f;
  p = p * z - 0.02685556f;
  p = p * z + 0.112836242f;
  p = p * z - 0.376126289f;
  p = p * z + 0.128379166f;
  const floats near = p * a + a;
  // Farther out erf = 1 - e^q, q being the logarithm of 1 - erf.
  const floats t = at_most(a, 3.95f);
  floats q = t * -2.06257591e-05f + 0.000429053762f;
  q = q * t - 0.00414494984f;
  q = q * t + 0.0250509493f;
  q = q * t - 0.108174697f;
  q = q * t - 0.633442163f;
  q = q * t - 1.12946808f;
  q = q * t + 0.000165006451f;
  return with_sign_of(a < 0.9f ? near : 1.0f - exp_of(q), x);
}

/// erf^-1(x) = x g(-log(1 - x^2)), g smooth; in the tail a polynomial of the logarithm's root.
INLINE floats erf_inverse_of(floats x) {
  const floats w = -log_of((1.0f - x) * (1.0f + x));
  const floats u = w - 2.5f;
  floats p = u * 2.84961192e-08f + 3.44037744e-07f;
  p = p * u - 3.52805091e-06f;
  p = p * u - 4.40051508e-06f;
  p = p * u + 0.000218596688f;
  p = p * u - 0.00125369395f;
  p = p * u - 0.00417769374f;
  p = p * u + 0.246640712f;
  p = p * u + 1.50140941f;
  const floats v = __builtin_elementwise_sqrt(w) - 3.0f;
  floats q = v * -0.000156940921f + 7.4018033e-05f;
  q = q * v + 0.00129293953f;
  q = q * v - 0.00364521239f;
  q = q * v + 0.00576293236f;
  q = q * v - 0.00763138151f;
  q = q * v + 0.00943563692f;
  q = q * v + 1.00167501f;
  q = q * v + 2.83297706f;
  const floats y = x * (w < 5.0f ? p : q);
  return absolute(x) == 1.0f ? with_sign_of((floats)__builtin_inff(), x) : y;
}

// MARK: Powers

/// log2(x) for positive finite x: 43 bits, enough for y log2(x) up to 128.
INLINE doubles log2_wide(doubles x) {
  const longs bits = (longs)x - 0x3fe6a09e667f3bcd;  // mantissa from sqrt(1/2) on
  const doubles m = (doubles)((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
  const doubles s = (m - 1.0) / (m + 1.0), z = s * s;
  doubles p = z * 0.28295283151566419 + 0.31990214430221608;
  p = p * z + 0.4122093354284409;
  p = p * z + 0.57707794158054793;
  p = p * z + 0.96179669411591451;
  p = p * z + 2.8853900817778486;
  const half_ints e = __builtin_convertvector(bits >> 52, half_ints);
  return p * s + __builtin_convertvector(e, doubles);
}

/// 2^x for |x| < 1000.
INLINE doubles exp2_wide(doubles x) {
  const doubles magic = 6755399441055744.0;
  const doubles shifted = x + magic;
  const doubles r = x - (shifted - magic);
  doubles p = r * 1.5201920197137429e-05 + 0.00015469291112641981;
  p = p * r + 0.0013333922569245893;
  p = p * r + 0.009618027253766346;
  p = p * r + 0.055504103534415393;
  p = p * r + 0.24022651198156722;
  p = p * r + 0.69314718072844894;
  p = p * r + 0.9999999999616821;
  return (doubles)((longs)p + ((longs)shifted << 52));
}

INLINE half_floats power_wide(half_floats x, half_floats y) {
  doubles exponent = __builtin_convertvector(y, doubles)
      * log2_wide(__builtin_convertvector(x, doubles));
  exponent = exponent > 200.0 ? (doubles)200.0 : exponent;
  exponent = exponent < -200.0 ? (doubles)-200.0 : exponent;
  return __builtin_convertvector(exp2_wide(exponent), half_floats);
}

INLINE floats power_of(floats x, floats y) {
  const floats infinity = __builtin_inff();
  const floats a = absolute(x);
  floats r;
  r.lo = power_wide(a.lo, y.lo);
  r.hi = power_wide(a.hi, y.hi);
  const ints whole = truncate(y) == y;
  const floats half = y * 0.5f;
  const ints odd = whole & (truncate(half) != half);
  // Zero and infinity, then the sign of a negative base, then what is 1 or NaN whatever else.
  const ints grows = (a > 1.0f) == (y > 0.0f);
  const ints extreme = (a == 0.0f) | (a == infinity) | (absolute(y) == infinity);
  r = extreme ? (grows ? infinity : (floats)0.0f) : r;
  r = a == 1.0f ? (floats)1.0f : r;
  r = ((sign_bits(x) != 0) & odd) ? -r : r;
  r = ((x < 0.0f) & (x > -infinity) & ~whole) ? (floats)__builtin_nanf("") : r;
  r = (is_nan(x) | is_nan(y)) ? x + y : r;
  return ((x == 1.0f) | (y == 0.0f)) ? (floats)1.0f : r;
}
