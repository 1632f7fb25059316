// Recurrent sequences step by step. A step is a matrix product with the gates' arithmetic on each
// block of it while the block is in the cache. Threads take the same units in every step, whose
// weights are packed once and stay in the thread's cache.
#include "recurrent.h"

#include <string.h>

#include "gemm_bfloat16.h"
#include "gemm_block.h"
#include "gemm_pairs.h"
#include "isa.h"
#include "recurrent_table.h"
#include "scratch.h"
#include "threads.h"

size_t plush_recurrent_gates(PlushRecurrentKind kind) {
  switch (kind) {
    case PLUSH_LSTM: return 4;
    case PLUSH_GRU:
    case PLUSH_GRU_RESET_BEFORE: return 3;
    case PLUSH_SIMPLE_RNN: return 1;
  }
  return 0;
}

size_t plush_recurrent_saved(PlushRecurrentKind kind) {
  switch (kind) {
    case PLUSH_LSTM:
    case PLUSH_GRU: return 4;
    case PLUSH_GRU_RESET_BEFORE: return 3;
    case PLUSH_SIMPLE_RNN: return 0;
  }
  return 0;
}

static const RecurrentTable *table(PlushType type) {
  if (type == PLUSH_FLOAT64) return &plush_recurrent_f64_portable;
#if defined(__x86_64__)
  if (plush_isa() == PLUSH_ISA_AVX512) return &plush_recurrent_f32_avx512;
  if (plush_isa() == PLUSH_ISA_AVX2) return &plush_recurrent_f32_avx2;
#endif
  return &plush_recurrent_f32_portable;
}

// MARK: Stages of a step

/// A product with part of U, or of its transpose, and what is done with each block of it.
typedef struct {
  size_t first, parts;  // gates of U
  bool transposed;
  char *packed;         // U by blocks of units, each [depth, columns], or in tiles of pairs; null: U
                        // is read where it lies
  RecurrentBody body;
} Stage;

typedef struct {
  RecurrentRun run;
  PlushType type;
  size_t element;
  GemmKernel multiply;
  const PairKernels *pairs;  // of products of bfloat16; null: of others
  size_t width, height;      // units and rows of a block
  size_t columns, rows;  // blocks of units and of rows
} Sequence;

enum { ROWS = 128, FEW_ROWS = 16, UNITS = 32 };

static size_t ceil_divide(size_t a, size_t b) { return (a + b - 1) / b; }

static size_t round_up(size_t a, size_t multiple) { return ceil_divide(a, multiple) * multiple; }

static size_t at_most(size_t a, size_t limit) { return a < limit ? a : limit; }

/// One of `count` equal parts of the units, in multiples of `UNITS`.
static size_t share(size_t units, size_t count, size_t most) {
  return at_most(round_up(ceil_divide(units, count), UNITS), most);
}

/// Units of a block: many where rows of the state are packed for each, few where the weights alone are
/// read, in one stream.
static size_t forward_width(const PlushRecurrence *shape) {
  const size_t gates = plush_recurrent_gates(shape->kind);
  if (shape->batch >= FEW_ROWS || shape->bfloat16) return share(shape->units, 4, 512 / gates / UNITS * UNITS);
  return gates == 1 ? 4 * UNITS : gates == 3 ? 2 * UNITS : UNITS;
}

static Sequence make_sequence(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays,
    size_t width) {
  Sequence s = {.run = {.shape = *shape, .arrays = *arrays}, .type = type};
  s.element = plush_type_size(type);
  s.multiply = plush_gemm_kernel(type);
  s.pairs = shape->bfloat16 ? plush_pair_kernels() : NULL;
  s.width = width;
  s.height = ROWS;
  s.columns = ceil_divide(shape->units, width);
  s.rows = ceil_divide(shape->batch, ROWS);
  return s;
}

static size_t gates(const Sequence *s) { return plush_recurrent_gates(s->run.shape.kind); }

