// Products of bfloat16 matrices: A and B are packed first, then blocks of C are made of them.
#include "gemm_bfloat16.h"

#include "gemm_pairs.h"
#include "isa.h"
#include "scratch.h"
#include "threads.h"

enum {
  BLOCK_SIZE = 16384,    // rows × tiles along k: of A, what half of the second-level cache holds
  LEAST_ROWS = 128,      // of a block of very long rows
  BLOCK_COLUMNS = 1024,  // at most
};

const PairKernels *plush_pair_kernels(void) {
  switch (plush_matrix_isa()) {
#if defined(__x86_64__)
#if defined(__linux__)
    case PLUSH_ISA_AMX: return &plush_pairs_amx;
#endif
    case PLUSH_ISA_AVX512_BF16: return &plush_pairs_avx512_bf16;
    case PLUSH_ISA_AVX512: return &plush_pairs_avx512;
    case PLUSH_ISA_AVX2: return &plush_pairs_avx2;
#endif
    default: return &plush_pairs_portable;
  }
}

/// A or B: its lines are the rows of A or the columns of B.
typedef struct {
  bool is_a;
  PlushType type;
  const void *start;
  ptrdiff_t batch, line, depth;  // strides in elements
  size_t matrices;               // 1 if all products have the same
  size_t lines, k;
  size_t groups, tiles;  // of lines, and along k
  uint32_t *packed;      // group by group, each with all its tiles
} Operand;

typedef struct {
  const PlushGemm *gemm;
  PlushType type;  // of C
  const PairKernels *kernels;
  Operand a, b;
  bool packs_a;          // A is packed with B; else each block packs its rows
  size_t rows, columns;  // blocks of a matrix
} Product;

static size_t ceil_divide(size_t a, size_t b) { return (a + b - 1) / b; }

static size_t at_most(size_t a, size_t limit) { return a < limit ? a : limit; }

// MARK: Packing

static Operand operand_a(PlushType type, const PlushGemm *x) {
  return (Operand){
      .is_a = true,
      .type = type,
      .start = x->a,
      .batch = x->a_batch,
      .line = x->a_row,
      .depth = x->a_column,
      .matrices = x->a_batch == 0 ? 1 : x->batch,
      .lines = x->m,
      .k = x->k,
      .groups = ceil_divide(x->m, PAIR_LINES),
      .tiles = ceil_divide(x->k, PAIR_DEPTH),
  };
}

/// An even number of panels: some kernels read two at once.
static Operand operand_b(PlushType type, const PlushGemm *x) {
  return (Operand){
      .type = type,
      .start = x->b,
      .batch = x->b_batch,
      .line = x->b_column,
      .depth = x->b_row,
      .matrices = x->b_batch == 0 ? 1 : x->batch,
      .lines = x->n,
      .k = x->k,
      .groups = ceil_divide(x->n, PAIR_SQUARE) * 2,
      .tiles = ceil_divide(x->k, PAIR_DEPTH),
  };
}

static size_t matrix_size(const Operand *x) { return x->groups * x->tiles * PAIR_TILE; }

/// Where the tiles of a group of lines begin.
static uint32_t *packed_group(const Operand *x, size_t matrix, size_t group) {
  return x->packed + (x->matrices == 1 ? 0 : matrix) * matrix_size(x) +
         group * x->tiles * PAIR_TILE;
}

static void pack_tile(
    const Operand *x, const PairKernels *kernels, size_t matrix, size_t group, size_t tile,
    uint32_t *to) {
  const size_t line = group * PAIR_LINES, k = tile * PAIR_DEPTH;
  if (line >= x->lines) return;
  const ptrdiff_t start =
      (ptrdiff_t)matrix * x->batch + (ptrdiff_t)line * x->line + (ptrdiff_t)k * x->depth;
  const PairSource source = {
      .type = x->type,
      .start = (const char *)x->start + start * (ptrdiff_t)plush_type_size(x->type),
      .line = x->line,
      .depth = x->depth,
      .lines = at_most(x->lines - line, PAIR_LINES),
      .k = at_most(x->k - k, PAIR_DEPTH),
  };
  kernels->pack(&source, x->is_a, to);
}

