// The operations of elementwise programs: one loop over a tile each. Compiled once per instruction
// set: whoever includes this has set VECTOR_BYTES, the target, and the name of the table, TABLE.
#pragma once

#include <math.h>

#include "elementwise_table.h"
#include "math_exponential.h"
#include "math_half.h"
#include "math_special.h"
#include "math_trigonometric.h"
#include "random_philox.h"

// MARK: Loops

/// An operand that repeats stays where it is.
#define OPERAND(number, type)                                                                 \
  ({                                                                                          \
    type value;                                                                               \
    __builtin_memcpy(&value, call.operands[number] + k * sizeof value, sizeof value);         \
    if (k == vectors - 1) {                                                                   \
      call.operands[number] += vectors * sizeof value & call.masks[number];                   \
    }                                                                                         \
    value;                                                                                    \
  })

#define VECTORS(number, result_type, inputs, expression)                                      \
  for (enum { vectors = number }; count >= vectors * lanes; count -= vectors * lanes) {       \
    _Pragma("clang loop unroll(full)") for (size_t k = 0; k < vectors; k++) {                 \
      if (ahead) {                                                                            \
        __builtin_prefetch(call.prefetch[0] + k * lanes * 4);                                 \
        if (vectors == 1) __builtin_prefetch(call.prefetch[1] + k * lanes * 4);               \
      }                                                                                       \
      inputs;                                                                                 \
      const result_type value = expression;                                                   \
      __builtin_memcpy(call.result + k * sizeof value, &value, sizeof value);                 \
    }                                                                                         \
    call.result += vectors * sizeof(result_type);                                             \
    call.prefetch[0] += vectors * lanes * 4;                                                  \
    call.prefetch[1] += vectors * lanes * 4;                                                  \
  }

/// A loop over a tile, several vectors at a time where one takes little. The call is copied: the
/// result may be anywhere, but not there.
#define KERNEL(name, unrolled, result_type, inputs, expression)                               \
  static void name(const PlushKernelCall *pointer) {                                          \
    PlushKernelCall call = *pointer;                                                          \
    enum { lanes = sizeof(result_type) / sizeof(((result_type){0})[0]) };                     \
    const bool ahead = call.prefetch[0] != NULL;                                              \
    size_t count = call.count;                                                                \
    if (unrolled > 1) VECTORS(unrolled, result_type, inputs, expression)                      \
    VECTORS(1, result_type, inputs, expression)                                               \
  }

#define UNARY(name, result_type, type, expression) \
  KERNEL(name, 4, result_type, const type a = OPERAND(0, type), expression)

#define FUNCTION(name, type, expression) \
  KERNEL(name, 1, type, const type a = OPERAND(0, type), expression)

#define BINARY(name, result_type, type, expression)                                     \
  KERNEL(name, 4, result_type, const type a = OPERAND(0, type);                         \
         const type b = OPERAND(1, type), expression)

#define FUNCTION_OF_TWO(name, type, expression)                                         \
  KERNEL(name, 1, type, const type a = OPERAND(0, type);                                \
         const type b = OPERAND(1, type), expression)

#define FUNCTION_OF_THREE(name, type, expression)                                       \
  KERNEL(name, 1, type, const type a = OPERAND(0, type);                                \
         const type b = OPERAND(1, type); const type c = OPERAND(2, type), expression)

#define TERNARY(name, type, condition, expression)                                      \
  KERNEL(name, 4, type, const condition a = OPERAND(0, condition);                      \
         const type b = OPERAND(1, type); const type c = OPERAND(2, type), expression)

// MARK: float32

INLINE floats sign_of(floats x) {
  const floats sign = with_sign_of((floats)1.0f, x);
  return x != 0.0f ? (is_nan(x) ? x : sign) : x;
}

/// NaN wins: a comparison with NaN gives b.
INLINE floats greater_of(floats a, floats b) { return is_nan(a) ? a : (a > b ? a : b); }
INLINE floats lesser_of(floats a, floats b) { return is_nan(a) ? a : (a < b ? a : b); }

INLINE floats remainder_of(floats a, floats b) {
  floats r;
  for (int lane = 0; lane < LANES; lane++) r[lane] = fmodf(a[lane], b[lane]);
  return r;
}

/// fmod, moved to the side of the divisor; a - floor(a / b) * b would lose all digits of large a.
INLINE floats modulo_of(floats a, floats b) {
  const floats r = remainder_of(a, b);
  const ints other_side = (r != 0.0f) & ((r < 0.0f) != (b < 0.0f));
  return other_side ? r + b : (r == 0.0f ? with_sign_of((floats)0.0f, b) : r);
}

INLINE floats narrowed(floats x, size_t type) {
  if (type == PLUSH_FLOAT16) return floats_of_half(half_of_floats(x));
  if (type == PLUSH_BFLOAT16) return floats_of_bfloat(bfloat_of_floats(x));
  return x;
}

