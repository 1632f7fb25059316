// What is done with a matrix, chosen by instruction set.
#pragma once

#include "matrices.h"

/// A batch of matrices and where its results go.
typedef struct Batch {
  PlushType type;
  PlushTriangle triangle;
  size_t m, n;
  const void *a, *b;
  void *first, *second, *third;
} Batch;

/// Does it for one matrix.
typedef void (*MatrixBody)(const Batch *batch, size_t matrix, double *scratch);

typedef struct {
  MatrixBody cholesky, lu, qr, svd, solve;
} MatrixTable;

extern const MatrixTable plush_matrix_table_portable;
#if defined(__x86_64__)
extern const MatrixTable plush_matrix_table_avx2;
#endif