/// Rows of the matrix that the stage multiplies by, and columns for each unit.
static size_t depth(const Sequence *s, const Stage *x) {
  return x->transposed ? x->parts * s->run.shape.units : s->run.shape.units;
}

static size_t parts(const Stage *x) { return x->transposed ? 1 : x->parts; }

static size_t block_units(const Sequence *s, size_t column) {
  return at_most(s->run.shape.units - column * s->width, s->width);
}

/// Columns of a part of a block: pairs are multiplied by whole squares.
static size_t block_columns(const Sequence *s, size_t column) {
  const size_t units = block_units(s, column);
  return s->pairs ? round_up(units, PAIR_SQUARE) : units;
}

/// Numbers of a column of U as it is packed.
static size_t packed_depth(const Sequence *s, const Stage *x) {
  return s->pairs ? round_up(depth(s, x), PAIR_DEPTH) : depth(s, x);
}

static size_t packed_element(const Sequence *s) { return s->pairs ? 2 : s->element; }

static char *packed_block(const Sequence *s, const Stage *x, size_t column) {
  return x->packed + column * s->width * parts(x) * packed_depth(s, x) * packed_element(s);
}

// MARK: Packing

typedef struct {
  const Sequence *sequence;
  const Stage *stage;
} Packing;

static void copy_transposed_32(
    const uint32_t *from, size_t stride, size_t rows, size_t columns, uint32_t *to) {
  for (size_t k = 0; k < columns; k += 16)
    for (size_t j = 0; j < rows; j++)
      for (size_t i = k; i < columns && i < k + 16; i++) to[i * rows + j] = from[j * stride + i];
}

static void copy_transposed_64(
    const uint64_t *from, size_t stride, size_t rows, size_t columns, uint64_t *to) {
  for (size_t k = 0; k < columns; k += 16)
    for (size_t j = 0; j < rows; j++)
      for (size_t i = k; i < columns && i < k + 16; i++) to[i * rows + j] = from[j * stride + i];
}

/// Tiles of lines side by side along k, 16 lines after the other.
static void pack_pairs(const PairKernels *pairs, const PairSource *all, bool is_a, uint32_t *to) {
  const ptrdiff_t size = (ptrdiff_t)plush_type_size(all->type);
  for (size_t line = 0; line < all->lines; line += PAIR_LINES)
    for (size_t k = 0; k < all->k; k += PAIR_DEPTH, to += PAIR_TILE) {
      PairSource tile = *all;
      tile.start = (const char *)all->start +
                   ((ptrdiff_t)line * all->line + (ptrdiff_t)k * all->depth) * size;
      tile.lines = at_most(all->lines - line, PAIR_LINES);
      tile.k = at_most(all->k - k, PAIR_DEPTH);
      pairs->pack(&tile, is_a, to);
    }
}

static void pack_block_pairs(const Sequence *s, const Stage *x, size_t column) {
  const size_t units = s->run.shape.units, row = gates(s) * units;
  const size_t stride = block_columns(s, column) * packed_depth(s, x) / 2;
  const float *u = (const float *)s->run.arrays.u + x->first * units;
  uint32_t *to = (uint32_t *)packed_block(s, x, column);
  PairSource source = {
      .type = PLUSH_FLOAT32, .lines = block_units(s, column), .k = depth(s, x)};
  for (size_t part = 0; part < parts(x); part++, to += stride) {
    const size_t unit = column * s->width;
    source.start = x->transposed ? u + unit * row : u + part * units + unit;
    source.line = x->transposed ? (ptrdiff_t)row : 1;
    source.depth = x->transposed ? 1 : (ptrdiff_t)row;
    pack_pairs(s->pairs, &source, false, to);
  }
}

