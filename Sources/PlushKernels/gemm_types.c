#include "gemm_types.h"

#include <stdint.h>
#include <string.h>

#include "types.h"

// MARK: 16-bit floating point

static inline float from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint32_t to_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float widen_float16(uint16_t half) {
  const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  const uint32_t finite = to_bits(from_bits(magnitude) * 0x1p112f);
  const uint32_t special = magnitude | 0x70000000;  // infinity or NaN
  return from_bits(
      ((uint32_t)half >> 15) << 31 | (magnitude >= 0x0f800000 ? special : finite));
}

/// Rounds to nearest even.
static inline uint16_t narrow_float16(float x) {
  const uint32_t bits = to_bits(x), magnitude = bits & 0x7fffffff;
  const uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
  // Adding 0.5 leaves the bits of a subnormal, rounded, at the low end of the sum.
  const uint32_t subnormal = to_bits(from_bits(magnitude) + 0.5f) - 0x3f000000;
  uint32_t half = magnitude < 0x38800000 ? subnormal : normal;
  half = magnitude >= 0x477ff000 ? 0x7c00 : half;
  half = magnitude > 0x7f800000 ? 0x7e00 : half;
  return (uint16_t)(bits >> 16 & 0x8000) | (uint16_t)half;
}

static inline float widen_bfloat16(uint16_t half) { return from_bits((uint32_t)half << 16); }

/// Rounds to nearest even.
static inline uint16_t narrow_bfloat16(float x) {
  const uint32_t bits = to_bits(x);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded);
}

static inline __attribute__((always_inline)) void widen(
    PlushType type, const uint16_t *from, ptrdiff_t stride, size_t rows, size_t columns,
    float *to) {
  for (size_t i = 0; i < rows; i++, from += stride, to += columns)
    for (size_t j = 0; j < columns; j++)
      to[j] = type == PLUSH_FLOAT16 ? widen_float16(from[j]) : widen_bfloat16(from[j]);
}

/// Copies a part of A or B as float32, rows staying rows and columns columns.
static inline __attribute__((always_inline)) void widen_matrix(
    PlushType type, const uint16_t *from, ptrdiff_t row, ptrdiff_t column, size_t rows,
    size_t columns, float *to) {
  if (column == 1)
    widen(type, from, row, rows, columns, to);
  else
    widen(type, from, column, columns, rows, to);
}

static inline __attribute__((always_inline)) void half_block(
    PlushType type, const GemmBlock *x) {
  const size_t depth = gemm_depth(x->k);
  float *c = plush_gemm_scratch(GEMM_WIDENING), *a = c + x->m * x->n, *b = a + x->m * depth;
  for (size_t p = 0; p < x->k; p += depth) {
    const size_t k = x->k - p < depth ? x->k - p : depth;
    const ptrdiff_t first = (ptrdiff_t)p;
    widen_matrix(
        type, (const uint16_t *)x->a + first * x->a_column, x->a_row, x->a_column, x->m, k, a);
    widen_matrix(
        type, (const uint16_t *)x->b + first * x->b_row, x->b_row, x->b_column, k, x->n, b);
    const bool a_by_rows = x->a_column == 1, b_by_rows = x->b_column == 1;
    const GemmBlock block = {
        .m = x->m, .n = x->n, .k = k,
        .a = a, .a_row = a_by_rows ? (ptrdiff_t)k : 1, .a_column = a_by_rows ? 1 : (ptrdiff_t)x->m,
        .b = b, .b_row = b_by_rows ? (ptrdiff_t)x->n : 1, .b_column = b_by_rows ? 1 : (ptrdiff_t)k,
        .c = c, .c_row = (ptrdiff_t)x->n,
        .accumulate = p > 0,
    };
    plush_gemm_f32_kernel()(&block);
  }
  for (size_t i = 0; i < x->m; i++) {
    uint16_t *to = (uint16_t *)x->c + (ptrdiff_t)i * x->c_row;
    for (size_t j = 0; j < x->n; j++)
      to[j] = type == PLUSH_FLOAT16 ? narrow_float16(c[i * x->n + j])
                                    : narrow_bfloat16(c[i * x->n + j]);
  }
}

void plush_gemm_float16_block(const GemmBlock *block) { half_block(PLUSH_FLOAT16, block); }
void plush_gemm_bfloat16_block(const GemmBlock *block) { half_block(PLUSH_BFLOAT16, block); }

// MARK: Integers

/// Unsigned arithmetic, for it wraps.
#define INTEGER_BLOCK(name, type) \
  void name(const GemmBlock *x) { \
    for (size_t i = 0; i < x->m; i++) { \
      const type *a = (const type *)x->a + (ptrdiff_t)i * x->a_row; \
      type *c = (type *)x->c + (ptrdiff_t)i * x->c_row; \
      memset(c, 0, x->n * sizeof *c); \
      for (size_t p = 0; p < x->k; p++) { \
        const type factor = a[(ptrdiff_t)p * x->a_column]; \
        const type *b = (const type *)x->b + (ptrdiff_t)p * x->b_row; \
        if (x->b_column == 1) \
          for (size_t j = 0; j < x->n; j++) c[j] += (type)(factor * b[j]); \
        else \
          for (size_t j = 0; j < x->n; j++) \
            c[j] += (type)(factor * b[(ptrdiff_t)j * x->b_column]); \
      } \
    } \
  }

INTEGER_BLOCK(plush_gemm_int32_block, uint32_t)
INTEGER_BLOCK(plush_gemm_int64_block, uint64_t)
INTEGER_BLOCK(plush_gemm_uint8_block, uint8_t)

void plush_gemm_bool_block(const GemmBlock *x) {
  for (size_t i = 0; i < x->m; i++) {
    const uint8_t *a = (const uint8_t *)x->a + (ptrdiff_t)i * x->a_row;
    uint8_t *c = (uint8_t *)x->c + (ptrdiff_t)i * x->c_row;
    memset(c, 0, x->n);
    for (size_t p = 0; p < x->k; p++) {
      if (!a[(ptrdiff_t)p * x->a_column]) continue;
      const uint8_t *b = (const uint8_t *)x->b + (ptrdiff_t)p * x->b_row;
      for (size_t j = 0; j < x->n; j++) c[j] |= b[(ptrdiff_t)j * x->b_column] != 0;
    }
  }
}
