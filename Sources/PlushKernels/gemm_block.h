// What a file of kernels for one instruction set gives to gemm.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "types.h"

/// A block of C, made by one thread: C = A·B over the whole of k. Strides count elements; of the
/// strides of A and of those of B one is 1.
typedef struct {
  size_t m, n, k;
  const void *a;
  ptrdiff_t a_row, a_column;
  const void *b;
  ptrdiff_t b_row, b_column;
  void *c;
  ptrdiff_t c_row;
  bool accumulate;  // C += A·B
  bool flat;        // few rows read a large B once: as it lies, in flat slices of a few rows of B
} GemmBlock;

enum {
  GEMM_ROWS = 512,         // rows of a block at most
  GEMM_COLUMNS = 2048,     // columns of a block at most
  GEMM_DEPTH = 416,        // k of one pass at most: a panel of B fits the first-level cache
};

typedef void (*GemmKernel)(const GemmBlock *);

/// Of the instruction set in force.
GemmKernel plush_gemm_f32_kernel(void);
/// The same for any type but bfloat16.
GemmKernel plush_gemm_kernel(PlushType type);

void plush_gemm_f32_portable_block(const GemmBlock *block);
void plush_gemm_f64_portable_block(const GemmBlock *block);
void plush_gemm_f32_avx2_block(const GemmBlock *block);
void plush_gemm_f64_avx2_block(const GemmBlock *block);
void plush_gemm_f32_avx512_block(const GemmBlock *block);
void plush_gemm_f64_avx512_block(const GemmBlock *block);

/// Memory of the calling thread, allocated once: for a packed block of A and a panel of B, and for
/// a block of A, of B and of C in float32.
typedef enum { GEMM_PACKING, GEMM_WIDENING } GemmScratch;
void *plush_gemm_scratch(GemmScratch which);

/// Length of the equal passes that k is cut into. Depends on nothing but k.
static inline size_t gemm_depth(size_t k) {
  const size_t passes = (k + GEMM_DEPTH - 1) / GEMM_DEPTH;
  return passes ? (k + passes - 1) / passes : 0;
}