static void pack_block(void *context, size_t column) {
  const Packing *packing = context;
  const Sequence *s = packing->sequence;
  const Stage *x = packing->stage;
  if (s->pairs) return pack_block_pairs(s, x, column);
  const size_t units = s->run.shape.units, row = gates(s) * units, n = block_units(s, column);
  const char *u = (const char *)s->run.arrays.u + x->first * units * s->element;
  char *to = packed_block(s, x, column);
  if (x->transposed) {
    u += column * s->width * row * s->element;
    if (s->element == 4)
      copy_transposed_32((const uint32_t *)u, row, n, depth(s, x), (uint32_t *)to);
    else
      copy_transposed_64((const uint64_t *)u, row, n, depth(s, x), (uint64_t *)to);
    return;
  }
  u += column * s->width * s->element;
  for (size_t k = 0; k < units; k++, u += row * s->element)
    for (size_t part = 0; part < x->parts; part++, to += n * s->element)
      memcpy(to, u + part * units * s->element, n * s->element);
}

static size_t packed_size(const Sequence *s, const Stage *x) {
  const size_t last = s->columns - 1;
  const size_t columns = last * s->width + block_columns(s, last);
  return columns * parts(x) * packed_depth(s, x) * packed_element(s);
}

static void pack(const Sequence *s, Stage *x, void *to) {
  x->packed = to;
  plush_parallel(s->columns, pack_block, &(Packing){s, x});
}

/// Packs into scratch memory.
static void pack_anew(const Sequence *s, Stage *x) {
  pack(s, x, plush_take_scratch(packed_size(s, x)));
}

// MARK: Steps

/// One stage of a step.
typedef struct {
  const Sequence *sequence;
  const Stage *stage;
  size_t step;
  const char *left;  // [batch, depth] with rows `stride` apart; null: the product is 0
  size_t stride;
  const char *product;  // of all rows with all of U, if it was made before
  size_t threads;       // while the step runs; others may ask for another number meanwhile
} Step;

/// Where part i of `count` begins that is cut in `parts`.
static size_t border(size_t i, size_t count, size_t parts) { return ceil_divide(i * count, parts); }

/// Chunks in the order in which the thread that takes them saw them last, so that what its cache
/// still holds comes first.
static size_t turned(size_t chunk, size_t count, size_t threads, size_t turn) {
  if (turn % 2 == 0) return chunk;
  const size_t thread = chunk * threads / count;
  return border(thread, count, threads) + border(thread + 1, count, threads) - 1 - chunk;
}

/// Where products of a block are computed: the part of the state that is on the left, U on the right.
static void multiply_block(const Step *x, size_t column, size_t row, size_t rows, void *product) {
  const Sequence *s = x->sequence;
  const size_t n = block_columns(s, column) * parts(x->stage), k = depth(s, x->stage);
  s->multiply(&(GemmBlock){
      .m = rows,
      .n = n,
      .k = k,
      .a = x->left + row * x->stride * s->element,
      .a_row = (ptrdiff_t)x->stride,
      .a_column = 1,
      .b = packed_block(s, x->stage, column),
      .b_row = (ptrdiff_t)n,
      .b_column = 1,
      .c = product,
      .c_row = (ptrdiff_t)n,
  });
}

/// The same in pairs. Rows beyond those that there are, to a multiple of a tile's, become 0.
static void multiply_block_pairs(
    const Step *x, size_t column, size_t row, size_t rows, void *product) {
  const Sequence *s = x->sequence;
  const size_t n = block_columns(s, column) * parts(x->stage);
  const size_t tiles = packed_depth(s, x->stage) / PAIR_DEPTH, step = tiles * PAIR_TILE;
  uint32_t *left = plush_take_scratch(ceil_divide(rows, PAIR_LINES) * step * sizeof *left);
  const PairSource source = {
      .type = PLUSH_FLOAT32,
      .start = (const float *)x->left + row * x->stride,
      .line = (ptrdiff_t)x->stride,
      .depth = 1,
      .lines = rows,
      .k = depth(s, x->stage),
  };
  pack_pairs(s->pairs, &source, true, left);
  s->pairs->multiply(&(PairProduct){
      .tiles = tiles,
      .a = left,
      .a_step = step,
      .b = (const uint32_t *)packed_block(s, x->stage, column),
      .b_step = step,
      .type = PLUSH_FLOAT32,
      .c = product,
      .c_row = (ptrdiff_t)n,
      .rows = round_up(rows, PAIR_LINES),
      .columns = n,
  });
  plush_give_back_scratch(left);
}