typedef struct {
  size_t begin, count;
} Part;

/// Packs some groups' tiles in the order in which they lie in memory; the first group begins at `to`.
static void pack_part(
    const Operand *x, const PairKernels *kernels, size_t matrix, Part groups, Part tiles,
    uint32_t *to) {
  const bool by_group = x->depth == 1;
  const Part outer = by_group ? groups : tiles, inner = by_group ? tiles : groups;
  for (size_t i = outer.begin; i < outer.begin + outer.count; i++)
    for (size_t j = inner.begin; j < inner.begin + inner.count; j++) {
      const size_t group = by_group ? i : j, tile = by_group ? j : i;
      uint32_t *start = to + (group - groups.begin) * x->tiles * PAIR_TILE;
      pack_tile(x, kernels, matrix, group, tile, start + tile * PAIR_TILE);
    }
}

/// A chunk is some of the groups or some of the tiles along k, whichever makes it read memory in
/// long runs, which processors fetch ahead.
static size_t slices(const Operand *x) { return x->depth == 1 ? x->groups : x->tiles; }

/// Some microseconds of work.
static size_t slices_a_chunk(const Operand *x) {
  return ceil_divide(64, x->depth == 1 ? x->tiles : x->groups);
}

static size_t chunk_count(const Operand *x) {
  return x->matrices * ceil_divide(slices(x), slices_a_chunk(x));
}

static void pack_chunk(const Operand *x, const PairKernels *kernels, size_t chunk) {
  const size_t chunks = ceil_divide(slices(x), slices_a_chunk(x));
  const size_t matrix = chunk / chunks, first = chunk % chunks * slices_a_chunk(x);
  const Part some = {first, at_most(slices(x) - first, slices_a_chunk(x))};
  const bool by_group = x->depth == 1;
  const Part groups = by_group ? some : (Part){0, x->groups};
  const Part tiles = by_group ? (Part){0, x->tiles} : some;
  pack_part(x, kernels, matrix, groups, tiles, packed_group(x, matrix, groups.begin));
}

static void pack_operands(void *context, size_t chunk) {
  const Product *x = context;
  const size_t of_b = chunk_count(&x->b);
  if (chunk < of_b)
    pack_chunk(&x->b, x->kernels, chunk);
  else
    pack_chunk(&x->a, x->kernels, chunk - of_b);
}

static void take_memory(Operand *x) {
  x->packed = plush_take_scratch(x->matrices * matrix_size(x) * sizeof *x->packed);
}

static void pack(Product *x) {
  take_memory(&x->b);
  if (x->packs_a) take_memory(&x->a);
  if (x->gemm->k == 0) return;
  plush_parallel(
      chunk_count(&x->b) + (x->packs_a ? chunk_count(&x->a) : 0), pack_operands, x);
}

// MARK: Blocks

/// Part i of `parts` nearly equal ones whose borders are multiples of a square's size.
static Part part(size_t total, size_t parts, size_t i) {
  const size_t squares = ceil_divide(total, PAIR_SQUARE);
  const size_t begin = i * squares / parts * PAIR_SQUARE;
  return (Part){begin, at_most((i + 1) * squares / parts * PAIR_SQUARE, total) - begin};
}

static void multiply_block_of(const Product *x, size_t matrix, Part rows, Part columns) {
  const size_t group_size = x->a.tiles * PAIR_TILE, group = rows.begin / PAIR_LINES;
  const size_t groups = ceil_divide(rows.count, PAIR_LINES);
  uint32_t *own = NULL;
  if (!x->packs_a) {
    own = plush_take_scratch(groups * group_size * sizeof *own);
    pack_part(
        &x->a, x->kernels, matrix, (Part){group, groups}, (Part){0, x->a.tiles}, own);
  }
  const PlushGemm *gemm = x->gemm;
  const ptrdiff_t start = (ptrdiff_t)matrix * gemm->c_batch +
                          (ptrdiff_t)rows.begin * gemm->c_row + (ptrdiff_t)columns.begin;
  const PairProduct product = {
      .tiles = x->a.tiles,
      .a = own ? own : packed_group(&x->a, matrix, group),
      .a_step = group_size,
      .b = packed_group(&x->b, matrix, columns.begin / PAIR_LINES),
      .b_step = group_size,
      .type = x->type,
      .c = (char *)gemm->c + start * (ptrdiff_t)plush_type_size(x->type),
      .c_row = gemm->c_row,
      .rows = rows.count,
      .columns = columns.count,
  };
  x->kernels->multiply(&product);
  plush_give_back_scratch(own);
}

