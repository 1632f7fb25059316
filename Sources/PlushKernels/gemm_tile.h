// The product of one block on one thread, for any element type and width of vector. A file for an
// instruction set includes it once per type, having defined
//   ELEMENT, LANES     type of an element, elements of a vector
//   MAIN, ROWS         vectors of a panel of B, rows of a tile, when C has many rows
//   ROWS_4, ROWS_8     rows of C that fit the registers beside 4 and 8 vectors of columns
//   PACK_A_COLUMNS     columns of C from which copying rows of A pays
//   NAME(x)            a name that is unique to type and instruction set
//   Tail, make_tail, load_tail, store_tail  access to the first 1...LANES elements of a vector
//
// A panel of B, MAIN vectors wide, is multiplied by one tile of rows of A after another. The first
// tile reads B where it lies and packs it while it multiplies; the rest read the packed panel, that
// stays in the first-level cache, while A streams from the second.

typedef ELEMENT NAME(Vector) __attribute__((ext_vector_type(LANES)));
typedef ELEMENT NAME(Loose) __attribute__((ext_vector_type(LANES), aligned(1), may_alias));

/// rows × vectors of C from k columns of A and k rows of B.
typedef struct {
  size_t k;
  const ELEMENT *a;
  ptrdiff_t a_stride;  // from row to row if a_by_rows, else from column to column
  bool a_by_rows;
  const ELEMENT *b;
  ptrdiff_t b_stride;
  ELEMENT *pack;  // where to copy B, or null
  ELEMENT *c;
  ptrdiff_t c_stride;
  bool accumulate;
  Tail tail;              // of the last vector of C, and of B if that is `partial`
  bool partial;
  const ELEMENT *next;    // rows of B that will be read soon
  ptrdiff_t next_stride;
} NAME(Tile);

static inline NAME(Vector) NAME(load)(const ELEMENT *p) { return *(const NAME(Loose) *)p; }
static inline void NAME(store)(ELEMENT *p, NAME(Vector) v) { *(NAME(Loose) *)p = v; }

/// Keeps the compiler from deriving an address for every row, for which there are no registers.
static inline const ELEMENT *NAME(hide)(const ELEMENT *p) {
  __asm__("" : "+r"(p));
  return p;
}

/// Rows of B between a prefetch and its use: about the latency of the last-level cache.
enum { NAME(AHEAD) = 24 };

/// Columns of A between a prefetch and its use: A comes from the second-level cache.
enum { NAME(COLUMNS_AHEAD) = 18 };

#define UNROLLED _Pragma("clang loop unroll(full)")

/// What the compiler knows about a tile: each combination is a function of its own.
typedef struct {
  int rows, vectors;
  bool by_rows, packing, partial;
} NAME(Kind);

/// Where a tile stands in its sum over k.
typedef struct {
  const ELEMENT *a[5];  // of every third row: x86 reaches base, base + stride, base + 2 stride
  const ELEMENT *b;
  ELEMENT *pack;
  NAME(Vector) sum[14][8];
} NAME(State);

/// Adds the product of column u of A, counted from the state's, and one row of B.
static inline __attribute__((always_inline)) void NAME(step)(
    const NAME(Kind) kind, const int u, const NAME(Tile) *t, const Tail tail, NAME(State) *s) {
  NAME(Vector) row[8];
  UNROLLED for (int v = 0; v < kind.vectors; v++) {
    const ELEMENT *b = s->b + v * LANES;
    row[v] = kind.partial && v == kind.vectors - 1 ? load_tail(b, tail) : NAME(load)(b);
    if (kind.packing) NAME(store)(s->pack + v * LANES, row[v]);
  }
  if (!kind.by_rows && u % 2 == 0)
    __builtin_prefetch(s->a[0] + NAME(COLUMNS_AHEAD) * t->a_stride);
  UNROLLED for (int r = 0; r < kind.rows; r++) {
    const ELEMENT x = kind.by_rows ? s->a[r / 3][r % 3 * t->a_stride + u] : s->a[0][r];
    UNROLLED for (int v = 0; v < kind.vectors; v++) s->sum[r][v] += (NAME(Vector))(x)*row[v];
  }
  s->b += t->b_stride;
  if (kind.packing) s->pack += kind.vectors * LANES;
  if (!kind.by_rows) s->a[0] += t->a_stride;
}

