#include "matrices.h"

#include "isa.h"
#include "matrices_table.h"
#include "scratch.h"
#include "threads.h"

static const MatrixTable *table(void) {
#if defined(__x86_64__)
  if (plush_isa() >= PLUSH_ISA_AVX2) return &plush_matrix_table_avx2;
#endif
  return &plush_matrix_table_portable;
}

typedef struct {
  const Batch *batch;
  MatrixBody body;
  size_t count, chunk;
  size_t scratch;  // doubles that one matrix needs
} Matrices;

static void run_chunk(void *context, size_t index) {
  const Matrices *matrices = context;
  double *scratch = plush_take_scratch(matrices->scratch * sizeof *scratch);
  const size_t first = index * matrices->chunk;
  for (size_t i = first; i < first + matrices->chunk && i < matrices->count; i++) {
    matrices->body(matrices->batch, i, scratch);
  }
  plush_give_back_scratch(scratch);
}

/// Small matrices share a chunk.
static void run(Batch batch, MatrixBody body, size_t count, size_t scratch) {
  Matrices matrices = {&batch, body, count, 1 + 2048 / (scratch + 1), scratch};
  plush_parallel((count + matrices.chunk - 1) / matrices.chunk, run_chunk, &matrices);
}

void plush_cholesky(PlushType type, const void *a, void *l, size_t count, size_t n) {
  run((Batch){.type = type, .n = n, .a = a, .first = l}, table()->cholesky, count, 2 * n * n);
}

void plush_lu(
    PlushType type, const void *a, void *lu, int32_t *permutation, size_t count, size_t n) {
  run((Batch){.type = type, .n = n, .a = a, .first = lu, .second = permutation}, table()->lu,
      count, n * n);
}

void plush_qr(
    PlushType type, const void *a, void *q, void *r, size_t count, size_t m, size_t n) {
  run((Batch){.type = type, .m = m, .n = n, .a = a, .first = q, .second = r}, table()->qr, count,
      3 * m * n + 2 * n);
}

void plush_svd(
    PlushType type, const void *a, void *u, void *s, void *v, size_t count, size_t m, size_t n) {
  if (n == 0) return;
  run((Batch){.type = type, .m = m, .n = n, .a = a, .first = u, .second = s, .third = v},
      table()->svd, count, 2 * m * n + 2 * n * n + 5 * n);
}

void plush_solve_triangular(
    PlushType type, PlushTriangle triangle, const void *t, const void *b, void *x, size_t count,
    size_t n, size_t k) {
  run((Batch){.type = type, .triangle = triangle, .m = n, .n = k, .a = t, .b = b, .first = x},
      table()->solve, count, n * n + n * k);
}