UNARY(negate_f32, floats, floats, -a)
UNARY(abs_f32, floats, floats, absolute(a))
UNARY(sign_f32, floats, floats, sign_of(a))
UNARY(floor_f32, floats, floats, floor_of(a))
UNARY(ceil_f32, floats, floats, ceil_of(a))
UNARY(round_f32, floats, floats, round_even(a))
UNARY(truncate_f32, floats, floats, truncate(a))
FUNCTION(exp_f32, floats, exp_of(a))
FUNCTION(expm1_f32, floats, expm1_of(a))
FUNCTION(log_f32, floats, log_of(a))
FUNCTION(log1p_f32, floats, log1p_of(a))
FUNCTION(sqrt_f32, floats, __builtin_elementwise_sqrt(a))
FUNCTION(rsqrt_f32, floats, 1.0f / __builtin_elementwise_sqrt(a))
FUNCTION(reciprocal_f32, floats, 1.0f / a)
FUNCTION(sin_f32, floats, sin_of(a))
FUNCTION(cos_f32, floats, cos_of(a))
FUNCTION(tan_f32, floats, tan_of(a))
FUNCTION(asin_f32, floats, asin_of(a))
FUNCTION(acos_f32, floats, acos_of(a))
FUNCTION(atan_f32, floats, atan_of(a))
FUNCTION(sinh_f32, floats, sinh_of(a))
FUNCTION(cosh_f32, floats, cosh_of(a))
FUNCTION(tanh_f32, floats, tanh_of(a))
FUNCTION(asinh_f32, floats, asinh_of(a))
FUNCTION(acosh_f32, floats, acosh_of(a))
FUNCTION(atanh_f32, floats, atanh_of(a))
FUNCTION(sigmoid_f32, floats, sigmoid_of(a))
FUNCTION(erf_f32, floats, erf_of(a))
FUNCTION(erf_inverse_f32, floats, erf_inverse_of(a))
UNARY(is_nan_f32, ints, floats, is_nan(a) & 1)
UNARY(is_finite_f32, ints, floats, (absolute(a) < __builtin_inff()) & 1)
UNARY(is_infinite_f32, ints, floats, (absolute(a) == __builtin_inff()) & 1)
UNARY(narrow_f32, floats, floats, narrowed(a, call.argument))
BINARY(add_f32, floats, floats, a + b)
BINARY(subtract_f32, floats, floats, a - b)
BINARY(multiply_f32, floats, floats, a * b)
FUNCTION_OF_TWO(divide_f32, floats, a / b)
FUNCTION_OF_TWO(floor_divide_f32, floats, floor_of(a / b))
FUNCTION_OF_TWO(modulo_f32, floats, modulo_of(a, b))
FUNCTION_OF_TWO(remainder_f32, floats, remainder_of(a, b))
FUNCTION_OF_TWO(power_f32, floats, power_of(a, b))
BINARY(maximum_f32, floats, floats, greater_of(a, b))
BINARY(minimum_f32, floats, floats, lesser_of(a, b))
FUNCTION_OF_TWO(atan2_f32, floats, atan2_of(a, b))
BINARY(equal_f32, ints, floats, (a == b) & 1)
BINARY(not_equal_f32, ints, floats, (a != b) & 1)
BINARY(less_f32, ints, floats, (a < b) & 1)
BINARY(less_equal_f32, ints, floats, (a <= b) & 1)
TERNARY(multiply_add_f32, floats, floats, a * b + c)
TERNARY(multiply_subtract_f32, floats, floats, a * b - c)
TERNARY(subtract_multiply_f32, floats, floats, c - a * b)
TERNARY(lerp_f32, floats, floats, a + (b - a) * c)
TERNARY(lerp_square_f32, floats, floats, a + (b * b - a) * c)
FUNCTION_OF_THREE(divide_root_exact_f32, floats, a / (__builtin_elementwise_sqrt(b) + c))
FUNCTION_OF_THREE(divide_root_fast_f32, floats, divide_by_root(a, b, c))

static void divide_root_f32(const PlushKernelCall *call) {
  const float least = *(const float *)call->operands[2];
  const bool is_fast = call->masks[2] == 0 && least >= 0x1p-36f && least <= 0x1p100f;
  (is_fast ? divide_root_fast_f32 : divide_root_exact_f32)(call);
}

// MARK: int32

INLINE ints each_int(ints a, ints b, int32_t (*f)(int32_t, int32_t)) {
  ints r;
  for (int lane = 0; lane < LANES; lane++) r[lane] = f(a[lane], b[lane]);
  return r;
}

/// -1 as a divisor is a negation: the quotient of the lowest number does not exist.
static inline int32_t divide_int(int32_t a, int32_t b) {
  if (b == 0) return 0;
  return b == -1 ? (int32_t)-(uint32_t)a : a / b;
}

static inline int32_t remainder_int(int32_t a, int32_t b) { return b == 0 || b == -1 ? 0 : a % b; }

static inline int32_t modulo_int(int32_t a, int32_t b) {
  const int32_t r = remainder_int(a, b);
  return r != 0 && (r ^ b) < 0 ? r + b : r;
}

static inline int32_t floor_divide_int(int32_t a, int32_t b) {
  const int32_t r = remainder_int(a, b);
  return divide_int(a, b) - (r != 0 && (r ^ b) < 0);
}

static inline int32_t power_int(int32_t a, int32_t b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  uint32_t result = 1, factor = (uint32_t)a;
  for (; b != 0; b >>= 1) {
    if (b & 1) result *= factor;
    factor *= factor;
  }
  return (int32_t)result;
}

INLINE ints narrowed_int(ints x, size_t type) {
  if (type == PLUSH_UINT8) return x & 255;
  return type == PLUSH_BOOL ? (x != 0) & 1 : x;
}

UNARY(negate_i32, uints, uints, -a)
UNARY(abs_i32, ints, ints, a < 0 ? (ints)-(uints)a : a)
UNARY(sign_i32, ints, ints, (a >> 31) | ((a > 0) & 1))
UNARY(logical_not_i32, ints, ints, (a == 0) & 1)
UNARY(bit_not_i32, ints, ints, ~a)
UNARY(narrow_i32, ints, ints, narrowed_int(a, call.argument))
BINARY(add_i32, uints, uints, a + b)
BINARY(subtract_i32, uints, uints, a - b)
BINARY(multiply_i32, uints, uints, a * b)
FUNCTION_OF_TWO(divide_i32, ints, each_int(a, b, divide_int))
FUNCTION_OF_TWO(floor_divide_i32, ints, each_int(a, b, floor_divide_int))
FUNCTION_OF_TWO(modulo_i32, ints, each_int(a, b, modulo_int))
FUNCTION_OF_TWO(remainder_i32, ints, each_int(a, b, remainder_int))
FUNCTION_OF_TWO(power_i32, ints, each_int(a, b, power_int))
BINARY(maximum_i32, ints, ints, a > b ? a : b)
BINARY(minimum_i32, ints, ints, a < b ? a : b)
BINARY(bit_and_i32, ints, ints, a & b)
BINARY(bit_or_i32, ints, ints, a | b)
BINARY(bit_xor_i32, ints, ints, a ^ b)
BINARY(shift_left_i32, uints, uints, (uints)(b < 32) & (a << (b & 31)))
BINARY(shift_right_i32, uints, uints, (uints)(b < 32) & (a >> (b & 31)))
BINARY(equal_i32, ints, ints, (a == b) & 1)
BINARY(not_equal_i32, ints, ints, (a != b) & 1)
BINARY(less_i32, ints, ints, (a < b) & 1)
BINARY(less_equal_i32, ints, ints, (a <= b) & 1)
TERNARY(select_i32, ints, ints, a != 0 ? b : c)
TERNARY(multiply_add_i32, uints, uints, a * b + c)
TERNARY(multiply_subtract_i32, uints, uints, a * b - c)
TERNARY(subtract_multiply_i32, uints, uints, c - a * b)

