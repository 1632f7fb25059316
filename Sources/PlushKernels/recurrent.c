// Recurrent sequences step by step. A step is a matrix product with the gates' arithmetic on each
// block of it while the block is in the cache. Threads take the same units in every step, whose
// weights are packed once and stay in the thread's cache.
#include "recurrent.h"

#include <string.h>

#include "gemm.h"
#include "gemm_block.h"
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
  char *packed;         // U by blocks of units, each [depth, columns]; null: U is read where it lies
  RecurrentBody body;
} Stage;

typedef struct {
  RecurrentRun run;
  PlushType type;
  size_t element;
  GemmKernel multiply;
  size_t width, height;  // units and rows of a block
  size_t columns, rows;  // blocks of units and of rows
} Sequence;

enum { COLUMNS = 128, ROWS = 128 };

static size_t ceil_divide(size_t a, size_t b) { return (a + b - 1) / b; }

static Sequence make_sequence(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays,
    size_t width) {
  Sequence s = {.run = {.shape = *shape, .arrays = *arrays}, .type = type};
  s.element = plush_type_size(type);
  s.multiply = plush_gemm_kernel(type);
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
  const size_t left = s->run.shape.units - column * s->width;
  return left < s->width ? left : s->width;
}

static char *packed_block(const Sequence *s, const Stage *x, size_t column) {
  return x->packed + column * s->width * parts(x) * depth(s, x) * s->element;
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

static void pack_block(void *context, size_t column) {
  const Packing *packing = context;
  const Sequence *s = packing->sequence;
  const Stage *x = packing->stage;
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

static void pack(const Sequence *s, Stage *x) {
  const size_t units = s->run.shape.units;
  x->packed = plush_take_scratch(units * x->parts * units * s->element);
  plush_parallel(s->columns, pack_block, &(Packing){s, x});
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
} Step;

/// Blocks in the order in which the thread that takes them saw them last, so that what its cache
/// still holds comes first.
static size_t turned(size_t chunk, size_t count, size_t step) {
  if (step % 2 == 0) return chunk;
  const size_t threads = (size_t)plush_thread_count();
  const size_t thread = chunk * threads / count;
  const size_t begin = ceil_divide(thread * count, threads);
  const size_t end = ceil_divide((thread + 1) * count, threads);
  return begin + end - 1 - chunk;
}

static void run_block(void *context, size_t chunk) {
  const Step *x = context;
  const Sequence *s = x->sequence;
  const Stage *stage = x->stage;
  const size_t place = turned(chunk, s->columns * s->rows, x->step);
  const size_t column = place / s->rows, row = place % s->rows * s->height;
  const size_t units = block_units(s, column), n = units * parts(stage);
  const size_t left_rows = s->run.shape.batch - row;
  RecurrentBlock block = {
      .step = x->step,
      .row = row,
      .rows = left_rows < s->height ? left_rows : s->height,
      .unit = column * s->width,
      .units = units,
      .row_stride = n,
      .part_stride = units,
  };
  if (x->product) {
    block.row_stride = stage->parts * s->run.shape.units;
    block.part_stride = s->run.shape.units;
    block.product = x->product + (row * block.row_stride + block.unit) * s->element;
    return stage->body(&s->run, &block);
  }
  void *product = plush_take_scratch(block.rows * n * s->element);
  if (x->left)
    s->multiply(&(GemmBlock){
        .m = block.rows,
        .n = n,
        .k = depth(s, stage),
        .a = x->left + row * x->stride * s->element,
        .a_row = (ptrdiff_t)x->stride,
        .a_column = 1,
        .b = packed_block(s, stage, column),
        .b_row = (ptrdiff_t)n,
        .b_column = 1,
        .c = product,
        .c_row = (ptrdiff_t)n,
    });
  else
    memset(product, 0, block.rows * n * s->element);
  block.product = product;
  stage->body(&s->run, &block);
  plush_give_back_scratch(product);
}

/// Work of a step, in multiplications, that is not worth a parallel region.
enum { SMALL = 20000 };

static void run_step(const Step *x) {
  const Sequence *s = x->sequence;
  const PlushRecurrence *shape = &s->run.shape;
  const size_t count = s->columns * s->rows;
  if (shape->batch * shape->units * shape->units * x->stage->parts > SMALL)
    return plush_parallel(count, run_block, (void *)x);
  for (size_t chunk = 0; chunk < count; chunk++) run_block((void *)x, chunk);
}

/// The product of a stage as a whole: U is not worth packing for a step or two.
static char *multiply_whole(const Sequence *s, const Stage *stage, const void *left) {
  const size_t units = s->run.shape.units, batch = s->run.shape.batch;
  const size_t n = stage->parts * units;
  char *product = plush_take_scratch(batch * n * s->element);
  plush_gemm(
      s->type, &(PlushGemm){
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

void plush_recurrent(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays) {
  if (is_empty(shape)) return;
  const size_t width = COLUMNS / (plush_recurrent_gates(shape->kind) == 1   ? 1
                                  : plush_recurrent_gates(shape->kind) == 3 ? 2
                                                                            : 4);
  Sequence s = make_sequence(type, shape, arrays, width);
  const size_t state = shape->batch * shape->units * s.element;
  Stage stages[2];
  const size_t count = make_stages(&s, stages);
  const bool packs = shape->steps > FEW_STEPS;
  if (count == 2) s.run.reset = plush_take_scratch(state);
  for (size_t i = 0; packs && i < count; i++) pack(&s, &stages[i]);
  for (size_t step = 0; step < shape->steps; step++)
    for (size_t i = 0; i < count; i++) {
      const char *before =
          step == 0 ? arrays->h0 : (const char *)arrays->h + (step - 1) * state;
      Step x = {&s, &stages[i], step, i == 0 ? before : s.run.reset, shape->units, NULL};
      char *product = packs ? NULL : multiply_whole(&s, &stages[i], x.left);
      x.product = product;
      run_step(&x);
      plush_give_back_scratch(product);
    }
  for (size_t i = 0; packs && i < count; i++) plush_give_back_scratch(stages[i].packed);
  plush_give_back_scratch(s.run.reset);
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

void plush_recurrent_gradient(
    PlushType type, const PlushRecurrence *shape, const PlushRecurrentArrays *arrays,
    const PlushRecurrentGradients *gradients) {
  if (shape->batch == 0 || shape->units == 0) return;
  Sequence s = make_sequence(type, shape, arrays, COLUMNS);
  s.run.gradients = *gradients;
  const size_t all = gates(&s) * shape->units, line = shape->batch * all * s.element;
  const size_t state = shape->batch * shape->units * s.element;
  memset(gradients->dh0, 0, state);
  if (gradients->dc0) memset(gradients->dc0, 0, state);
  if (shape->steps == 0) return;
  Stage stages[2];
  const size_t count = make_gradient_stages(&s, stages);
  for (size_t i = 0; i < count; i++) pack(&s, &stages[i]);
  const char *arriving = gradients->du ? gradients->du : gradients->dx;
  for (size_t step = shape->steps; step-- > 0;) {
    const char *after = step + 1 == shape->steps ? NULL : arriving + (step + 1) * line;
    run_step(&(Step){&s, &stages[0], step, after, all, NULL});
    if (count == 1) continue;
    const char *candidate =
        (const char *)gradients->dx + step * line + 2 * shape->units * s.element;
    run_step(&(Step){&s, &stages[1], step, candidate, all, NULL});
  }
  stages[0].body = type == PLUSH_FLOAT64 ? add_product_f64 : add_product_f32;
  run_step(&(Step){&s, &stages[0], 0, arriving, all, NULL});
  for (size_t i = 0; i < count; i++) plush_give_back_scratch(stages[i].packed);
}
