// Cuts matrix products into blocks for the pool's threads.
#include "gemm.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "gemm_bfloat16.h"
#include "gemm_block.h"
#include "gemm_types.h"
#include "isa.h"
#include "scratch.h"
#include "threads.h"

// MARK: Memory

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local void *scratch[2];

static void free_scratch(void *memory) {
  (void)memory;
  for (int i = 0; i < 2; i++) free(scratch[i]);
}

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free_scratch); }

/// Huge pages, where the system has them: a packed block then needs two entries of the TLB.
static void *allocate(size_t size) {
  void *memory;
  if (posix_memalign(&memory, 2 << 20, size) != 0) abort();
#if defined(__linux__)
  madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

void *plush_gemm_scratch(GemmScratch which) {
  if (!scratch[which]) {
    pthread_once(&scratch_once, make_scratch_key);
    pthread_setspecific(scratch_key, scratch);
    scratch[which] = allocate(which == GEMM_PACKING ? 4 << 20 : 9 << 20);
  }
  return scratch[which];
}

// MARK: Kernels

GemmKernel plush_gemm_f32_kernel(void) {
  switch (plush_isa()) {
#if defined(__x86_64__)
    case PLUSH_ISA_AVX512: return plush_gemm_f32_avx512_block;
    case PLUSH_ISA_AVX2: return plush_gemm_f32_avx2_block;
#endif
    default: return plush_gemm_f32_portable_block;
  }
}

static GemmKernel f64_kernel(void) {
  switch (plush_isa()) {
#if defined(__x86_64__)
    case PLUSH_ISA_AVX512: return plush_gemm_f64_avx512_block;
    case PLUSH_ISA_AVX2: return plush_gemm_f64_avx2_block;
#endif
    default: return plush_gemm_f64_portable_block;
  }
}

GemmKernel plush_gemm_kernel(PlushType type) {
  switch (type) {
    case PLUSH_FLOAT32: return plush_gemm_f32_kernel();
    case PLUSH_FLOAT64: return f64_kernel();
    case PLUSH_FLOAT16: return plush_gemm_float16_block;
    case PLUSH_BFLOAT16: break;  // see gemm_bfloat16.c
    case PLUSH_INT32: return plush_gemm_int32_block;
    case PLUSH_INT64: return plush_gemm_int64_block;
    case PLUSH_UINT8: return plush_gemm_uint8_block;
    case PLUSH_BOOL: return plush_gemm_bool_block;
  }
  return NULL;
}

// MARK: Blocks

/// C is a grid of blocks; neighbours in a column of blocks follow each other, so that a thread's
/// blocks share columns of B.
typedef struct {
  const PlushGemm *gemm;
  GemmKernel kernel;
  size_t element;  // bytes
  size_t rows, columns;  // blocks of a matrix
  bool transposed;  // the caller knows rows as columns
  bool flat;        // see GemmBlock
} Grid;

/// Whether kernels of the type are those of gemm_tile.h.
static bool has_tiles(PlushType type) { return type == PLUSH_FLOAT32 || type == PLUSH_FLOAT64; }

enum { FEWEST_ROWS = 3, FLAT_ROWS = 16, FLAT_COLUMNS = 512 };

/// Whether few rows read a B of `k` rows that second-level caches do not hold. What they hold comes
/// as fast in short pieces, of which more rows share a read.
static bool is_flat(const PlushGemm *x, size_t k, PlushType type) {
  const bool fits = x->m <= FLAT_ROWS && x->n >= FLAT_COLUMNS && x->b_column == 1;
  const size_t least = x->m <= FEWEST_ROWS ? 1 << 20 : 4 << 20;
  return fits && has_tiles(type) && k * x->n * plush_type_size(type) >= least;
}

typedef struct {
  size_t begin, count;
} Part;

/// Part i of `parts` nearly equal ones whose borders are multiples of `unit`.
static Part part(size_t total, size_t parts, size_t i, size_t unit) {
  const size_t units = (total + unit - 1) / unit;
  const size_t begin = i * units / parts * unit, end = (i + 1) * units / parts * unit;
  return (Part){begin, (end < total ? end : total) - begin};
}

enum { COLUMN_UNIT = 32 };

static void clear(char *c, size_t rows, size_t bytes, ptrdiff_t stride) {
  for (size_t i = 0; i < rows; i++) memset(c + (ptrdiff_t)i * stride, 0, bytes);
}

static void multiply_block(void *context, size_t chunk) {
  const Grid *grid = context;
  const PlushGemm *x = grid->gemm;
  const size_t per_matrix = grid->rows * grid->columns;
  const size_t batch = chunk / per_matrix, place = chunk % per_matrix;
  const Part rows = part(x->m, grid->rows, place % grid->rows, 1);
  const Part columns = part(x->n, grid->columns, place / grid->rows, COLUMN_UNIT);
  if (rows.count == 0 || columns.count == 0) return;
  const ptrdiff_t element = (ptrdiff_t)grid->element, matrix = (ptrdiff_t)batch;
  const ptrdiff_t row = (ptrdiff_t)rows.begin, column = (ptrdiff_t)columns.begin;
  const GemmBlock block = {
      .m = rows.count,
      .n = columns.count,
      .k = x->k,
      .a = (const char *)x->a + (matrix * x->a_batch + row * x->a_row) * element,
      .a_row = x->a_row,
      .a_column = x->a_column,
      .b = (const char *)x->b + (matrix * x->b_batch + column * x->b_column) * element,
      .b_row = x->b_row,
      .b_column = x->b_column,
      .c = (char *)x->c + (matrix * x->c_batch + row * x->c_row + column) * element,
      .c_row = x->c_row,
      .flat = grid->flat,
  };
  if (x->k == 0)
    clear(block.c, block.m, block.n * grid->element, x->c_row * element);
  else
    grid->kernel(&block);
  if (!x->epilogue) return;
  const Part down = grid->transposed ? columns : rows, across = grid->transposed ? rows : columns;
  x->epilogue(x->context, batch, down.begin, down.count, across.begin, across.count);
}

static size_t ceil_divide(size_t a, size_t b) { return (a + b - 1) / b; }

/// Time of the product cut this way, in multiplications, summed over machines of 1 to 8 threads, so
/// that the choice does not depend on the machine at hand.
static double cost(const PlushGemm *x, size_t rows, size_t columns) {
  const double start = 30e3, region = 100e3;  // of a block and of a parallel region
  // Packing, in columns and rows; more if A comes from the last-level cache.
  const double repack_a = (double)x->m * (double)x->k > 256e3 ? 20 : 6, repack_b = 10;
  const double m = (double)ceil_divide(x->m, rows);
  const double n = (double)(ceil_divide(ceil_divide(x->n, COLUMN_UNIT), columns) * COLUMN_UNIT);
  // An epilogue works on short pieces of rows then.
  const double epilogue = x->epilogue && columns > 1 ? 30 : 0;
  const double block = (m + repack_b) * (n + repack_a) * (double)x->k + m * n * epilogue + start;
  const size_t count = rows * columns * x->batch;
  if (count == 1) return 4 * block;
  double sum = 4 * region;
  for (size_t threads = 1; threads <= 8; threads *= 2)
    sum += block * (double)ceil_divide(count, threads);
  return sum;
}

/// Blocks small enough for the second-level cache and enough of them for some threads.
static Grid make_grid(const PlushGemm *x, PlushType type) {
  const size_t element = plush_type_size(type);
  const size_t least_rows = ceil_divide(x->m, element > 4 ? GEMM_ROWS / 2 : GEMM_ROWS);
  const size_t least_columns = ceil_divide(x->n, GEMM_COLUMNS);
  Grid grid = {x, plush_gemm_kernel(type), element, least_rows, least_columns};
  const double work = (double)x->m * (double)x->n * (double)x->k * (double)x->batch;
  const size_t wanted = work < 32 * 50e3 ? (size_t)(work / 50e3) : 32;
  const size_t most = wanted / (least_rows * least_columns * x->batch);
  double best = cost(x, least_rows, least_columns);
  for (size_t i = 1; i <= most; i++)
    for (size_t j = 1; i * j <= most; j++) {
      const size_t rows = least_rows * i, columns = least_columns * j;
      const double time = cost(x, rows, columns);
      if (time >= best) continue;
      best = time;
      grid.rows = rows;
      grid.columns = columns;
    }
  return grid;
}

/// Twice as wide blocks pack A half as often, as long as every thread gets two of them; blocks of a
/// flat B are as wide as they may be. The only choice that looks at the threads: a column's sums are the
/// same in a block of any width.
static void widen_blocks(Grid *grid) {
  const PlushGemm *x = grid->gemm;
  const size_t threads = (size_t)plush_thread_count();
  if (grid->flat) {
    grid->columns = ceil_divide(ceil_divide(x->n, GEMM_COLUMNS), threads) * threads;
    return;
  }
  const size_t least = 2 * threads, bands = grid->rows * x->batch;
  while (grid->columns % 2 == 0 && bands * grid->columns / 2 >= least &&
         ceil_divide(x->n, grid->columns / 2) <= GEMM_COLUMNS && x->m / grid->rows >= 32)
    grid->columns /= 2;
}

/// Cᵀ = Bᵀ·Aᵀ.
static PlushGemm transpose(const PlushGemm *x) {
  PlushGemm y = *x;
  y.m = x->n;
  y.n = x->m;
  y.a = x->b;
  y.a_batch = x->b_batch;
  y.a_row = x->b_column;
  y.a_column = x->b_row;
  y.b = x->a;
  y.b_batch = x->a_batch;
  y.b_row = x->a_column;
  y.b_column = x->a_row;
  y.c_row = 1;
  return y;
}

// MARK: Few rows

/// Few rows of A meet each number of B once: all time goes into reading B. Threads take slices of k
/// then, which are one piece of memory each. Columns would be pieces of its rows, all of them at the
/// same place of a page if rows are as long as pages, so that half of a cache would stay empty.
typedef struct {
  Grid grid;
  size_t count;
  char *sums;  // C of each slice
} Slices;

enum { SLICED_COLUMNS = 4096, MOST_SLICES = 4, LEAST_DEPTH = 32 };

/// How many slices of k to cut; depends on the sizes only.
static size_t slice_count(const PlushGemm *x, PlushType type) {
  const bool fits = x->batch == 1 && x->m <= FEWEST_ROWS && x->n <= SLICED_COLUMNS && x->n > 1;
  if (!fits || x->b_column != 1 || !has_tiles(type)) return 1;
  const size_t by_work = x->m * x->n * x->k / 25000, by_depth = x->k / LEAST_DEPTH;
  const size_t most = by_work < by_depth ? by_work : by_depth;
  return most < MOST_SLICES ? most : MOST_SLICES;
}

static void multiply_slice(void *context, size_t index) {
  const Slices *slices = context;
  const PlushGemm *x = slices->grid.gemm;
  const Part depth = part(x->k, slices->count, index, 1);
  const ptrdiff_t element = (ptrdiff_t)slices->grid.element, start = (ptrdiff_t)depth.begin;
  slices->grid.kernel(&(GemmBlock){
      .m = x->m,
      .n = x->n,
      .k = depth.count,
      .a = (const char *)x->a + start * x->a_column * element,
      .a_row = x->a_row,
      .a_column = x->a_column,
      .b = (const char *)x->b + start * x->b_row * element,
      .b_row = x->b_row,
      .b_column = 1,
      .c = slices->sums + index * x->m * x->n * slices->grid.element,
      .c_row = (ptrdiff_t)x->n,
      .flat = slices->grid.flat,
  });
}

static void add_floats(const float *sums, size_t count, size_t stride, float *to, size_t n) {
  for (size_t j = 0; j < n; j++) to[j] = sums[j];
  for (size_t i = 1; i < count; i++)
    for (size_t j = 0; j < n; j++) to[j] += sums[i * stride + j];
}

static void add_doubles(const double *sums, size_t count, size_t stride, double *to, size_t n) {
  for (size_t j = 0; j < n; j++) to[j] = sums[j];
  for (size_t i = 1; i < count; i++)
    for (size_t j = 0; j < n; j++) to[j] += sums[i * stride + j];
}

static void multiply_in_slices(Slices *slices, PlushType type) {
  const PlushGemm *x = slices->grid.gemm;
  const size_t stride = x->m * x->n;
  slices->sums = plush_take_scratch(slices->count * stride * slices->grid.element);
  plush_parallel(slices->count, multiply_slice, slices);
  for (size_t i = 0; i < x->m; i++) {
    const size_t from = i * x->n;
    const ptrdiff_t to = (ptrdiff_t)i * x->c_row;
    if (type == PLUSH_FLOAT32)
      add_floats((float *)slices->sums + from, slices->count, stride, (float *)x->c + to, x->n);
    else
      add_doubles((double *)slices->sums + from, slices->count, stride, (double *)x->c + to, x->n);
  }
  plush_give_back_scratch(slices->sums);
  if (!x->epilogue) return;
  const bool transposed = slices->grid.transposed;
  x->epilogue(x->context, 0, 0, transposed ? x->n : x->m, 0, transposed ? x->m : x->n);
}

void plush_gemm(PlushType type, const PlushGemm *gemm) {
  if (gemm->batch == 0 || gemm->m == 0 || gemm->n == 0) return;
  if (type == PLUSH_BFLOAT16) return plush_gemm_bfloat16((PlushGemmTypes){type, type, type}, gemm);
  // A column is a row lying down: one way to multiply a vector is enough.
  const bool column = gemm->n == 1 && gemm->m > 1 && gemm->c_row == 1;
  const PlushGemm product = column ? transpose(gemm) : *gemm;
  const size_t slices = slice_count(&product, type);
  if (slices > 1) {
    const bool flat = is_flat(&product, product.k / slices, type);
    const Grid whole = {
        &product, plush_gemm_kernel(type), plush_type_size(type), 1, 1, column, flat};
    return multiply_in_slices(&(Slices){whole, slices, NULL}, type);
  }
  Grid grid = make_grid(&product, type);
  grid.transposed = column;
  grid.flat = is_flat(&product, product.k, type);
  widen_blocks(&grid);
  plush_parallel(product.batch * grid.rows * grid.columns, multiply_block, &grid);
}