static void run_block(const Step *x, size_t place) {
  const Sequence *s = x->sequence;
  const Stage *stage = x->stage;
  const size_t column = place / s->rows, row = place % s->rows * s->height;
  const size_t part = block_columns(s, column), n = part * parts(stage);
  RecurrentBlock block = {
      .step = x->step,
      .row = row,
      .rows = at_most(s->run.shape.batch - row, s->height),
      .unit = column * s->width,
      .units = block_units(s, column),
      .row_stride = n,
      .part_stride = part,
  };
  if (x->product) {
    block.row_stride = stage->parts * s->run.shape.units;
    block.part_stride = s->run.shape.units;
    block.product = x->product + (row * block.row_stride + block.unit) * s->element;
    return stage->body(&s->run, &block);
  }
  const size_t size = round_up(block.rows, PAIR_LINES) * n * s->element;
  void *product = plush_take_scratch(size);
  if (!x->left)
    memset(product, 0, size);
  else if (s->pairs)
    multiply_block_pairs(x, column, row, block.rows, product);
  else
    multiply_block(x, column, row, block.rows, product);
  block.product = product;
  stage->body(&s->run, &block);
  plush_give_back_scratch(product);
}

static size_t block_count(const Sequence *s) { return s->columns * s->rows; }

/// Chunks of a step. Blocks of few rows are short: a thread does its own in one go. One by one, whoever
/// is done first would take one of another's, whose weights are in the other's cache.
static size_t chunk_count(const Step *x) {
  const size_t blocks = block_count(x->sequence);
  return x->sequence->run.shape.batch < FEW_ROWS ? at_most(blocks, x->threads) : blocks;
}

static void run_chunk(void *context, size_t index) {
  const Step *x = context;
  const Sequence *s = x->sequence;
  const size_t blocks = block_count(s), chunks = chunk_count(x);
  const size_t turn = x->step + s->run.arrays.turn;
  const size_t chunk = turned(index, chunks, x->threads, turn);
  const size_t begin = border(chunk, blocks, chunks), end = border(chunk + 1, blocks, chunks);
  for (size_t i = begin; i < end; i++) run_block(x, turn % 2 == 0 ? i : begin + end - 1 - i);
}

/// Work of a step, in multiplications, that is not worth a parallel region.
enum { SMALL = 20000 };

static void run_step(Step x) {
  const PlushRecurrence *shape = &x.sequence->run.shape;
  x.threads = (size_t)plush_thread_count();
  if (shape->batch * shape->units * shape->units * x.stage->parts > SMALL)
    return plush_parallel(chunk_count(&x), run_chunk, &x);
  for (size_t i = 0; i < block_count(x.sequence); i++) run_block(&x, i);
}

static void multiply_all(PlushType type, bool bfloat16, const PlushGemm *product) {
  const PlushGemmTypes rounded = {PLUSH_FLOAT32, PLUSH_FLOAT32, PLUSH_FLOAT32};
  if (bfloat16) return plush_gemm_bfloat16(rounded, product);
  plush_gemm(type, product);
}

