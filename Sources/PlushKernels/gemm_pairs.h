// What a file of kernels for one instruction set gives to gemm_bfloat16.c.
//
// Two neighbours along k make a pair, the lower in the lower half of 32 bits: what instructions for
// bfloat16 multiply at once. A and B are cut into tiles of 16 lines (rows of A, columns of B) by
// 16 pairs. A tile of A has its pairs side by side, a tile of B its lines; beyond are zeros.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

enum {
  PAIR_LINES = 16,                // of a tile
  PAIR_DEPTH = 32,                // k of a tile
  PAIR_TILE = 256,                // pairs of a tile
  PAIR_SQUARE = 2 * PAIR_LINES,   // rows and columns of C that are made at once, at most
  PAIR_PASS = 16,                 // tiles along k that are added up at once, at most
};

/// The elements of one tile. Strides count elements; one of them is 1.
typedef struct {
  PlushType type;  // float32 or bfloat16
  const void *start;
  ptrdiff_t line, depth;  // from line to line, along k
  size_t lines, k;        // up to 16 and 32
} PairSource;

/// A block of C from packed tiles.
typedef struct {
  size_t tiles;  // along k
  const uint32_t *a;
  size_t a_step;  // from 16 rows to the next
  const uint32_t *b;
  size_t b_step;  // from 16 columns to the next
  PlushType type;  // float32 or bfloat16
  void *c;
  ptrdiff_t c_row;
  size_t rows, columns;
} PairProduct;

/// Up to 32 × 32 sums over a pass along k.
typedef struct {
  size_t tiles;
  const uint32_t *a;
  size_t a_step;
  const uint32_t *b;
  size_t b_step;
  size_t rows, columns;  // that are wanted; more may be written, up to multiples of 16 and 32
  const float *from;     // sums of the passes before, PAIR_SQUARE to a row; or null
  float *to;
  ptrdiff_t to_row;
  const uint32_t *next;  // part of B that is needed soon, and as much of the next 16 columns:
  size_t next_lines;     // of the cache, for each tile along k
} PairSquare;

typedef struct {
  void (*pack)(const PairSource *source, bool is_a, uint32_t *to);
  void (*multiply)(const PairProduct *product);
} PairKernels;

/// Of the instruction set in force.
const PairKernels *plush_pair_kernels(void);

extern const PairKernels plush_pairs_portable;
#if defined(__x86_64__)
extern const PairKernels plush_pairs_avx2;
extern const PairKernels plush_pairs_avx512;
extern const PairKernels plush_pairs_avx512_bf16;
#if defined(__linux__)
extern const PairKernels plush_pairs_amx;
#endif
#endif
