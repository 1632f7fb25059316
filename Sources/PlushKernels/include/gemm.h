// Matrix products.
#pragma once

#include "types.h"

/// Called when a block of rows × columns of C is final, on the thread that made it, while the block
/// is still in its cache. `batch` is the index of the matrix in the batch.
typedef void (*PlushEpilogue)(
    void *context, size_t batch, size_t row, size_t rows, size_t column, size_t columns);

/// C = A·B for `batch` matrices. A is m×k, B is k×n, C is m×n with contiguous rows. Strides count
/// elements; of a_row and a_column (and of b_row and b_column) at least one is 1. All four operand
/// layouts (nn, nt, tn, tt) are fast; so are m = 1, n = 1 and narrow m or n.
/// The order of additions depends on the sizes only, never on the number of threads.
typedef struct {
  size_t batch, m, n, k;
  const void *a;
  ptrdiff_t a_batch, a_row, a_column;
  const void *b;
  ptrdiff_t b_batch, b_row, b_column;
  void *c;
  ptrdiff_t c_batch, c_row;
  PlushEpilogue epilogue;  // may be null
  void *context;
} PlushGemm;

/// A, B and C of `type`; float16 and bfloat16 add up in float32, uint8 wraps, bool is "any and".
void plush_gemm(PlushType type, const PlushGemm *gemm);