static inline __attribute__((always_inline)) void NAME(ask_for_row)(
    const ELEMENT *c, const int vectors) {
  UNROLLED for (int v = 0; v < vectors * (int)sizeof(NAME(Vector)); v += 64)
    __builtin_prefetch((const char *)c + v, 1);
}

static inline __attribute__((always_inline)) void NAME(multiply)(
    const NAME(Kind) kind, const NAME(Tile) *tile) {
  const NAME(Tile) t = *tile;
  const Tail tail = t.tail;
  const int bases = kind.by_rows ? (kind.rows + 2) / 3 : 1;
  NAME(State) s;
  s.b = t.b;
  s.pack = t.pack;
  UNROLLED for (int i = 0; i < bases; i++) s.a[i] = NAME(hide)(t.a + 3 * i * t.a_stride);
  UNROLLED for (int r = 0; r < kind.rows; r++)
    UNROLLED for (int v = 0; v < kind.vectors; v++) s.sum[r][v] = (NAME(Vector))(0);

  // A row of C at a time if there are steps enough: asked for at once, all rows would take every
  // buffer that A and B wait for too.
  int asked = 0;
  const int at_once = t.k < 4 * (size_t)kind.rows ? kind.rows : 1;
  const ELEMENT *next = t.next;
  size_t left = t.k;
  for (; left >= 4; left -= 4) {
    for (int i = 0; i < at_once && asked < kind.rows; i++, asked++)
      NAME(ask_for_row)(t.c + asked * t.c_stride, kind.vectors);
    __builtin_prefetch(next, 0, 2);
    __builtin_prefetch((const char *)next + 64, 0, 2);
    next += t.next_stride;
    UNROLLED for (int u = 0; u < 4; u++) {
      if (kind.packing)
        UNROLLED for (int v = 0; v < kind.vectors * (int)sizeof(NAME(Vector)); v += 64)
          __builtin_prefetch((const char *)(s.b + NAME(AHEAD) * t.b_stride) + v, 0, 2);
      NAME(step)(kind, u, &t, tail, &s);
    }
    if (kind.by_rows) UNROLLED for (int i = 0; i < bases; i++) s.a[i] = NAME(hide)(s.a[i] + 4);
  }
  for (; left > 0; left--) {
    NAME(step)(kind, 0, &t, tail, &s);
    if (kind.by_rows) UNROLLED for (int i = 0; i < bases; i++) s.a[i] += 1;
  }

  UNROLLED for (int r = 0; r < kind.rows; r++)
    UNROLLED for (int v = 0; v < kind.vectors; v++) {
      ELEMENT *c = t.c + r * t.c_stride + v * LANES;
      const NAME(Vector) sum = s.sum[r][v];
      if (v < kind.vectors - 1)
        NAME(store)(c, t.accumulate ? NAME(load)(c) + sum : sum);
      else
        store_tail(c, tail, t.accumulate ? load_tail(c, tail) + sum : sum);
    }
}

