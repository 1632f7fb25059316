// Cuts a product into squares and passes along k. A file for an instruction set includes it after
// gemm_pairs_packing.h, having defined NAME(multiply_square).
#include "scratch.h"

/// Puts the sums of a square where they belong in C.
static inline void NAME(put)(
    const PairProduct *x, size_t i, size_t j, size_t rows, size_t columns, const float *sums) {
  for (size_t r = 0; r < rows; r++, sums += PAIR_SQUARE) {
    const ptrdiff_t at = (ptrdiff_t)(i + r) * x->c_row + (ptrdiff_t)j;
    if (x->type == PLUSH_FLOAT32) {
      memcpy((float *)x->c + at, sums, columns * sizeof(float));
      continue;
    }
    uint32_t narrow[PAIR_SQUARE / 2];
    UNROLLED for (int v = 0; v < PAIR_SQUARE; v += 2 * LANES)
      store_ints(
          narrow + v / 2,
          (ints)join_neighbours(load_floats(sums + v), load_floats(sums + v + LANES)));
    if (columns == PAIR_SQUARE)
      memcpy((uint16_t *)x->c + at, narrow, sizeof narrow);
    else
      memcpy((uint16_t *)x->c + at, narrow, columns * sizeof(uint16_t));
  }
}

/// Asks for the lines of the cache that a square of C will go to.
static inline void NAME(fetch)(
    const PairProduct *x, size_t i, size_t j, size_t rows, size_t columns) {
  const ptrdiff_t size = (ptrdiff_t)plush_type_size(x->type);
  for (size_t r = 0; r < rows; r++) {
    const char *c = (const char *)x->c + ((ptrdiff_t)(i + r) * x->c_row + (ptrdiff_t)j) * size;
    __builtin_prefetch(c, 1);
    __builtin_prefetch(c + (ptrdiff_t)(columns - 1) * size, 1);
  }
}

/// Over one pass 32 columns of B stay in the first-level cache, while A comes from the second, and
/// the sums of the passes before from either.
static inline void NAME(multiply_squares)(const PairProduct *x) {
  const size_t passes = x->tiles ? (x->tiles + PAIR_PASS - 1) / PAIR_PASS : 1;
  const size_t squares = (x->rows + PAIR_SQUARE - 1) / PAIR_SQUARE;
  float *sums = plush_take_scratch(squares * PAIR_SQUARE * PAIR_SQUARE * sizeof *sums);
  for (size_t j = 0; j < x->columns; j += PAIR_SQUARE)
    for (size_t pass = 0; pass < passes; pass++) {
      const size_t first = pass * x->tiles / passes;
      PairSquare square = {
          .tiles = (pass + 1) * x->tiles / passes - first,
          .a_step = x->a_step,
          .b = x->b + j / PAIR_LINES * x->b_step + first * PAIR_TILE,
          .b_step = x->b_step,
          .columns = x->columns - j < PAIR_SQUARE ? x->columns - j : PAIR_SQUARE,
      };
      const bool last = pass == passes - 1;
      // The next pass of these columns, or the first one of the next columns.
      const bool ends = last && j + PAIR_SQUARE >= x->columns;
      square.next = last ? x->b + (j / PAIR_LINES + 2) * x->b_step
                         : square.b + square.tiles * PAIR_TILE;
      square.next_lines = ends ? 0 : (PAIR_LINES + squares - 1) / squares;
      for (size_t i = 0; i < x->rows; i += PAIR_SQUARE) {
        square.rows = x->rows - i < PAIR_SQUARE ? x->rows - i : PAIR_SQUARE;
        square.a = x->a + i / PAIR_LINES * x->a_step + first * PAIR_TILE;
        square.from = pass > 0 ? sums + i * PAIR_SQUARE : NULL;
        square.to = sums + i * PAIR_SQUARE;
        square.to_row = PAIR_SQUARE;
        const bool in_place = last && x->type == PLUSH_FLOAT32 && square.rows % PAIR_LINES == 0 &&
                              square.columns == PAIR_SQUARE;
        if (in_place) {
          square.to = (float *)x->c + (ptrdiff_t)i * x->c_row + (ptrdiff_t)j;
          square.to_row = x->c_row;
        }
        if (last) NAME(fetch)(x, i, j, square.rows, square.columns);
        NAME(multiply_square)(&square);
        square.next += square.tiles * square.next_lines * 16;
        if (last && !in_place) NAME(put)(x, i, j, square.rows, square.columns, square.to);
      }
    }
  plush_give_back_scratch(sums);
}
