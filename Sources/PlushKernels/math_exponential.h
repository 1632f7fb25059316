// Exponentials, logarithms and the hyperbolic functions made of them, in float32.
// Polynomials are minimax fits in relative error, coefficients rounded one after the other.
#pragma once

#include "math_vectors.h"

// MARK: Exponentials

typedef struct {
  floats n;  // the power of two
  floats r;  // the rest, in -ln 2 / 2 ... ln 2 / 2
} Reduced;

/// x = n ln 2 + r, for |x| < 2^15.
INLINE Reduced reduce_exponent(floats x) {
  const floats shifted = x * 1.44269504f + 12582912.0f;
  const floats n = shifted - 12582912.0f;
  // The first factor has few bits, so that the product is exact without a fused multiply-add.
  const floats r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  return (Reduced){n, r};
}

#if VECTOR_BYTES == 64

/// e^x = 2^floor(n) t e^r, n in sixteenths: t from a table in one register, so that r is small and
/// its polynomial short.
INLINE floats exp_scaled(floats x, float extra) {
  const floats table = {
      1.0f, 1.04427373f, 1.09050775f, 1.13878858f, 1.18920708f, 1.24185777f, 1.29683959f,
      1.35425556f, 1.41421354f, 1.47682619f, 1.54221082f, 1.61049032f, 1.68179286f, 1.75625217f,
      1.83400810f, 1.91520655f,
  };
  const float magic = 786432.0f;
  const floats shifted = x * 1.44269504f + magic;
  const floats n = shifted - magic;
  const floats r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  const floats t = (floats)__builtin_ia32_permvarsf512(
      (__attribute__((vector_size(64))) float)table, (__attribute__((vector_size(64))) int)shifted);
  const floats p = (r * 0.166670606f + 0.50001651f) * r + 1.0f;
  return scale(t * r * p + t, extra == 0.0f ? n : n + extra);
}

#else

/// e^x * 2^extra without overflow in between, for -110 <= x <= 90.
INLINE floats exp_scaled(floats x, float extra) {
  const Reduced reduced = reduce_exponent(x);
  const floats r = reduced.r;
  floats p = r * 0.0013818742f + 0.00836872123f;
  p = p * r + 0.0416682921f;
  p = p * r + 0.166665211f;
  p = p * r + 0.49999994f;
  p = p * (r * r) + r + 1.0f;
  return scale(p, reduced.n + extra);
}

#endif

INLINE floats exp_of(floats x) { return exp_scaled(at_least(at_most(x, 90.0f), -110.0f), 0.0f); }

/// e^r - 1 for a reduced r.
INLINE floats expm1_reduced(floats r) {
  floats p = r * 0.000197644331f + 0.00139323878f;
  p = p * r + 0.00833354332f;
  p = p * r + 0.0416664928f;
  p = p * r + 0.166666657f;
  p = p * r + 0.5f;
  return p * (r * r) + r;
}

INLINE floats expm1_of(floats x) {
  const Reduced reduced = reduce_exponent(at_least(at_most(x, 88.8f), -30.0f));
  const floats p = expm1_reduced(reduced.r);
  const floats half = scale((floats)0.5f, reduced.n);  // 2^(n-1): 2^128 does not exist
  const floats y = 2.0f * (half * p + (half - 0.5f));
  return x == 0.0f ? x : y;
}

/// e^-|x| keeps its digits where 1 + e^|x| would overflow.
INLINE floats sigmoid_of(floats x) {
  const floats e = exp_scaled(at_least(-absolute(x), -110.0f), 0.0f);
  return fast_divide(x < 0.0f ? e : (floats)1.0f, 1.0f + e);
}

/// e / (2 + e) with e = e^-2|x| - 1, which keeps the digits of small x.
INLINE floats tanh_of(floats x) {
  const float magic = 12582912.0f;
  const floats a = at_most(absolute(x), 10.0f);
  const floats shifted = a * -2.88539008f + magic;
  const floats n = shifted - magic;
  const floats s = a + n * 0.34657359f;  // -2a = n ln 2 - 2s
  const floats power = (floats)(((ints)shifted << 23) + 0x3f800000);
  floats p = s * 0.0887715593f - 0.267726511f;
  p = p * s + 0.666679025f;
  p = p * s - 1.3333236f;
  p = p * s + 1.99999988f;
  p = (p * s - 2.0f) * s;
  const floats e = power * p + (power - 1.0f);
  return with_sign_of(absolute(fast_divide(e, 2.0f + e)), x);
}