static inline __attribute__((always_inline)) void NAME(multiply_any)(
    const int rows, const int vectors, const NAME(Tile) *t) {
  // Only a tile among several packs, so it has half of the most rows or more.
  const bool may_pack = vectors <= MAIN && 2 * rows >= ROWS;
  const bool packs = may_pack && t->pack;
  if (t->a_by_rows) {
    if (t->partial) return NAME(multiply)((NAME(Kind)){rows, vectors, true, false, true}, t);
    if (packs) return NAME(multiply)((NAME(Kind)){rows, vectors, true, true, false}, t);
    return NAME(multiply)((NAME(Kind)){rows, vectors, true, false, false}, t);
  }
  if (t->partial) return NAME(multiply)((NAME(Kind)){rows, vectors, false, false, true}, t);
  if (packs) return NAME(multiply)((NAME(Kind)){rows, vectors, false, true, false}, t);
  return NAME(multiply)((NAME(Kind)){rows, vectors, false, false, false}, t);
}

// MARK: One function per size of tile

/// The most rows of a tile of so many vectors; 0 if there is none of that width.
static inline int NAME(row_limit)(size_t vectors) {
  if (vectors <= MAIN) return ROWS;
  return vectors <= 4 ? ROWS_4 : vectors == 8 ? ROWS_8 : 0;
}

#define TILE(r, v) \
  static void NAME(tile_##r##x##v)(const NAME(Tile) *t) { \
    if (r <= NAME(row_limit)(v)) NAME(multiply_any)(r, v, t); \
  }
#define TILES_3(v) TILE(1, v) TILE(2, v) TILE(3, v)
#define TILES_6(v) TILES_3(v) TILE(4, v) TILE(5, v) TILE(6, v)
#define TILES_8(v) TILES_6(v) TILE(7, v) TILE(8, v)
#define TILES_14(v) \
  TILES_8(v) TILE(9, v) TILE(10, v) TILE(11, v) TILE(12, v) TILE(13, v) TILE(14, v)
TILES_14(1) TILES_14(2) TILES_8(3) TILES_6(4) TILES_3(8)