/// The product of a stage as a whole: U is not worth packing for a step or two.
static char *multiply_whole(const Sequence *s, const Stage *stage, const void *left) {
  const size_t units = s->run.shape.units, batch = s->run.shape.batch;
  const size_t n = stage->parts * units;
  char *product = plush_take_scratch(batch * n * s->element);
  multiply_all(
      s->type, s->run.shape.bfloat16,
      &(PlushGemm){
          .batch = 1,
          .m = batch,
          .n = n,
          .k = units,
          .a = left,
          .a_row = (ptrdiff_t)units,
          .a_column = 1,
          .b = (const char *)s->run.arrays.u + stage->first * units * s->element,
          .b_row = (ptrdiff_t)(gates(s) * units),
          .b_column = 1,
          .c = product,
          .c_row = (ptrdiff_t)n,
      });
  return product;
}

// MARK: Forward

enum { FEW_STEPS = 2 };

/// The stages of a step; how many.
static size_t make_stages(const Sequence *s, Stage stages[2]) {
  const RecurrentTable *bodies = table(s->type);
  switch (s->run.shape.kind) {
    case PLUSH_LSTM: stages[0] = (Stage){.parts = 4, .body = bodies->lstm}; return 1;
    case PLUSH_GRU: stages[0] = (Stage){.parts = 3, .body = bodies->gru}; return 1;
    case PLUSH_SIMPLE_RNN: stages[0] = (Stage){.parts = 1, .body = bodies->simple}; return 1;
    case PLUSH_GRU_RESET_BEFORE:
      stages[0] = (Stage){.parts = 2, .body = bodies->reset_before[0]};
      stages[1] = (Stage){.first = 2, .parts = 1, .body = bodies->reset_before[1]};
      return 2;
  }
  return 0;
}

static bool is_empty(const PlushRecurrence *x) {
  return x->steps == 0 || x->batch == 0 || x->units == 0;
}

static Sequence make_forward_sequence(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays) {
  return make_sequence(type, shape, arrays, forward_width(shape));
}

/// Gives the stages what was packed before, if it was, or packs.
static void take_packed(const Sequence *s, Stage stages[2], size_t count) {
  char *from = (char *)s->run.arrays.packed;
  for (size_t i = 0; i < count; i++)
    if (from) {
      stages[i].packed = from;
      from += packed_size(s, &stages[i]);
    } else {
      pack_anew(s, &stages[i]);
    }
}

static void run_forward(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays, bool packs) {
  Sequence s = make_forward_sequence(type, shape, arrays);
  const size_t state = shape->batch * shape->units * s.element;
  Stage stages[2];
  const size_t count = make_stages(&s, stages);
  if (count == 2) s.run.reset = plush_take_scratch(state);
  if (packs) take_packed(&s, stages, count);
  for (size_t step = 0; step < shape->steps; step++)
    for (size_t i = 0; i < count; i++) {
      const char *before =
          step == 0 ? arrays->h0 : (const char *)arrays->h + (step - 1) * state;
      Step x = {&s, &stages[i], step, i == 0 ? before : s.run.reset, shape->units};
      char *product = packs ? NULL : multiply_whole(&s, &stages[i], x.left);
      x.product = product;
      run_step(x);
      plush_give_back_scratch(product);
    }
  for (size_t i = 0; packs && !arrays->packed && i < count; i++)
    plush_give_back_scratch(stages[i].packed);
  plush_give_back_scratch(s.run.reset);
}

void plush_recurrent(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays) {
  if (is_empty(shape)) return;
  run_forward(type, shape, arrays, arrays->packed || plush_recurrent_packs(shape));
}

bool plush_recurrent_packs(const PlushRecurrence *shape) { return shape->steps > FEW_STEPS; }

size_t plush_recurrent_packed_size(PlushType type, const PlushRecurrence *shape) {
  if (is_empty(shape)) return 0;
  const Sequence s = make_forward_sequence(type, shape, &(PlushRecurrentArrays){0});
  Stage stages[2];
  const size_t count = make_stages(&s, stages);
  size_t size = 0;
  for (size_t i = 0; i < count; i++) size += packed_size(&s, &stages[i]);
  return size;
}