// MARK: float64

INLINE doubles each_double(doubles x, double (*f)(double)) {
  doubles r;
  for (int lane = 0; lane < WIDE_LANES; lane++) r[lane] = f(x[lane]);
  return r;
}

INLINE doubles each_pair(doubles a, doubles b, double (*f)(double, double)) {
  doubles r;
  for (int lane = 0; lane < WIDE_LANES; lane++) r[lane] = f(a[lane], b[lane]);
  return r;
}

static inline double sign_double(double x) { return (x > 0) - (x < 0) + (x == x ? 0 : x); }

static inline double sigmoid_double(double x) {
  const double e = exp(-fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

static inline double modulo_double(double a, double b) {
  const double r = fmod(a, b);
  if (r == 0) return copysign(0, b);
  return (r < 0) != (b < 0) ? r + b : r;
}

/// The float32 value as a start, then Newton's method on whichever of erf and erfc is accurate.
static inline double erf_inverse_double(double x) {
  const double a = fabs(x);
  if (!(a < 1)) return a == 1 ? copysign(INFINITY, x) : NAN;
  const double w = -log((1 - a) * (1 + a)), t = 4.33074 + -0.5 * w;
  double y = sqrt(fmax(0, sqrt(t * t + w / 0.147) - t));
  for (int i = 0; i < 4; i++) {
    const double error = a < 0.5 ? erf(y) - a : (1 - a) - erfc(y);
    const double step = error / (1.1283791670955126 * exp(-y * y));
    y -= step / (1 + y * step);
  }
  return copysign(y, x);
}

INLINE longs is_nan_wide(doubles x) { return x != x; }
INLINE half_ints bit_of(longs mask) { return __builtin_convertvector(mask, half_ints) & 1; }

static const uint64_t magnitude_bits = 0x7fffffffffffffff;

INLINE doubles absolute_wide(doubles x) { return (doubles)((ulongs)x & magnitude_bits); }

INLINE doubles greater_wide(doubles a, doubles b) {
  return ((a > b) | is_nan_wide(a)) ? a : b;
}

INLINE doubles lesser_wide(doubles a, doubles b) {
  return ((a < b) | is_nan_wide(a)) ? a : b;
}

UNARY(negate_f64, doubles, doubles, -a)
UNARY(abs_f64, doubles, doubles, absolute_wide(a))
FUNCTION(sign_f64, doubles, each_double(a, sign_double))
FUNCTION(floor_f64, doubles, each_double(a, floor))
FUNCTION(ceil_f64, doubles, each_double(a, ceil))
FUNCTION(round_f64, doubles, each_double(a, rint))
FUNCTION(truncate_f64, doubles, each_double(a, trunc))
FUNCTION(exp_f64, doubles, each_double(a, exp))
FUNCTION(expm1_f64, doubles, each_double(a, expm1))
FUNCTION(log_f64, doubles, each_double(a, log))
FUNCTION(log1p_f64, doubles, each_double(a, log1p))
FUNCTION(sqrt_f64, doubles, __builtin_elementwise_sqrt(a))
FUNCTION(rsqrt_f64, doubles, 1.0 / __builtin_elementwise_sqrt(a))
FUNCTION(reciprocal_f64, doubles, 1.0 / a)
FUNCTION(sin_f64, doubles, each_double(a, sin))
FUNCTION(cos_f64, doubles, each_double(a, cos))
FUNCTION(tan_f64, doubles, each_double(a, tan))
FUNCTION(asin_f64, doubles, each_double(a, asin))
FUNCTION(acos_f64, doubles, each_double(a, acos))
FUNCTION(atan_f64, doubles, each_double(a, atan))
FUNCTION(sinh_f64, doubles, each_double(a, sinh))
FUNCTION(cosh_f64, doubles, each_double(a, cosh))
FUNCTION(tanh_f64, doubles, each_double(a, tanh))
FUNCTION(asinh_f64, doubles, each_double(a, asinh))
FUNCTION(acosh_f64, doubles, each_double(a, acosh))
FUNCTION(atanh_f64, doubles, each_double(a, atanh))
FUNCTION(sigmoid_f64, doubles, each_double(a, sigmoid_double))
FUNCTION(erf_f64, doubles, each_double(a, erf))
FUNCTION(erf_inverse_f64, doubles, each_double(a, erf_inverse_double))
UNARY(is_nan_f64, half_ints, doubles, bit_of(is_nan_wide(a)))
UNARY(is_finite_f64, half_ints, doubles, bit_of(absolute_wide(a) < __builtin_inf()))
UNARY(is_infinite_f64, half_ints, doubles, bit_of(absolute_wide(a) == __builtin_inf()))
BINARY(add_f64, doubles, doubles, a + b)
BINARY(subtract_f64, doubles, doubles, a - b)
BINARY(multiply_f64, doubles, doubles, a * b)
FUNCTION_OF_TWO(divide_f64, doubles, a / b)
FUNCTION_OF_TWO(floor_divide_f64, doubles, each_double(a / b, floor))
FUNCTION_OF_TWO(modulo_f64, doubles, each_pair(a, b, modulo_double))
FUNCTION_OF_TWO(remainder_f64, doubles, each_pair(a, b, fmod))
FUNCTION_OF_TWO(power_f64, doubles, each_pair(a, b, pow))
BINARY(maximum_f64, doubles, doubles, greater_wide(a, b))
BINARY(minimum_f64, doubles, doubles, lesser_wide(a, b))
FUNCTION_OF_TWO(atan2_f64, doubles, each_pair(a, b, atan2))
BINARY(equal_f64, half_ints, doubles, bit_of(a == b))
BINARY(not_equal_f64, half_ints, doubles, bit_of(a != b))
BINARY(less_f64, half_ints, doubles, bit_of(a < b))
BINARY(less_equal_f64, half_ints, doubles, bit_of(a <= b))
TERNARY(multiply_add_f64, doubles, doubles, a * b + c)
TERNARY(multiply_subtract_f64, doubles, doubles, a * b - c)
TERNARY(subtract_multiply_f64, doubles, doubles, c - a * b)
TERNARY(lerp_f64, doubles, doubles, a + (b - a) * c)
TERNARY(lerp_square_f64, doubles, doubles, a + (b * b - a) * c)
FUNCTION_OF_THREE(divide_root_f64, doubles, a / (__builtin_elementwise_sqrt(b) + c))

// MARK: int64

INLINE longs each_long(longs a, longs b, int64_t (*f)(int64_t, int64_t)) {
  longs r;
  for (int lane = 0; lane < WIDE_LANES; lane++) r[lane] = f(a[lane], b[lane]);
  return r;
}

static inline int64_t divide_long(int64_t a, int64_t b) {
  if (b == 0) return 0;
  return b == -1 ? (int64_t)-(uint64_t)a : a / b;
}

static inline int64_t remainder_long(int64_t a, int64_t b) {
  return b == 0 || b == -1 ? 0 : a % b;
}

static inline int64_t modulo_long(int64_t a, int64_t b) {
  const int64_t r = remainder_long(a, b);
  return r != 0 && (r ^ b) < 0 ? r + b : r;
}

static inline int64_t floor_divide_long(int64_t a, int64_t b) {
  const int64_t r = remainder_long(a, b);
  return divide_long(a, b) - (r != 0 && (r ^ b) < 0);
}

static inline int64_t power_long(int64_t a, int64_t b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  uint64_t result = 1, factor = (uint64_t)a;
  for (; b != 0; b >>= 1) {
    if (b & 1) result *= factor;
    factor *= factor;
  }
  return (int64_t)result;
}

UNARY(negate_i64, ulongs, ulongs, -a)
UNARY(abs_i64, longs, longs, a < 0 ? (longs)-(ulongs)a : a)
UNARY(sign_i64, longs, longs, (a >> 63) | ((a > 0) & 1))
UNARY(bit_not_i64, longs, longs, ~a)
BINARY(add_i64, ulongs, ulongs, a + b)
BINARY(subtract_i64, ulongs, ulongs, a - b)
BINARY(multiply_i64, ulongs, ulongs, a * b)
FUNCTION_OF_TWO(divide_i64, longs, each_long(a, b, divide_long))
FUNCTION_OF_TWO(floor_divide_i64, longs, each_long(a, b, floor_divide_long))
FUNCTION_OF_TWO(modulo_i64, longs, each_long(a, b, modulo_long))
FUNCTION_OF_TWO(remainder_i64, longs, each_long(a, b, remainder_long))
FUNCTION_OF_TWO(power_i64, longs, each_long(a, b, power_long))
BINARY(maximum_i64, longs, longs, a > b ? a : b)
BINARY(minimum_i64, longs, longs, a < b ? a : b)
BINARY(bit_and_i64, longs, longs, a & b)
BINARY(bit_or_i64, longs, longs, a | b)
BINARY(bit_xor_i64, longs, longs, a ^ b)
BINARY(shift_left_i64, ulongs, ulongs, (ulongs)(b < 64) & (a << (b & 63)))
BINARY(shift_right_i64, ulongs, ulongs, (ulongs)(b < 64) & (a >> (b & 63)))
BINARY(equal_i64, half_ints, longs, bit_of(a == b))
BINARY(not_equal_i64, half_ints, longs, bit_of(a != b))
BINARY(less_i64, half_ints, longs, bit_of(a < b))
BINARY(less_equal_i64, half_ints, longs, bit_of(a <= b))
TERNARY(select_i64, longs, half_ints, __builtin_convertvector(a != 0, longs) != 0 ? b : c)
TERNARY(multiply_add_i64, ulongs, ulongs, a * b + c)
TERNARY(multiply_subtract_i64, ulongs, ulongs, a * b - c)
TERNARY(subtract_multiply_i64, ulongs, ulongs, c - a * b)

// MARK: Conversions

/// Toward zero, saturating, NaN to 0.
INLINE ints saturated(floats x) {
  const ints inside = (x >= -2147483648.0f) & (x < 2147483648.0f);
  const ints outside = 0x7fffffff ^ (sign_bits(x) >> 31);
  return inside ? to_ints(inside ? x : (floats)0.0f) : (is_nan(x) ? (ints)0 : outside);
}

INLINE longs saturated_wide(doubles x) {
  const longs inside = (x >= -9223372036854775808.0) & (x < 9223372036854775808.0);
  const longs outside = (longs)(ulongs)magnitude_bits ^ ((longs)x >> 63);
  const longs whole = __builtin_convertvector(inside ? x : (doubles)0.0, longs);
  return inside ? whole : (is_nan_wide(x) ? (longs)0 : outside);
}

INLINE half_ints saturated_half(doubles x) {
  const doubles capped = x > 2147483647.0 ? (doubles)2147483647.0 : x;
  const doubles held = capped < -2147483648.0 ? (doubles)-2147483648.0 : capped;
  return __builtin_convertvector(is_nan_wide(held) ? (doubles)0.0 : held, half_ints);
}

UNARY(f32_to_i32, ints, floats, saturated(a))
UNARY(f32_to_f64, doubles, half_floats, __builtin_convertvector(a, doubles))
UNARY(f32_to_i64, longs, half_floats, saturated_wide(__builtin_convertvector(a, doubles)))
UNARY(f64_to_f32, half_floats, doubles, __builtin_convertvector(a, half_floats))
UNARY(f64_to_i32, half_ints, doubles, saturated_half(a))
UNARY(f64_to_i64, longs, doubles, saturated_wide(a))
UNARY(i32_to_f32, floats, ints, to_floats(a))
UNARY(i32_to_f64, doubles, half_ints, __builtin_convertvector(a, doubles))
UNARY(i32_to_i64, longs, half_ints, __builtin_convertvector(a, longs))
UNARY(i64_to_f32, half_floats, longs, __builtin_convertvector(a, half_floats))
UNARY(i64_to_f64, doubles, longs, __builtin_convertvector(a, doubles))
UNARY(i64_to_i32, half_ints, longs, __builtin_convertvector(a, half_ints))
UNARY(move_32, ints, ints, a)
UNARY(move_64, longs, longs, a)

// MARK: Memory

static void fetch_32(void *result, const void *x, ptrdiff_t stride, size_t count) {
  uint32_t *y = result;
  const uint32_t *from = x;
  if (stride == 1) {
    __builtin_memcpy(y, from, count * sizeof *y);
  } else {
    for (size_t i = 0; i < count; i++) y[i] = from[(ptrdiff_t)i * stride];
  }
}

static void fetch_64(void *result, const void *x, ptrdiff_t stride, size_t count) {
  uint64_t *y = result;
  const uint64_t *from = x;
  if (stride == 1) {
    __builtin_memcpy(y, from, count * sizeof *y);
  } else {
    for (size_t i = 0; i < count; i++) y[i] = from[(ptrdiff_t)i * stride];
  }
}

static void put_32(void *y, ptrdiff_t stride, const void *values, size_t count) {
  uint32_t *to = y;
  const uint32_t *from = values;
  if (stride == 1) {
    __builtin_memcpy(to, from, count * sizeof *to);
  } else {
    for (size_t i = 0; i < count; i++) to[(ptrdiff_t)i * stride] = from[i];
  }
}

static void put_64(void *y, ptrdiff_t stride, const void *values, size_t count) {
  uint64_t *to = y;
  const uint64_t *from = values;
  if (stride == 1) {
    __builtin_memcpy(to, from, count * sizeof *to);
  } else {
    for (size_t i = 0; i < count; i++) to[(ptrdiff_t)i * stride] = from[i];
  }
}

static void fetch_8(void *result, const void *x, ptrdiff_t stride, size_t count) {
  int32_t *y = result;
  const uint8_t *from = x;
  if (stride == 1) {
    for (size_t i = 0; i < count; i++) y[i] = from[i];
  } else {
    for (size_t i = 0; i < count; i++) y[i] = from[(ptrdiff_t)i * stride];
  }
}

static void put_u8(void *y, ptrdiff_t stride, const void *values, size_t count) {
  uint8_t *to = y;
  const int32_t *from = values;
  if (stride == 1) {
    for (size_t i = 0; i < count; i++) to[i] = (uint8_t)from[i];
  } else {
    for (size_t i = 0; i < count; i++) to[(ptrdiff_t)i * stride] = (uint8_t)from[i];
  }
}

static void put_bool(void *y, ptrdiff_t stride, const void *values, size_t count) {
  uint8_t *to = y;
  const int32_t *from = values;
  if (stride == 1) {
    for (size_t i = 0; i < count; i++) to[i] = from[i] != 0;
  } else {
    for (size_t i = 0; i < count; i++) to[(ptrdiff_t)i * stride] = from[i] != 0;
  }
}

INLINE void fetch_16(
    float *y, const uint16_t *x, ptrdiff_t stride, size_t count, floats (*widen)(ushorts)) {
  for (size_t e = 0; e < count; e += LANES) {
    ushorts v = 0;
    if (stride == 1 && count - e >= LANES) {
      __builtin_memcpy(&v, x + e, sizeof v);
    } else {
      uint16_t part[LANES] = {0};
      for (size_t i = 0; i < LANES && e + i < count; i++) part[i] = x[(ptrdiff_t)(e + i) * stride];
      __builtin_memcpy(&v, part, sizeof v);
    }
    store_floats(y + e, widen(v));
  }
}

INLINE void put_16(
    uint16_t *y, ptrdiff_t stride, const float *values, size_t count, ushorts (*round)(floats)) {
  for (size_t e = 0; e < count; e += LANES) {
    const ushorts v = round(load_floats(values + e));
    if (stride == 1 && count - e >= LANES) {
      __builtin_memcpy(y + e, &v, sizeof v);
    } else {
      uint16_t part[LANES];
      __builtin_memcpy(part, &v, sizeof v);
      for (size_t i = 0; i < LANES && e + i < count; i++) y[(ptrdiff_t)(e + i) * stride] = part[i];
    }
  }
}

static void fetch_half(void *result, const void *x, ptrdiff_t stride, size_t count) {
  fetch_16(result, x, stride, count, floats_of_half);
}

static void fetch_bfloat(void *result, const void *x, ptrdiff_t stride, size_t count) {
  fetch_16(result, x, stride, count, floats_of_bfloat);
}

static void put_half(void *y, ptrdiff_t stride, const void *values, size_t count) {
  put_16(y, stride, values, count, half_of_floats);
}

static void put_bfloat(void *y, ptrdiff_t stride, const void *values, size_t count) {
  put_16(y, stride, values, count, bfloat_of_floats);
}

typedef uint32_t four __attribute__((ext_vector_type(4)));

INLINE four load_four(const uint32_t *p) {
  four v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store_four(uint32_t *p, four v) { __builtin_memcpy(p, &v, sizeof v); }

/// Four pieces of four columns become four pieces of four rows.
INLINE void transpose_square(uint32_t *y, size_t columns, const uint32_t *x, ptrdiff_t stride) {
  const four a = load_four(x), b = load_four(x + stride);
  const four c = load_four(x + 2 * stride), d = load_four(x + 3 * stride);
  const four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const four ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const four cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store_four(y, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
  store_four(y + columns, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
  store_four(y + 2 * columns, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
  store_four(y + 3 * columns, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
}

static void transpose_32(
    void *result, const void *x, ptrdiff_t stride, size_t rows, size_t columns) {
  const size_t square_rows = rows & ~(size_t)3, square_columns = columns & ~(size_t)3;
  uint32_t *y = result;
  for (size_t j = 0; j < columns; j++) {
    const uint32_t *from = (const uint32_t *)x + (ptrdiff_t)j * stride;
    if (j % 4 == 0 && j < square_columns) {
      for (size_t i = 0; i < square_rows; i += 4) {
        transpose_square(y + i * columns + j, columns, from + i, stride);
      }
    }
    const size_t first = j < square_columns ? square_rows : 0;
    for (size_t i = first; i < rows; i++) y[i * columns + j] = from[i];
  }
}

static void transpose_64(
    void *result, const void *x, ptrdiff_t stride, size_t rows, size_t columns) {
  for (size_t j = 0; j < columns; j++) {
    const uint64_t *from = (const uint64_t *)x + (ptrdiff_t)j * stride;
    uint64_t *to = (uint64_t *)result + j;
    for (size_t i = 0; i < rows; i++) to[i * columns] = from[i];
  }
}

static void iota_f32(void *result, int64_t first, int64_t stride, size_t count) {
  float *y = result;
  for (size_t i = 0; i < count; i++) y[i] = (float)(first + (int64_t)i * stride);
}

static void iota_f64(void *result, int64_t first, int64_t stride, size_t count) {
  double *y = result;
  for (size_t i = 0; i < count; i++) y[i] = (double)(first + (int64_t)i * stride);
}

static void iota_i32(void *result, int64_t first, int64_t stride, size_t count) {
  int32_t *y = result;
  for (size_t i = 0; i < count; i++) y[i] = (int32_t)(first + (int64_t)i * stride);
}

static void iota_i64(void *result, int64_t first, int64_t stride, size_t count) {
  int64_t *y = result;
  for (size_t i = 0; i < count; i++) y[i] = first + (int64_t)i * stride;
}

// MARK: Rows

static void expand_32(void *result, const void *values, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    const ints value = ((const int32_t *)values)[i];
    int32_t *y = (int32_t *)result + i * columns;
    for (size_t e = 0; e < columns; e += LANES) store_ints(y + e, value);
  }
}

static void expand_64(void *result, const void *values, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    const longs value = ((const int64_t *)values)[i];
    int64_t *y = (int64_t *)result + i * columns;
    for (size_t e = 0; e < columns; e += WIDE_LANES) store_doubles(y + e, (doubles)value);
  }
}

/// Folds the lanes of a vector; one step halves what is left.
#define ROTATED_4(v, k) \
  __builtin_shufflevector(v, v, (0 + k) % 4, (1 + k) % 4, (2 + k) % 4, (3 + k) % 4)
#define ROTATED_8(v, k)                                                              \
  __builtin_shufflevector(v, v, (0 + k) % 8, (1 + k) % 8, (2 + k) % 8, (3 + k) % 8,  \
      (4 + k) % 8, (5 + k) % 8, (6 + k) % 8, (7 + k) % 8)
#define ROTATED_16(v, k)                                                             \
  __builtin_shufflevector(v, v, (0 + k) % 16, (1 + k) % 16, (2 + k) % 16, (3 + k) % 16, \
      (4 + k) % 16, (5 + k) % 16, (6 + k) % 16, (7 + k) % 16, (8 + k) % 16, (9 + k) % 16, \
      (10 + k) % 16, (11 + k) % 16, (12 + k) % 16, (13 + k) % 16, (14 + k) % 16, (15 + k) % 16)

INLINE ints fold_lanes(ints v, ints (*combine)(ints, ints)) {
#if VECTOR_BYTES == 64
  v = combine(v, ROTATED_16(v, 8));
  v = combine(v, ROTATED_16(v, 4));
  v = combine(v, ROTATED_16(v, 2));
  return combine(v, ROTATED_16(v, 1));
#elif VECTOR_BYTES == 32
  v = combine(v, ROTATED_8(v, 4));
  v = combine(v, ROTATED_8(v, 2));
  return combine(v, ROTATED_8(v, 1));
#else
  v = combine(v, ROTATED_4(v, 2));
  return combine(v, ROTATED_4(v, 1));
#endif
}

INLINE longs fold_wide_lanes(longs v, longs (*combine)(longs, longs)) {
#if VECTOR_BYTES == 64
  v = combine(v, ROTATED_8(v, 4));
  v = combine(v, ROTATED_8(v, 2));
  return combine(v, ROTATED_8(v, 1));
#elif VECTOR_BYTES == 32
  v = combine(v, ROTATED_4(v, 2));
  return combine(v, ROTATED_4(v, 1));
#else
  return combine(v, __builtin_shufflevector(v, v, 1, 0));
#endif
}

INLINE ints lane_numbers(void) {
  ints numbers;
  for (int lane = 0; lane < LANES; lane++) numbers[lane] = lane;
  return numbers;
}

INLINE longs wide_lane_numbers(void) {
  longs numbers;
  for (int lane = 0; lane < WIDE_LANES; lane++) numbers[lane] = lane;
  return numbers;
}

/// Rows of one vector or less.
INLINE void fold_short_rows(
    int32_t *result, const int32_t *x, size_t rows, size_t columns, ints identity,
    ints (*combine)(ints, ints)) {
  const ints inside = lane_numbers() < (int32_t)columns;
  for (size_t i = 0; i < rows; i++) {
    const ints row = inside ? load_ints(x + i * columns) : identity;
    result[i] = fold_lanes(row, combine)[0];
  }
}

INLINE void fold_rows(
    int32_t *result, const int32_t *x, size_t rows, size_t columns, ints identity,
    ints (*combine)(ints, ints)) {
  if (columns <= LANES) {
    fold_short_rows(result, x, rows, columns, identity, combine);
    return;
  }
  for (size_t i = 0; i < rows; i++, x += columns) {
    ints sums[4] = {identity, identity, identity, identity};
    size_t e = 0;
    for (; e + 4 * LANES <= columns; e += 4 * LANES) {
      for (int k = 0; k < 4; k++) sums[k] = combine(sums[k], load_ints(x + e + k * LANES));
    }
    for (; e + LANES <= columns; e += LANES) sums[0] = combine(sums[0], load_ints(x + e));
    if (e < columns) {
      const ints inside = lane_numbers() < (int32_t)(columns - e);
      sums[1] = combine(sums[1], inside ? load_ints(x + e) : identity);
    }
    const ints sum = combine(combine(sums[0], sums[1]), combine(sums[2], sums[3]));
    result[i] = fold_lanes(sum, combine)[0];
  }
}

/// Largest or smallest values: `combine` may forget NaN, which is looked for beside it.
INLINE void fold_extremes(
    int32_t *result, const int32_t *x, size_t rows, size_t columns, ints identity,
    ints (*combine)(ints, ints)) {
  for (size_t i = 0; i < rows; i++, x += columns) {
    ints best[4] = {identity, identity, identity, identity}, nan = 0;
    size_t e = 0;
    for (; e + 4 * LANES <= columns; e += 4 * LANES) {
      floats v[4];
      for (int k = 0; k < 4; k++) v[k] = load_floats(x + e + k * LANES);
      for (int k = 0; k < 4; k++) best[k] = combine(best[k], (ints)v[k]);
      nan |= (is_nan(v[0]) | is_nan(v[1])) | (is_nan(v[2]) | is_nan(v[3]));
    }
    for (; e < columns; e += LANES) {
      const ints inside = lane_numbers() < (int32_t)(columns - e);
      const ints v = inside ? load_ints(x + e) : identity;
      best[1] = combine(best[1], v);
      nan |= is_nan((floats)v);
    }
    const ints all = combine(combine(best[0], best[1]), combine(best[2], best[3]));
    const int32_t any = __builtin_reduce_or(nan);
    result[i] = any ? 0x7fc00000 : fold_lanes(all, combine)[0];
  }
}

INLINE void fold_wide_rows(
    int64_t *result, const int64_t *x, size_t rows, size_t columns, longs identity,
    longs (*combine)(longs, longs)) {
  for (size_t i = 0; i < rows; i++, x += columns) {
    longs sums[4] = {identity, identity, identity, identity};
    size_t e = 0;
    for (; e + 4 * WIDE_LANES <= columns; e += 4 * WIDE_LANES) {
      for (int k = 0; k < 4; k++) {
        sums[k] = combine(sums[k], (longs)load_doubles(x + e + k * WIDE_LANES));
      }
    }
    for (; e < columns; e += WIDE_LANES) {
      const longs inside = wide_lane_numbers() < (int64_t)(columns - e);
      sums[1] = combine(sums[1], inside ? (longs)load_doubles(x + e) : identity);
    }
    const longs sum = combine(combine(sums[0], sums[1]), combine(sums[2], sums[3]));
    result[i] = fold_wide_lanes(sum, combine)[0];
  }
}

INLINE ints sum_f32(ints a, ints b) { return (ints)((floats)a + (floats)b); }
INLINE ints product_f32(ints a, ints b) { return (ints)((floats)a * (floats)b); }
INLINE ints max_f32(ints a, ints b) { return (floats)a > (floats)b ? a : b; }
INLINE ints min_f32(ints a, ints b) { return (floats)a < (floats)b ? a : b; }
INLINE ints sum_i32(ints a, ints b) { return (ints)((uints)a + (uints)b); }
INLINE ints product_i32(ints a, ints b) { return (ints)((uints)a * (uints)b); }
INLINE ints max_i32(ints a, ints b) { return a > b ? a : b; }
INLINE ints min_i32(ints a, ints b) { return a < b ? a : b; }
INLINE longs sum_f64(longs a, longs b) { return (longs)((doubles)a + (doubles)b); }
INLINE longs product_f64(longs a, longs b) { return (longs)((doubles)a * (doubles)b); }
INLINE longs max_f64(longs a, longs b) { return (longs)greater_wide((doubles)a, (doubles)b); }
INLINE longs min_f64(longs a, longs b) { return (longs)lesser_wide((doubles)a, (doubles)b); }
INLINE longs sum_i64(longs a, longs b) { return (longs)((ulongs)a + (ulongs)b); }
INLINE longs product_i64(longs a, longs b) { return (longs)((ulongs)a * (ulongs)b); }
INLINE longs max_i64(longs a, longs b) { return a > b ? a : b; }
INLINE longs min_i64(longs a, longs b) { return a < b ? a : b; }

#define ROWS(combine, fold, identity)                                               \
  static void combine##_rows(void *y, const void *x, size_t rows, size_t columns) { \
    fold(y, x, rows, columns, identity, combine);                                   \
  }

ROWS(sum_f32, fold_rows, 0)
ROWS(product_f32, fold_rows, (ints)(floats)1.0f)
ROWS(max_f32, fold_extremes, (ints)(floats)-__builtin_inff())
ROWS(min_f32, fold_extremes, (ints)(floats)__builtin_inff())
ROWS(sum_i32, fold_rows, 0)
ROWS(product_i32, fold_rows, 1)
ROWS(max_i32, fold_rows, INT32_MIN)
ROWS(min_i32, fold_rows, INT32_MAX)
ROWS(sum_f64, fold_wide_rows, 0)
ROWS(product_f64, fold_wide_rows, (longs)(doubles)1.0)
ROWS(max_f64, fold_wide_rows, (longs)(doubles)-__builtin_inf())
ROWS(min_f64, fold_wide_rows, (longs)(doubles)__builtin_inf())
ROWS(sum_i64, fold_wide_rows, 0)
ROWS(product_i64, fold_wide_rows, 1)
ROWS(max_i64, fold_wide_rows, INT64_MIN)
ROWS(min_i64, fold_wide_rows, INT64_MAX)

// MARK: The table

#define FLOATING(opcode, name) [opcode] = {[PLUSH_F32] = name##_f32, [PLUSH_F64] = name##_f64}
#define INTEGER(opcode, name) [opcode] = {[PLUSH_I32] = name##_i32, [PLUSH_I64] = name##_i64}
#define ANY(opcode, name) [opcode] = {name##_f32, name##_f64, name##_i32, name##_i64}

const PlushElementwiseTable TABLE = {
    .lanes = LANES,
    .kernels = {
        ANY(PLUSH_NEGATE, negate),
        ANY(PLUSH_ABS, abs),
        ANY(PLUSH_SIGN, sign),
        [PLUSH_FLOOR] = {floor_f32, floor_f64, move_32, move_64},
        [PLUSH_CEIL] = {ceil_f32, ceil_f64, move_32, move_64},
        [PLUSH_ROUND] = {round_f32, round_f64, move_32, move_64},
        [PLUSH_TRUNCATE] = {truncate_f32, truncate_f64, move_32, move_64},
        FLOATING(PLUSH_EXP, exp),
        FLOATING(PLUSH_EXPM1, expm1),
        FLOATING(PLUSH_LOG, log),
        FLOATING(PLUSH_LOG1P, log1p),
        FLOATING(PLUSH_SQRT, sqrt),
        FLOATING(PLUSH_RSQRT, rsqrt),
        FLOATING(PLUSH_RECIPROCAL, reciprocal),
        FLOATING(PLUSH_SIN, sin),
        FLOATING(PLUSH_COS, cos),
        FLOATING(PLUSH_TAN, tan),
        FLOATING(PLUSH_ASIN, asin),
        FLOATING(PLUSH_ACOS, acos),
        FLOATING(PLUSH_ATAN, atan),
        FLOATING(PLUSH_SINH, sinh),
        FLOATING(PLUSH_COSH, cosh),
        FLOATING(PLUSH_TANH, tanh),
        FLOATING(PLUSH_ASINH, asinh),
        FLOATING(PLUSH_ACOSH, acosh),
        FLOATING(PLUSH_ATANH, atanh),
        FLOATING(PLUSH_SIGMOID, sigmoid),
        FLOATING(PLUSH_ERF, erf),
        FLOATING(PLUSH_ERF_INVERSE, erf_inverse),
        FLOATING(PLUSH_IS_NAN, is_nan),
        FLOATING(PLUSH_IS_FINITE, is_finite),
        FLOATING(PLUSH_IS_INFINITE, is_infinite),
        [PLUSH_LOGICAL_NOT] = {[PLUSH_I32] = logical_not_i32},
        INTEGER(PLUSH_BIT_NOT, bit_not),
        ANY(PLUSH_ADD, add),
        ANY(PLUSH_SUBTRACT, subtract),
        ANY(PLUSH_MULTIPLY, multiply),
        ANY(PLUSH_DIVIDE, divide),
        ANY(PLUSH_FLOOR_DIVIDE, floor_divide),
        ANY(PLUSH_MODULO, modulo),
        ANY(PLUSH_REMAINDER, remainder),
        ANY(PLUSH_POWER, power),
        ANY(PLUSH_MAXIMUM, maximum),
        ANY(PLUSH_MINIMUM, minimum),
        FLOATING(PLUSH_ATAN2, atan2),
        INTEGER(PLUSH_BIT_AND, bit_and),
        INTEGER(PLUSH_BIT_OR, bit_or),
        INTEGER(PLUSH_BIT_XOR, bit_xor),
        INTEGER(PLUSH_SHIFT_LEFT, shift_left),
        INTEGER(PLUSH_SHIFT_RIGHT, shift_right),
        ANY(PLUSH_EQUAL, equal),
        ANY(PLUSH_NOT_EQUAL, not_equal),
        ANY(PLUSH_LESS, less),
        ANY(PLUSH_LESS_EQUAL, less_equal),
        [PLUSH_SELECT] = {select_i32, select_i64, select_i32, select_i64},
        ANY(PLUSH_MULTIPLY_ADD, multiply_add),
        ANY(PLUSH_MULTIPLY_SUBTRACT, multiply_subtract),
        ANY(PLUSH_SUBTRACT_MULTIPLY, subtract_multiply),
        FLOATING(PLUSH_LERP, lerp),
        FLOATING(PLUSH_LERP_SQUARE, lerp_square),
        FLOATING(PLUSH_DIVIDE_ROOT, divide_root),
        [PLUSH_NARROW] = {narrow_f32, move_64, narrow_i32, move_64},
    },
    .convert = {
        [PLUSH_F32] = {move_32, f32_to_f64, f32_to_i32, f32_to_i64},
        [PLUSH_F64] = {f64_to_f32, move_64, f64_to_i32, f64_to_i64},
        [PLUSH_I32] = {i32_to_f32, i32_to_f64, move_32, i32_to_i64},
        [PLUSH_I64] = {i64_to_f32, i64_to_f64, i64_to_i32, move_64},
    },
    .move = {move_32, move_64},
    .fetch = {
        fetch_32, fetch_half, fetch_bfloat, fetch_64, fetch_32, fetch_64, fetch_8, fetch_8,
    },
    .put = {put_32, put_half, put_bfloat, put_64, put_32, put_64, put_u8, put_bool},
    .rows = {
        {sum_f32_rows, sum_f64_rows, sum_i32_rows, sum_i64_rows},
        {product_f32_rows, product_f64_rows, product_i32_rows, product_i64_rows},
        {max_f32_rows, max_f64_rows, max_i32_rows, max_i64_rows},
        {min_f32_rows, min_f64_rows, min_i32_rows, min_i64_rows},
    },
    .expand = {expand_32, expand_64},
    .transpose = {transpose_32, transpose_64},
    .iota = {iota_f32, iota_f64, iota_i32, iota_i64},
    .random = philox_fill,
};