#define NAMES_3(v) NAME(tile_1x##v), NAME(tile_2x##v), NAME(tile_3x##v)
#define NAMES_6(v) NAMES_3(v), NAME(tile_4x##v), NAME(tile_5x##v), NAME(tile_6x##v)
#define NAMES_8(v) NAMES_6(v), NAME(tile_7x##v), NAME(tile_8x##v)
#define NAMES_14(v) \
  NAMES_8(v), NAME(tile_9x##v), NAME(tile_10x##v), NAME(tile_11x##v), NAME(tile_12x##v), \
      NAME(tile_13x##v), NAME(tile_14x##v)
static void (*const NAME(tiles)[9][14])(const NAME(Tile) *) = {
    [1] = {NAMES_14(1)}, [2] = {NAMES_14(2)}, [3] = {NAMES_8(3)},
    [4] = {NAMES_6(4)},  [8] = {NAMES_3(8)},
};

// MARK: Packing

#include "gemm_transpose.h"

/// to[p * width + j] = from[j * stride + p] for j in 0..<count, p in 0..<k.
static void NAME(pack_transposed)(
    const ELEMENT *from, ptrdiff_t stride, size_t count, size_t k, ELEMENT *to, size_t width) {
  for (size_t j = 0; j < count; j += LANES) {
    const size_t lanes = count - j < LANES ? count - j : LANES;
    const Tail columns = make_tail(lanes);
    for (size_t p = 0; p < k; p += LANES) {
      const size_t depth = k - p < LANES ? k - p : LANES;
      const Tail rows = make_tail(depth);
      NAME(Vector) x[LANES];
      UNROLLED for (size_t i = 0; i < LANES; i++) {
        __builtin_prefetch(from + (ptrdiff_t)(j + lanes + i) * stride + p, 0, 2);
        x[i] = i < lanes ? load_tail(from + (ptrdiff_t)(j + i) * stride + p, rows)
                         : (NAME(Vector))(0);
      }
      NAME(transpose)(x);
      UNROLLED for (size_t i = 0; i < LANES; i++)
        if (i < depth) store_tail(to + (p + i) * width + j, columns, x[i]);
    }
  }
}

/// to[p * width + j] = from[p * stride + j] for j in 0..<count, p in 0..<k.
static void NAME(pack_rows)(
    const ELEMENT *from, ptrdiff_t stride, size_t count, size_t k, ELEMENT *to, size_t width) {
  const size_t full = (count - 1) / LANES * LANES;
  const Tail tail = make_tail(count - full);
  for (size_t p = 0; p < k; p++, from += stride, to += width) {
    for (size_t j = 0; j < full; j += LANES) NAME(store)(to + j, NAME(load)(from + j));
    store_tail(to + full, tail, load_tail(from + full, tail));
  }
}

// MARK: Few rows of A times columns of B that lie one after another

enum { NAME(DOT_ROWS) = 4 };

static inline ELEMENT NAME(total)(NAME(Vector) x) {
  ELEMENT part[LANES];
  NAME(store)(part, x);
  for (size_t width = LANES / 2; width > 0; width /= 2)
    for (size_t i = 0; i < width; i++) part[i] += part[i + width];
  return part[0];
}

/// Scalar products of all rows of A and `columns` columns of B from j on, a vector of k at a time.
static inline __attribute__((always_inline)) void NAME(dot_columns)(
    const int rows, const int columns, const GemmBlock *x, size_t j) {
  const ELEMENT *a = x->a, *b = (const ELEMENT *)x->b + (ptrdiff_t)j * x->b_column;
  NAME(Vector) sum[4][8];
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int c = 0; c < columns; c++) sum[r][c] = (NAME(Vector))(0);
  const size_t full = x->k / LANES * LANES;
  for (size_t p = 0; p < full; p += LANES)
    UNROLLED for (int c = 0; c < columns; c++) {
      const NAME(Vector) column = NAME(load)(b + c * x->b_column + p);
      UNROLLED for (int r = 0; r < rows; r++)
        sum[r][c] += NAME(load)(a + r * x->a_row + p) * column;
    }
  if (full < x->k) {
    const Tail tail = make_tail(x->k - full);
    UNROLLED for (int c = 0; c < columns; c++) {
      const NAME(Vector) column = load_tail(b + c * x->b_column + full, tail);
      UNROLLED for (int r = 0; r < rows; r++)
        sum[r][c] += load_tail(a + r * x->a_row + full, tail) * column;
    }
  }
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int c = 0; c < columns; c++) {
      ELEMENT *to = (ELEMENT *)x->c + r * x->c_row + j + c;
      *to = (x->accumulate ? *to : 0) + NAME(total)(sum[r][c]);
    }
}

static inline __attribute__((always_inline)) void NAME(dot_rows)(
    const int rows, const int columns, const GemmBlock *x) {
  size_t j = 0;
  for (; j + columns <= x->n; j += columns) NAME(dot_columns)(rows, columns, x, j);
  for (; j < x->n; j++) NAME(dot_columns)(rows, 1, x, j);
}

static void NAME(dots)(const GemmBlock *x) {
  switch (x->m) {
    case 1: return NAME(dot_rows)(1, 8, x);
    case 2: return NAME(dot_rows)(2, 4, x);
    case 3: return NAME(dot_rows)(3, 4, x);
    default: return NAME(dot_rows)(NAME(DOT_ROWS), 4, x);
  }
}

// MARK: One row of A times a narrow B that lies row after row

/// B comes as fast as the second-level cache gives it: processors see such a stream by themselves, and
/// whatever else is asked for slows it. The row is often what other threads just wrote, so all of it
/// is asked for at once.
static inline __attribute__((always_inline)) void NAME(stream_row)(
    const int vectors, const GemmBlock *x) {
  const ELEMENT *a = x->a, *b = x->b;
  for (size_t p = 0; p < x->k; p += 64 / sizeof(ELEMENT)) __builtin_prefetch(a + p);
  NAME(Vector) sum[12];
  UNROLLED for (int v = 0; v < vectors; v++) sum[v] = (NAME(Vector))(0);
  for (size_t p = 0; p < x->k; p++, b += vectors * LANES)
    UNROLLED for (int v = 0; v < vectors; v++)
      sum[v] += (NAME(Vector))(a[p]) * NAME(load)(b + v * LANES);
  ELEMENT *c = x->c;
  UNROLLED for (int v = 0; v < vectors; v++) {
    if (x->accumulate) sum[v] += NAME(load)(c + v * LANES);
    NAME(store)(c + v * LANES, sum[v]);
  }
}