void plush_recurrent_pack(
    PlushType type, const PlushRecurrence *shape, const void *u, void *packed) {
  if (is_empty(shape)) return;
  const Sequence s = make_forward_sequence(type, shape, &(PlushRecurrentArrays){.u = u});
  Stage stages[2];
  const size_t count = make_stages(&s, stages);
  char *to = packed;
  for (size_t i = 0; i < count; i++) {
    pack(&s, &stages[i], to);
    to += packed_size(&s, &stages[i]);
  }
}

// MARK: Gradient

static size_t make_gradient_stages(const Sequence *s, Stage stages[2]) {
  const RecurrentTable *bodies = table(s->type);
  const size_t all = gates(s);
  switch (s->run.shape.kind) {
    case PLUSH_LSTM:
      stages[0] = (Stage){.parts = all, .transposed = true, .body = bodies->lstm_gradient};
      return 1;
    case PLUSH_GRU:
      stages[0] = (Stage){.parts = all, .transposed = true, .body = bodies->gru_gradient};
      return 1;
    case PLUSH_SIMPLE_RNN:
      stages[0] = (Stage){.parts = all, .transposed = true, .body = bodies->simple_gradient};
      return 1;
    case PLUSH_GRU_RESET_BEFORE:
      stages[0] = (Stage){
          .parts = 2, .transposed = true, .body = bodies->reset_before_gradient[0]};
      stages[1] = (Stage){
          .first = 2, .parts = 1, .transposed = true, .body = bodies->reset_before_gradient[1]};
      return 2;
  }
  return 0;
}

static void add_product_f32(const RecurrentRun *run, const RecurrentBlock *b) {
  for (size_t i = 0; i < b->rows; i++) {
    const float *product = (const float *)b->product + i * b->row_stride;
    float *to = (float *)run->gradients.dh0 + (b->row + i) * run->shape.units + b->unit;
    for (size_t j = 0; j < b->units; j++) to[j] += product[j];
  }
}

static void add_product_f64(const RecurrentRun *run, const RecurrentBlock *b) {
  for (size_t i = 0; i < b->rows; i++) {
    const double *product = (const double *)b->product + i * b->row_stride;
    double *to = (double *)run->gradients.dh0 + (b->row + i) * run->shape.units + b->unit;
    for (size_t j = 0; j < b->units; j++) to[j] += product[j];
  }
}

/// Gradients of no step yet, and the stages with U packed; how many stages. What states carry from
/// step to step has a place even if nobody asks for it at the end.
static size_t begin_gradient(Sequence *s, Stage stages[2]) {
  PlushRecurrentGradients *gradients = &s->run.gradients;
  const size_t state = s->run.shape.batch * s->run.shape.units * s->element;
  const bool has_cells = s->run.shape.kind == PLUSH_LSTM;
  if (!gradients->dh0) gradients->dh0 = plush_take_scratch(state);
  if (has_cells && !gradients->dc0) gradients->dc0 = plush_take_scratch(state);
  memset(gradients->dh0, 0, state);
  if (has_cells) memset(gradients->dc0, 0, state);
  if (s->run.shape.steps == 0) return 0;
  const size_t count = make_gradient_stages(s, stages);
  for (size_t i = 0; i < count; i++) pack_anew(s, &stages[i]);
  return count;
}

/// Gradients where h meets U.
static const char *arriving(const Sequence *s) {
  return s->run.gradients.du ? s->run.gradients.du : s->run.gradients.dx;
}

/// All steps, the last first, with those of the step after the last if there is one.
static void run_backward(const Sequence *s, const Stage stages[2], size_t count, bool is_end) {
  const PlushRecurrence *shape = &s->run.shape;
  const size_t all = gates(s) * shape->units, line = shape->batch * all * s->element;
  for (size_t step = shape->steps; step-- > 0;) {
    const bool is_last = is_end && step + 1 == shape->steps;
    const char *after = is_last ? NULL : arriving(s) + (step + 1) * line;
    run_step((Step){s, &stages[0], step, after, all});
    if (count == 1) continue;
    const char *candidate =
        (const char *)s->run.gradients.dx + step * line + 2 * shape->units * s->element;
    run_step((Step){s, &stages[1], step, candidate, all});
  }
}

