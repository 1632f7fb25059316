// Factorizations of matrices and triangular systems. Matrices are contiguous, one after the other;
// float32 or float64, arithmetic in double precision.
#pragma once

#include <stdbool.h>

#include "types.h"

/// L with A = L·Lᵀ for `count` symmetric n×n matrices, of which the lower triangles are read; NaN
/// where one is not positive definite.
void plush_cholesky(PlushType type, const void *a, void *l, size_t count, size_t n);

/// L and U in one matrix, L without its diagonal of ones, with rows permutation[i] of A in row i of
/// L·U. Of each column the largest element becomes the pivot, the first of equal ones.
void plush_lu(
    PlushType type, const void *a, void *lu, int32_t *permutation, size_t count, size_t n);

/// Q (m×n, orthonormal columns) and R (n×n, upper triangular) with A = Q·R, m >= n, by reflections:
/// a diagonal element of R has the sign opposite to that of what it replaces.
void plush_qr(
    PlushType type, const void *a, void *q, void *r, size_t count, size_t m, size_t n);

/// U (m×n, orthonormal columns), s (n, descending) and V (n×n, orthogonal) with A = U·diag(s)·Vᵀ,
/// m >= n, by reflections and steps of QR with shifts (Golub and Reinsch).
void plush_svd(
    PlushType type, const void *a, void *u, void *s, void *v, size_t count, size_t m, size_t n);

typedef struct {
  bool upper, transposed, unit_diagonal;
} PlushTriangle;

/// X with T·X = B, or Tᵀ·X = B, for `count` n×n triangles and n×k right sides; the other triangle of
/// T is not read, nor is a diagonal of ones.
void plush_solve_triangular(
    PlushType type, PlushTriangle triangle, const void *t, const void *b, void *x, size_t count,
    size_t n, size_t k);