/// Whether it was such a product.
static bool NAME(stream)(const GemmBlock *x) {
  if (x->m != 1 || x->a_column != 1 || x->b_column != 1 || (size_t)x->b_row != x->n) return false;
  switch (x->n) {
    case 8 * LANES: NAME(stream_row)(8, x); return true;
    case 12 * LANES: NAME(stream_row)(12, x); return true;
    default: return false;
  }
}

// MARK: The block

/// Vectors of the panels, by the rows of C: few rows leave registers for more columns. So do tiles of
/// few rows, which a flat B is worth: it comes in longer pieces then.
static inline size_t NAME(panel_vectors)(const GemmBlock *x) {
  if (x->m <= ROWS_8 || (x->flat && ROWS_8 > 1)) return 8;
  return x->m <= ROWS_4 || x->flat ? 4 : MAIN;
}

/// A block's rows in tiles of nearly equal height: the first `higher` have a row more.
typedef struct {
  size_t tiles, height, higher;
} NAME(Cut);

static inline NAME(Cut) NAME(cut_rows)(const GemmBlock *x) {
  const size_t limit = (size_t)NAME(row_limit)(NAME(panel_vectors)(x));
  const size_t tiles = (x->m + limit - 1) / limit;
  return (NAME(Cut)){tiles, x->m / tiles, x->m % tiles};
}

static inline size_t NAME(height)(const NAME(Cut) *cut, size_t tile) {
  return cut->height + (tile < cut->higher ? 1 : 0);
}

static void NAME(pack_a)(
    const GemmBlock *x, const NAME(Cut) *cut, size_t p, size_t k, ELEMENT *to) {
  size_t rows;
  for (size_t i = 0, row = 0; i < cut->tiles; i++, row += rows) {
    rows = NAME(height)(cut, i);
    const ELEMENT *from =
        (const ELEMENT *)x->a + (ptrdiff_t)row * x->a_row + (ptrdiff_t)p * x->a_column;
    if (x->a_row == 1)
      NAME(pack_rows)(from, x->a_column, rows, k, to + row * k, rows);
    else
      NAME(pack_transposed)(from, x->a_row, rows, k, to + row * k, rows);
  }
}

/// Copying A pays when many panels of B share the copy, and sooner if its rows lie so that they
/// would share a few sets of the first-level cache.
static inline bool NAME(packs_a)(const GemmBlock *x) {
  if (x->m <= ROWS) return false;
  if (x->a_row == 1) return x->n > 4 * MAIN * LANES;
  const bool collide = (size_t)x->a_row * sizeof(ELEMENT) % 4096 == 0;
  return x->n > (collide ? PACK_A_COLUMNS / 4 : PACK_A_COLUMNS);
}

/// Memory that is soon needed: rows of contiguous columns, `stride` apart. Each tile fetches one
/// part of it into the second-level cache: two cache lines of each of `step` rows.
typedef struct {
  const ELEMENT *start;
  ptrdiff_t stride;
  size_t rows, columns, step;
  size_t row, column;  // of the next part
} NAME(Ahead);

/// Lets the tile fetch the next part; false if there is none.
static inline bool NAME(fetch)(NAME(Ahead) *x, NAME(Tile) *tile) {
  if (x->column >= x->columns) return false;
  tile->next = x->start + (ptrdiff_t)x->row * x->stride + x->column;
  tile->next_stride = x->stride;
  x->row += x->step;
  if (x->row >= x->rows) x->row = 0, x->column += 128 / sizeof(ELEMENT);
  return true;
}