INLINE floats cosh_of(floats x) {
  const floats half = exp_scaled(at_most(absolute(x), 90.0f), -1.0f);
  return half + 0.25f / half;
}

INLINE floats sinh_of(floats x) {
  const floats a = absolute(x), z = a * a;
  floats p = z * 2.78221319e-06f + 0.000198428956f;
  p = p * z + 0.00833331048f;
  p = p * z + 0.166666672f;
  const floats near = p * (z * a) + a;
  const floats half = exp_scaled(at_most(a, 90.0f), -1.0f);
  return with_sign_of(a < 1.0f ? near : half - 0.25f / half, x);
}

// MARK: Logarithms

/// A positive finite number is 2^e m with m in sqrt(1/2)...sqrt(2).
INLINE floats split_exponent(floats x, ints *e) {
  const ints tiny = x < 1.17549435e-38f;
  const ints bits = (ints)(tiny ? x * 8388608.0f : x) - 0x3f3504f3;  // m from sqrt(1/2) on
  *e = (bits >> 23) + (tiny & -23);
  return (floats)((bits & 0x7fffff) + 0x3f3504f3);
}

/// log(2^e (1 + f))
INLINE floats log_split(floats f, ints e) {
  floats p = f * 0.067498371f - 0.116711669f;
  p = p * f + 0.11883875f;
  p = p * f - 0.124061152f;
  p = p * f + 0.142203107f;
  p = p * f - 0.166679919f;
  p = p * f + 0.20002073f;
  p = p * f - 0.250000089f;
  p = p * f + 0.333333135f;
  const floats z = f * f, n = to_floats(e);
  p = p * (f * z) + n * -2.12194440e-4f;
  return n * 0.693359375f + (f + (p - 0.5f * z));
}

/// The logarithm's value for a positive argument, or what is right for the argument.
INLINE floats log_special(floats x, floats value) {
  value = x < __builtin_inff() ? value : x;
  value = x < 0.0f ? (floats)__builtin_nanf("") : value;
  return x == 0.0f ? (floats)-__builtin_inff() : value;
}

INLINE floats log_of(floats x) {
  ints e;
  const floats f = split_exponent(x, &e) - 1.0f;
  return log_special(x, log_split(f, e));
}

INLINE floats log1p_of(floats x) {
  ints e;
  const floats sum = 1.0f + x;
  const floats carry = x > 1.0f ? 1.0f - (sum - x) : x - (sum - 1.0f);
  const floats f = split_exponent(sum, &e) - 1.0f;
  const ints shift = e < 126 ? -e : -126;  // the carry of larger numbers is 0
  const floats y = log_special(sum, log_split(f + carry * power_of_two(shift), e));
  return x == 0.0f ? x : y;
}

INLINE floats asinh_of(floats x) {
  const floats a = absolute(x), z = a * a;
  const ints large = a > 1e9f;
  const floats near = a + z / (1.0f + __builtin_elementwise_sqrt(z + 1.0f));
  const floats y = log1p_of(large ? a : near) + (large ? (floats)0.693147181f : (floats)0.0f);
  return with_sign_of(y, x);
}

INLINE floats acosh_of(floats x) {
  const floats t = x - 1.0f;
  const ints large = x > 1e9f;
  const floats near = t + __builtin_elementwise_sqrt(2.0f * t + t * t);
  const floats y = log1p_of(large ? x : near) + (large ? (floats)0.693147181f : (floats)0.0f);
  return x < 1.0f ? (floats)__builtin_nanf("") : y;
}

INLINE floats atanh_of(floats x) {
  const floats a = absolute(x);
  return with_sign_of(0.5f * log1p_of(2.0f * a / (1.0f - a)), x);
}
