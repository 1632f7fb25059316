// Products of packed pairs with vectors. A file for an instruction set includes it after
// gemm_pairs_packing.h, having defined
//   PAIR_ROWS, PAIR_PANELS   rows and panels of 16 columns whose sums the registers hold
//   add_products             adds to sums the products of the pair at an address and pairs of B

enum { NAME(VECTORS) = PAIR_PANELS * PAIR_LINES / LANES, NAME(PER_PANEL) = PAIR_LINES / LANES };

/// The sums of PAIR_ROWS rows.
static inline __attribute__((always_inline)) void NAME(sum_rows)(
    const PairSquare *x, const uint32_t *a, const uint32_t *b, const float *from, float *to) {
  floats sum[PAIR_ROWS][NAME(VECTORS)];
  UNROLLED for (int r = 0; r < PAIR_ROWS; r++)
    UNROLLED for (int v = 0; v < NAME(VECTORS); v++)
      sum[r][v] = from ? load_floats(from + r * PAIR_SQUARE + v * LANES) : (floats)(0.0f);
  for (size_t tile = 0; tile < x->tiles; tile++, a += PAIR_TILE, b += PAIR_TILE)
    for (size_t p = 0; p < 16; p++) {
      uints row[NAME(VECTORS)];
      UNROLLED for (int v = 0; v < NAME(VECTORS); v++)
        row[v] = (uints)load_ints(
            b + v / NAME(PER_PANEL) * x->b_step + p * 16 + v % NAME(PER_PANEL) * LANES);
      UNROLLED for (int r = 0; r < PAIR_ROWS; r++) add_products(sum[r], a + r * 16 + p, row);
    }
  UNROLLED for (int r = 0; r < PAIR_ROWS; r++)
    UNROLLED for (int v = 0; v < NAME(VECTORS); v++)
      store_floats(to + r * x->to_row + v * LANES, sum[r][v]);
}

static inline void NAME(multiply_square)(const PairSquare *x) {
  for (size_t j = 0; j < x->columns; j += PAIR_PANELS * PAIR_LINES) {
    const uint32_t *b = x->b + j / PAIR_LINES * x->b_step;
    for (size_t i = 0; i < x->rows; i += PAIR_ROWS) {
      const uint32_t *a = x->a + i / PAIR_LINES * x->a_step + i % PAIR_LINES * 16;
      const float *from = x->from ? x->from + i * PAIR_SQUARE + j : NULL;
      NAME(sum_rows)(x, a, b, from, x->to + (ptrdiff_t)i * x->to_row + (ptrdiff_t)j);
    }
  }
}

#include "gemm_pairs_squares.h"

static void NAME(multiply)(const PairProduct *x) { NAME(multiply_squares)(x); }