static inline NAME(Ahead) NAME(ahead)(
    const ELEMENT *start, ptrdiff_t row, ptrdiff_t column, size_t rows, size_t columns, size_t k) {
  const size_t step = k < 4 ? 1 : k / 4;
  return column == 1 ? (NAME(Ahead)){start, row, rows, columns, step, 0, 0}
                     : (NAME(Ahead)){start, column, columns, rows, step, 0, 0};
}

/// The panel of B after the one at row p and column j: of this pass, or the first of the next.
static inline NAME(Ahead) NAME(next_panel)(
    const GemmBlock *x, size_t p, size_t k, size_t j, size_t width) {
  if (j + width < x->n)
    j += width;
  else
    p += k, j = 0;
  const size_t rows = x->k - p < k ? x->k - p : k;
  const size_t columns = rows == 0 ? 0 : x->n - j < width ? x->n - j : width;
  const ELEMENT *b = (const ELEMENT *)x->b + (ptrdiff_t)p * x->b_row + (ptrdiff_t)j * x->b_column;
  return NAME(ahead)(b, x->b_row, x->b_column, rows, columns, k);
}

static inline NAME(Ahead) NAME(next_a)(const GemmBlock *x, size_t p, size_t k) {
  const size_t columns = x->k - p < k ? x->k - p : k;
  const ELEMENT *a = (const ELEMENT *)x->a + (ptrdiff_t)p * x->a_column;
  return NAME(ahead)(a, x->a_row, x->a_column, x->m, columns, k);
}

/// A panel's vectors of columns: as many as are left, up to what the tiles' height allows.
static inline size_t NAME(next_vectors)(size_t columns, size_t widest) {
  size_t vectors = (columns + LANES - 1) / LANES;
  if (vectors > widest) vectors = widest;
  while (NAME(row_limit)(vectors) < NAME(row_limit)(widest)) vectors--;
  return vectors;
}

/// Rows of B in a flat slice: as many pages are in use at a time.
enum { NAME(FLAT_DEPTH) = 64 };

static void NAME(fetch_rows)(const ELEMENT *from, ptrdiff_t stride, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++, from += stride)
    for (size_t j = 0; j < columns; j += 64 / sizeof(ELEMENT)) __builtin_prefetch(from + j, 0, 2);
}

/// What all tiles of a pass over k share.
typedef struct {
  const GemmBlock *block;
  size_t p, k;
  NAME(Cut) cut;
  const ELEMENT *packed_a;  // null: A is read where it lies
  ELEMENT *packed_b;
  NAME(Ahead) next_a;
} NAME(Pass);

