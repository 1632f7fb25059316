// Packs tiles of A and B. A file for an instruction set includes it having defined
//   LANES, uints       32-bit elements of a vector
//   NAME(x)            a name that is unique to the instruction set
//   load_bfloats, load_floats_part, load_pairs   the first elements of a vector, the rest zero: as
//                      many bfloats or floats as lanes, or twice as many bfloats, two to a lane
//   join               pairs of x[i], y[i]
//   join_neighbours    pairs of neighbours in x, then of those in y

#define UNROLLED _Pragma("clang loop unroll(full)")
typedef uints NAME(Vector);
#include "gemm_transpose.h"

static inline size_t NAME(left)(size_t count, size_t done) {
  return count > done ? count - done : 0;
}

/// 16 lines of pairs, from lines that have k side by side.
static inline __attribute__((always_inline)) void NAME(pairs_by_line)(
    const PairSource *x, const size_t lines, const size_t k, uint32_t *to) {
  for (size_t i = 0; i < PAIR_LINES; i++, to += 16) {
    const ptrdiff_t start = (ptrdiff_t)i * x->line;
    const size_t count = i < lines ? k : 0;
    UNROLLED for (size_t p = 0; p < 16; p += LANES) {
      const size_t rest = NAME(left)(count, 2 * p);
      uints pairs;
      if (x->type == PLUSH_BFLOAT16) {
        pairs = load_pairs((const uint16_t *)x->start + start + 2 * p, rest);
      } else {
        const float *from = (const float *)x->start + start + 2 * p;
        pairs = join_neighbours(
            load_floats_part(from, rest),
            load_floats_part(from + LANES, NAME(left)(rest, LANES)));
      }
      store_ints(to + p, (ints)pairs);
    }
  }
}

/// 16 pairs of lines, from lines that lie side by side.
static inline __attribute__((always_inline)) void NAME(lines_by_pair)(
    const PairSource *x, const size_t lines, const size_t k, uint32_t *to) {
  for (size_t p = 0; p < 16; p++, to += PAIR_LINES) {
    const ptrdiff_t start = (ptrdiff_t)(2 * p) * x->depth;
    const size_t even = 2 * p < k ? lines : 0, odd = 2 * p + 1 < k ? lines : 0;
    const ptrdiff_t size = (ptrdiff_t)plush_type_size(x->type);
    const char *next = (const char *)x->start + (start + PAIR_DEPTH * x->depth) * size;
    __builtin_prefetch(next, 0, 2);
    __builtin_prefetch(next + x->depth * size, 0, 2);
    UNROLLED for (size_t i = 0; i < PAIR_LINES; i += LANES) {
      uints pairs;
      if (x->type == PLUSH_BFLOAT16) {
        const uint16_t *from = (const uint16_t *)x->start + start + i;
        pairs = load_bfloats(from, NAME(left)(even, i)) |
                load_bfloats(from + x->depth, NAME(left)(odd, i)) << 16;
      } else {
        const float *from = (const float *)x->start + start + i;
        pairs = join(
            load_floats_part(from, NAME(left)(even, i)),
            load_floats_part(from + x->depth, NAME(left)(odd, i)));
      }
      store_ints(to + i, (ints)pairs);
    }
  }
}

/// Exchanges lines and pairs of a tile.
static inline __attribute__((always_inline)) void NAME(turn)(const uint32_t *from, uint32_t *to) {
  for (size_t i = 0; i < 16; i += LANES)
    for (size_t j = 0; j < 16; j += LANES) {
      uints x[LANES];
      UNROLLED for (size_t r = 0; r < LANES; r++) x[r] = (uints)load_ints(from + (i + r) * 16 + j);
      NAME(transpose)(x);
      UNROLLED for (size_t r = 0; r < LANES; r++) store_ints(to + (j + r) * 16 + i, (ints)x[r]);
    }
}

static inline __attribute__((always_inline)) void NAME(pack_part)(
    const PairSource *x, const size_t lines, const size_t k, bool is_a, uint32_t *to) {
  const bool by_line = x->depth == 1;
  uint32_t tile[PAIR_TILE] __attribute__((aligned(64)));
  uint32_t *packed = by_line == is_a ? to : tile;
  if (by_line)
    NAME(pairs_by_line)(x, lines, k, packed);
  else
    NAME(lines_by_pair)(x, lines, k, packed);
  if (packed == tile) NAME(turn)(tile, to);
}

static void NAME(pack)(const PairSource *x, bool is_a, uint32_t *to) {
  // Whole tiles need no masks.
  if (x->lines == PAIR_LINES && x->k == PAIR_DEPTH)
    NAME(pack_part)(x, PAIR_LINES, PAIR_DEPTH, is_a, to);
  else
    NAME(pack_part)(x, x->lines, x->k, is_a, to);
}
