#include "gemm_types.h"

#include <stdint.h>
#include <string.h>

#include "elementwise_table.h"
#include "types.h"

// MARK: float16

/// Copies a part of A or B as float32, rows staying rows and columns columns. Writes up to a vector
/// more.
static void widen(
    const uint16_t *from, ptrdiff_t row, ptrdiff_t column, size_t rows, size_t columns, float *to) {
  const PlushFetch fetch = plush_elementwise_table()->fetch[PLUSH_FLOAT16];
  const bool by_rows = column == 1;
  const size_t lines = by_rows ? rows : columns, length = by_rows ? columns : rows;
  const ptrdiff_t stride = by_rows ? row : column;
  for (size_t i = 0; i < lines; i++) fetch(to + i * length, from + (ptrdiff_t)i * stride, 1, length);
}

void plush_gemm_float16_block(const GemmBlock *x) {
  const size_t depth = gemm_depth(x->k);
  float *c = plush_gemm_scratch(GEMM_WIDENING), *a = c + x->m * x->n, *b = a + x->m * depth;
  for (size_t p = 0; p < x->k; p += depth) {
    const size_t k = x->k - p < depth ? x->k - p : depth;
    const ptrdiff_t first = (ptrdiff_t)p;
    const uint16_t *from_a = (const uint16_t *)x->a + first * x->a_column;
    const uint16_t *from_b = (const uint16_t *)x->b + first * x->b_row;
    widen(from_a, x->a_row, x->a_column, x->m, k, a);
    widen(from_b, x->b_row, x->b_column, k, x->n, b);
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
  const PlushPut put = plush_elementwise_table()->put[PLUSH_FLOAT16];
  for (size_t i = 0; i < x->m; i++)
    put((uint16_t *)x->c + (ptrdiff_t)i * x->c_row, 1, c + i * x->n, x->n);
}

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