/// The gradient of the first state, if somebody asks for it.
static void end_gradient(
    const Sequence *s, Stage stages[2], size_t count, const PlushRecurrentGradients *asked) {
  stages[0].body = s->type == PLUSH_FLOAT64 ? add_product_f64 : add_product_f32;
  if (count > 0 && asked->dh0)
    run_step((Step){s, &stages[0], 0, arriving(s), gates(s) * s->run.shape.units});
  for (size_t i = 0; i < count; i++) plush_give_back_scratch(stages[i].packed);
  if (!asked->dh0) plush_give_back_scratch(s->run.gradients.dh0);
  if (!asked->dc0) plush_give_back_scratch(s->run.gradients.dc0);
}

static Sequence make_gradient_sequence(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays,
    const PlushRecurrentGradients *gradients) {
  Sequence s = make_sequence(type, shape, arrays, share(shape->units, 2, 256));
  s.run.gradients = *gradients;
  return s;
}

void plush_recurrent_gradient(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays,
    const PlushRecurrentGradients *gradients) {
  if (shape->batch == 0 || shape->units == 0) return;
  Sequence s = make_gradient_sequence(type, shape, arrays, gradients);
  Stage stages[2];
  const size_t count = begin_gradient(&s, stages);
  run_backward(&s, stages, count, true);
  end_gradient(&s, stages, count, gradients);
}

// MARK: In chunks

/// Some steps of a sequence.
typedef struct {
  PlushRecurrence shape;
  PlushRecurrentArrays arrays;
} Chunk;

static const void *at(const void *base, size_t offset) {
  return base ? (const char *)base + offset : NULL;
}

static size_t sequence_chunks(const PlushRecurrence *shape, const PlushRecurrentInputs *inputs) {
  return ceil_divide(shape->steps, inputs->chunk);
}

typedef struct {
  PlushType type;
  const void *bias;
  char *rows;
  size_t columns;
} Bias;

static void add_bias(
    void *context, size_t batch, size_t row, size_t rows, size_t column, size_t columns) {
  (void)batch;
  const Bias *x = context;
  for (size_t i = row; i < row + rows; i++)
    for (size_t j = column; j < column + columns; j++)
      if (x->type == PLUSH_FLOAT64)
        ((double *)x->rows)[i * x->columns + j] += ((const double *)x->bias)[j];
      else
        ((float *)x->rows)[i * x->columns + j] += ((const float *)x->bias)[j];
}

/// Products of the inputs of the chunk.
static void project(
    PlushType type, const PlushRecurrentInputs *inputs, size_t begin, Chunk *chunk) {
  const PlushRecurrence *shape = &chunk->shape;
  const size_t element = plush_type_size(type), rows = shape->steps * shape->batch;
  const size_t columns = plush_recurrent_gates(shape->kind) * shape->units;
  const size_t features = inputs->features;
  char *x = plush_take_scratch(rows * columns * element);
  Bias bias = {type, inputs->bias, x, columns};
  multiply_all(
      type, shape->bfloat16,
      &(PlushGemm){
          .batch = 1,
          .m = rows,
          .n = columns,
          .k = features,
          .a = at(inputs->input, begin * shape->batch * features * element),
          .a_row = (ptrdiff_t)features,
          .a_column = 1,
          .b = inputs->w,
          .b_row = (ptrdiff_t)columns,
          .b_column = 1,
          .c = x,
          .c_row = (ptrdiff_t)columns,
          .epilogue = inputs->bias ? add_bias : NULL,
          .context = &bias,
      });
  chunk->arrays.x = x;
}

