// Products of pairs of bfloat16 with AMX: registers of 16 rows × 64 bytes, multiplied whole.
#include "gemm_pairs.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target( \
        "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma,bmi2,amx-tile,amx-bf16"))), \
    apply_to = function)

#define VECTOR_BYTES 64
#include "gemm_pairs_joining.h"

#define LANES 16
#define NAME(x) amx_##x
#include "gemm_pairs_packing.h"

enum { TILE_ROW = 64 };  // bytes

/// What `ldtilecfg` reads.
typedef struct {
  uint8_t palette, start;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} TileShapes;

// Registers 0 to 3 are the sums of a square of C, 4 and 5 tiles of A, 6 and 7 tiles of B.

INLINE void load_sums(const float *c, ptrdiff_t bytes, bool two_rows, bool two_columns) {
  const char *below = (const char *)c + 16 * bytes;
  _tile_loadd(0, c, bytes);
  if (two_columns) _tile_loadd(1, c + 16, bytes);
  if (two_rows) _tile_loadd(2, below, bytes);
  if (two_rows && two_columns) _tile_loadd(3, below + TILE_ROW, bytes);
}

INLINE void clear_sums(void) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

INLINE void store_sums(float *c, ptrdiff_t bytes, bool two_rows, bool two_columns) {
  char *below = (char *)c + 16 * bytes;
  _tile_stored(0, c, bytes);
  if (two_columns) _tile_stored(1, c + 16, bytes);
  if (two_rows) _tile_stored(2, below, bytes);
  if (two_rows && two_columns) _tile_stored(3, below + TILE_ROW, bytes);
}

INLINE void add_tiles(const PairSquare *x, bool two_rows, bool two_columns) {
  const uint32_t *a = x->a, *b = x->b, *next = x->next;
  for (size_t tile = 0; tile < x->tiles; tile++, a += PAIR_TILE, b += PAIR_TILE) {
    for (size_t i = 0; i < x->next_lines; i++, next += 16) {
      __builtin_prefetch(next, 0, 2);
      __builtin_prefetch(next + x->b_step, 0, 2);
    }
    _tile_loadd(6, b, TILE_ROW);
    _tile_loadd(4, a, TILE_ROW);
    _tile_dpbf16ps(0, 4, 6);
    if (two_columns) {
      _tile_loadd(7, b + x->b_step, TILE_ROW);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (two_rows) {
      _tile_loadd(5, a + x->a_step, TILE_ROW);
      _tile_dpbf16ps(2, 5, 6);
      if (two_columns) _tile_dpbf16ps(3, 5, 7);
    }
  }
}

INLINE void multiply_tiles(const PairSquare *x, bool two_rows, bool two_columns) {
  if (x->from)
    load_sums(x->from, PAIR_SQUARE * 4, two_rows, two_columns);
  else
    clear_sums();
  add_tiles(x, two_rows, two_columns);
  store_sums(x->to, x->to_row * 4, two_rows, two_columns);
}

static void amx_multiply_square(const PairSquare *x) {
  if (x->rows > 16 && x->columns > 16) return multiply_tiles(x, true, true);
  if (x->rows > 16) return multiply_tiles(x, true, false);
  if (x->columns > 16) return multiply_tiles(x, false, true);
  return multiply_tiles(x, false, false);
}

#include "gemm_pairs_squares.h"

static void amx_multiply(const PairProduct *x) {
  TileShapes shapes = {.palette = 1};
  for (int i = 0; i < 8; i++) shapes.rows[i] = 16, shapes.row_bytes[i] = TILE_ROW;
  _tile_loadconfig(&shapes);
  amx_multiply_squares(x);
  // Registers in use would make every switch of threads save 8 KB.
  _tile_release();
}

const PairKernels plush_pairs_amx = {amx_pack, amx_multiply};

#pragma clang attribute pop
#endif