static void multiply_block(void *context, size_t chunk) {
  const Product *x = context;
  const PlushGemm *gemm = x->gemm;
  const size_t per_matrix = x->rows * x->columns;
  const size_t matrix = chunk / per_matrix, place = chunk % per_matrix;
  const Part rows = part(gemm->m, x->rows, place % x->rows);
  const Part columns = part(gemm->n, x->columns, place / x->rows);
  if (rows.count == 0 || columns.count == 0) return;
  multiply_block_of(x, matrix, rows, columns);
  if (!gemm->epilogue) return;
  gemm->epilogue(
      gemm->context, matrix, rows.begin, rows.count, columns.begin, columns.count);
}

/// Time of the product cut this way, in multiplications of AMX, summed over machines of 1 to 8
/// threads, so that the choice does not depend on the machine at hand.
static double cost(const PlushGemm *x, size_t rows, size_t columns) {
  const double read = 32, epilogue = 64, start = 200e3, region = 500e3;
  const double m = (double)ceil_divide(ceil_divide(x->m, PAIR_SQUARE), rows) * PAIR_SQUARE;
  const double n = (double)ceil_divide(ceil_divide(x->n, PAIR_SQUARE), columns) * PAIR_SQUARE;
  const double k = (double)x->k, work = m * n * (k + (x->epilogue ? epilogue : 0));
  // An epilogue works on short pieces of rows then.
  const double pieces = x->epilogue && columns > 1 ? 16e3 * m : 0;
  const double block = work + (m + n) * k * read + pieces + start;
  const size_t count = rows * columns * x->batch;
  if (count == 1) return 4 * block;
  double sum = 4 * region;
  for (size_t threads = 1; threads <= 8; threads *= 2)
    sum += block * (double)ceil_divide(count, threads);
  return sum;
}

/// Blocks small enough for the second-level cache and enough of them for some threads.
static void cut(Product *x) {
  const PlushGemm *gemm = x->gemm;
  const size_t fitting = BLOCK_SIZE / (x->a.tiles + 1) / PAIR_SQUARE * PAIR_SQUARE;
  const size_t least_rows = ceil_divide(gemm->m, fitting < LEAST_ROWS ? LEAST_ROWS : fitting);
  const size_t least_columns = ceil_divide(gemm->n, BLOCK_COLUMNS);
  const size_t most_rows = ceil_divide(gemm->m, PAIR_SQUARE);
  const size_t most_columns = ceil_divide(gemm->n, PAIR_SQUARE);
  x->rows = least_rows;
  x->columns = least_columns;
  double best = cost(gemm, least_rows, least_columns);
  for (size_t rows = least_rows; rows <= at_most(most_rows, least_rows + 16); rows++)
    for (size_t columns = least_columns; columns <= at_most(most_columns, least_columns + 16);
         columns++) {
      const double time = cost(gemm, rows, columns);
      if (time >= best) continue;
      best = time;
      x->rows = rows;
      x->columns = columns;
    }
}

void plush_gemm_bfloat16(PlushGemmTypes types, const PlushGemm *gemm) {
  if (gemm->batch == 0 || gemm->m == 0 || gemm->n == 0) return;
  Product x = {
      .gemm = gemm,
      .type = types.c,
      .kernels = plush_pair_kernels(),
      .a = operand_a(types.a, gemm),
      .b = operand_b(types.b, gemm),
  };
  cut(&x);
  x.packs_a = x.columns > 1;
  pack(&x);
  plush_parallel(gemm->batch * x.rows * x.columns, multiply_block, &x);
  plush_give_back_scratch(x.a.packed);
  plush_give_back_scratch(x.b.packed);
}