static void NAME(multiply_panel)(NAME(Pass) *pass, size_t j, size_t vectors) {
  const GemmBlock *x = pass->block;
  const size_t width = vectors * LANES, k = pass->k;
  const size_t columns = x->n - j < width ? x->n - j : width;
  const ELEMENT *panel =
      (const ELEMENT *)x->b + (ptrdiff_t)pass->p * x->b_row + (ptrdiff_t)j * x->b_column;
  const bool partial = columns < width, alone = pass->cut.tiles == 1;
  const bool in_place = x->b_column == 1 && (alone || !partial);
  const bool packs = in_place && !alone && !x->flat;
  if (x->b_column != 1)
    NAME(pack_transposed)(panel, x->b_column, columns, k, pass->packed_b, width);
  else if (!in_place)
    NAME(pack_rows)(panel, x->b_row, columns, k, pass->packed_b, width);
  NAME(Ahead) next_b = NAME(next_panel)(x, pass->p, k, j, width);
  NAME(Tile) tile = {
      .k = k,
      .a_by_rows = !pass->packed_a && x->a_row != 1,
      .b = in_place ? panel : pass->packed_b,
      .b_stride = in_place ? x->b_row : (ptrdiff_t)width,
      .pack = packs ? pass->packed_b : NULL,
      .c_stride = x->c_row,
      .accumulate = x->accumulate || pass->p > 0,
      .tail = make_tail(columns - (vectors - 1) * LANES),
      .partial = in_place && partial,
  };
  if (x->flat) NAME(fetch_rows)(next_b.start, next_b.stride, next_b.rows, next_b.columns);
  size_t rows;
  for (size_t i = 0, row = 0; i < pass->cut.tiles; i++, row += rows) {
    rows = NAME(height)(&pass->cut, i);
    if (pass->packed_a) {
      tile.a = pass->packed_a + row * k;
      tile.a_stride = (ptrdiff_t)rows;
    } else {
      tile.a = (const ELEMENT *)x->a + (ptrdiff_t)row * x->a_row +
               (ptrdiff_t)pass->p * x->a_column;
      tile.a_stride = x->a_row == 1 ? x->a_column : x->a_row;
    }
    tile.c = (ELEMENT *)x->c + (ptrdiff_t)row * x->c_row + j;
    if (!NAME(fetch)(&next_b, &tile) && !NAME(fetch)(&pass->next_a, &tile)) {
      const bool last = i + 1 == pass->cut.tiles;
      tile.next = last ? tile.a : tile.a + (ptrdiff_t)rows * tile.a_stride;
      tile.next_stride = tile.a_by_rows && !last ? tile.a_stride : 0;
    }
    NAME(tiles)[vectors][rows - 1](&tile);
    if (!tile.pack) continue;
    tile.b = pass->packed_b;
    tile.b_stride = (ptrdiff_t)width;
    tile.pack = NULL;
  }
}

void NAME(block)(const GemmBlock *x) {
  if (NAME(stream)(x)) return;
  if (x->m <= NAME(DOT_ROWS) && x->b_column != 1 && x->a_column == 1) return NAME(dots)(x);
  const NAME(Cut) cut = NAME(cut_rows)(x);
  const bool pack_a = NAME(packs_a)(x);
  const size_t depth = x->flat ? NAME(FLAT_DEPTH) : gemm_depth(x->k);
  // Not needed, and not asked for, by a small product.
  const bool packs = pack_a || cut.tiles > 1 || x->b_column != 1;
  ELEMENT *packed_b = packs ? plush_gemm_scratch(GEMM_PACKING) : NULL;
  ELEMENT *packed_a = pack_a ? packed_b + 8 * LANES * GEMM_DEPTH : NULL;
  const size_t widest = NAME(panel_vectors)(x);
  for (size_t p = 0; p < x->k; p += depth) {
    const size_t k = x->k - p < depth ? x->k - p : depth;
    if (pack_a) NAME(pack_a)(x, &cut, p, k, packed_a);
    NAME(Pass) pass = {
        .block = x,
        .p = p,
        .k = k,
        .cut = cut,
        .packed_a = packed_a,
        .packed_b = packed_b,
    };
    for (size_t j = 0; j < x->n;) {
      const size_t vectors = NAME(next_vectors)(x->n - j, widest);
      // Not sooner, or the panels until then would push it out of the cache again.
      if (pack_a && x->n - j <= 4 * MAIN * LANES && pass.next_a.start == NULL)
        pass.next_a = NAME(next_a)(x, p + k, k);
      NAME(multiply_panel)(&pass, j, vectors);
      j += vectors * LANES;
    }
  }
}

#undef ELEMENT
#undef LANES
#undef PACK_A_COLUMNS
#undef NAME
#undef Tail
#undef make_tail
#undef load_tail
#undef store_tail
#undef UNROLLED
#undef TILE
#undef TILES_3
#undef TILES_6
#undef TILES_8
#undef TILES_14
#undef NAMES_3
#undef NAMES_6
#undef NAMES_8
#undef NAMES_14