/// Computes a chunk: its states, cells, and with `saves` what the gradient needs, in scratch memory.
static Chunk compute_chunk(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentInputs *inputs,
    const PlushRecurrentArrays *arrays, size_t index, bool saves) {
  const size_t begin = index * inputs->chunk, left = shape->steps - begin;
  const size_t state = shape->batch * shape->units * plush_type_size(type);
  Chunk chunk = {.shape = *shape, .arrays = *arrays};
  chunk.shape.steps = left < inputs->chunk ? left : inputs->chunk;
  const size_t states = chunk.shape.steps * state;
  chunk.arrays.mask = at(arrays->mask, begin * shape->batch);
  if (index > 0) {
    chunk.arrays.h0 = at(arrays->h, (begin - 1) * state);
    chunk.arrays.c0 = at(arrays->c, (index - 1) * state);
  }
  chunk.arrays.h = saves ? plush_take_scratch(states) : (char *)arrays->h + begin * state;
  chunk.arrays.c = arrays->c ? plush_take_scratch(states) : NULL;
  chunk.arrays.saved =
      saves ? plush_take_scratch(states * plush_recurrent_saved(shape->kind)) : NULL;
  project(type, inputs, begin, &chunk);
  run_forward(type, &chunk.shape, &chunk.arrays, shape->steps > FEW_STEPS);
  return chunk;
}

void plush_recurrent_chunks(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentInputs *inputs,
    const PlushRecurrentArrays *arrays) {
  if (is_empty(shape)) return;
  const size_t state = shape->batch * shape->units * plush_type_size(type);
  for (size_t index = 0; index < sequence_chunks(shape, inputs); index++) {
    Chunk chunk = compute_chunk(type, shape, inputs, arrays, index, false);
    if (arrays->c)
      memcpy(
          (char *)arrays->c + index * state, at(chunk.arrays.c, (chunk.shape.steps - 1) * state),
          state);
    plush_give_back_scratch(chunk.arrays.c);
    plush_give_back_scratch((void *)chunk.arrays.x);
  }
}

/// The gradient at the cells of a chunk, of which only the last are kept: in scratch memory.
static void *spread(const void *last, size_t steps, size_t state) {
  if (!last) return NULL;
  char *all = plush_take_scratch(steps * state);
  memset(all, 0, (steps - 1) * state);
  memcpy(all + (steps - 1) * state, last, state);
  return all;
}

void plush_recurrent_chunks_gradient(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentInputs *inputs,
    const PlushRecurrentArrays *arrays, const PlushRecurrentGradients *gradients) {
  if (shape->batch == 0 || shape->units == 0) return;
  Sequence s = make_gradient_sequence(type, shape, arrays, gradients);
  const size_t state = shape->batch * shape->units * s.element, line = state * gates(&s);
  Stage stages[2];
  const size_t count = begin_gradient(&s, stages), chunks = sequence_chunks(shape, inputs);
  for (size_t index = chunks; index-- > 0;) {
    const size_t begin = index * inputs->chunk;
    Chunk chunk = compute_chunk(type, shape, inputs, arrays, index, true);
    s.run.shape = chunk.shape;
    s.run.arrays = chunk.arrays;
    s.run.gradients.dh = at(gradients->dh, begin * state);
    s.run.gradients.dx = (void *)at(gradients->dx, begin * line);
    s.run.gradients.du = (void *)at(gradients->du, begin * line);
    void *dc = spread(at(gradients->dc, index * state), chunk.shape.steps, state);
    s.run.gradients.dc = dc;
    run_backward(&s, stages, count, index + 1 == chunks);
    plush_give_back_scratch(dc);
    plush_give_back_scratch((void *)chunk.arrays.x);
    plush_give_back_scratch(chunk.arrays.saved);
    plush_give_back_scratch(chunk.arrays.c);
    plush_give_back_scratch(chunk.arrays.h);
  }
  end_gradient(&s, stages, count, gradients);
}
