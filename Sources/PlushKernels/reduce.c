// Reductions along an axis: blocks of fixed size, each on one thread, then the same again over the
// results of the blocks.
#include "reduce.h"

#include <math.h>
#include <string.h>

#include "reduce_values.h"
#include "scratch.h"
#include "threads.h"

enum {
  MAX_COLUMNS = 1024,  // of a chunk
  CACHED_COLUMNS = 256,  // of a chunk if all lies in caches: most likely in the reader's own
  CACHED_ELEMENTS = 1 << 19,
  BLOCK_ELEMENTS = 32768,  // about as many of a chunk
  MIN_BLOCK_ROWS = 64,
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }

// MARK: Values

void plush_fill_identity(PlushReduction reduction, PlushType type, void *values, size_t count) {
  const int kind = (int)plush_reduction_of(reduction, type);
  const bool byte = type == PLUSH_UINT8 || type == PLUSH_BOOL;
  const float floats[] = {0, 1, -INFINITY, INFINITY};
  const double doubles[] = {0, 1, -INFINITY, INFINITY};
  const int32_t ints[] = {
      0, 1, byte ? 0 : INT32_MIN, type == PLUSH_BOOL ? 1 : byte ? UINT8_MAX : INT32_MAX,
  };
  const int64_t longs[] = {0, 1, INT64_MIN, INT64_MAX};
  for (size_t i = 0; i < count; i++) {
    switch (plush_class_of(type)) {
      case PLUSH_F32: ((float *)values)[i] = floats[kind]; break;
      case PLUSH_F64: ((double *)values)[i] = doubles[kind]; break;
      case PLUSH_I32: ((int32_t *)values)[i] = ints[kind]; break;
      case PLUSH_I64: ((int64_t *)values)[i] = longs[kind]; break;
    }
  }
}

void plush_combine(
    PlushReduction reduction, PlushClass class_, void *values, const void *others, size_t count) {
  const PlushElementwiseTable *table = plush_elementwise_table();
  const size_t whole = divided_up(count, table->lanes) * table->lanes;
  table->kernels[plush_combination(reduction)][class_](&(PlushKernelCall){
      .result = values, .operands = {values, others}, .masks = {~(size_t)0, ~(size_t)0},
      .count = whole,
  });
}

// MARK: Chunks

typedef struct {
  PlushReduction reduction;
  PlushType type, result_type;
  const char *x;
  const char *end;  // of x
  char *y;          // [outer, blocks, inner]
  size_t length, inner;
  size_t block_rows, blocks;       // along the axis
  size_t chunk_outer, outer;       // rows of an inner size of 1 go many to a chunk
  size_t columns, column_blocks;   // along the inner size
} Reduction;

/// Room for a chunk's columns and a vector more.
typedef struct {
  _Alignas(PLUSH_MAX_VECTOR) char bytes[(MAX_COLUMNS + 64) * 8];
} Line;

/// count elements from memory as values that kernels can read in whole vectors.
static const void *values_at(
    const Reduction *r, const char *from, size_t count, size_t room, Line *line) {
  const PlushClass class_ = plush_class_of(r->type);
  const bool native = r->type == plush_native_type(class_);
  if (native && from + room * plush_class_width(class_) <= r->end) return from;
  plush_elementwise_table()->fetch[r->type](line->bytes, from, 1, count);
  return line->bytes;
}

static void put_values(const Reduction *r, size_t position, const void *values, size_t count) {
  char *to = r->y + position * plush_type_size(r->result_type);
  plush_elementwise_table()->put[r->result_type](to, 1, values, count);
}

/// Adds up the rows of a block. Narrow rows are taken several at once, as one wide row.
static void reduce_columns(const Reduction *r, size_t outer, size_t block, size_t column_block) {
  const PlushElementwiseTable *table = plush_elementwise_table();
  const PlushClass class_ = plush_class_of(r->type);
  const size_t size = plush_type_size(r->type), width = plush_class_width(class_);
  const size_t first = block * r->block_rows, column = column_block * r->columns;
  const size_t columns = smaller(r->columns, r->inner - column);
  size_t rows = smaller(r->block_rows, r->length - first), group = 1;
  if (columns == r->inner) {
    while (2 * group * columns <= MAX_COLUMNS && 2 * group <= rows) group *= 2;
  }
  const size_t wide = group * columns, padded = wide + table->lanes;
  Line sums, line;
  const char *x = r->x + ((outer * r->length + first) * r->inner + column) * size;
  table->fetch[r->type](sums.bytes, x, 1, wide);
  for (size_t done = group; done < rows; done += group) {
    const size_t count = smaller(group, rows - done) * columns;
    const void *values = values_at(r, x + done * r->inner * size, count, padded, &line);
    if (count == wide) {
      plush_combine(r->reduction, class_, sums.bytes, values, count);
    } else {  // the part of the sums beyond these rows must stay
      Line rest;
      memcpy(rest.bytes, sums.bytes, wide * width);
      plush_combine(r->reduction, class_, sums.bytes, values, count);
      memcpy(sums.bytes + count * width, rest.bytes + count * width, (wide - count) * width);
    }
  }
  for (; group > 1; group /= 2) {
    const size_t half = group / 2 * columns;
    memcpy(line.bytes, sums.bytes + half * width, half * width);
    plush_combine(r->reduction, class_, sums.bytes, line.bytes, half);
  }
  put_values(r, (outer * r->blocks + block) * r->inner + column, sums.bytes, columns);
}

/// Adds up part of a row, values side by side, into one value of the class.
static void reduce_row(const Reduction *r, const char *x, size_t count, char *result) {
  const PlushElementwiseTable *table = plush_elementwise_table();
  const PlushClass class_ = plush_class_of(r->type);
  const size_t width = plush_class_width(class_);
  const bool native = r->type == plush_native_type(class_);
  const size_t piece = native ? 4 * MAX_COLUMNS : MAX_COLUMNS;
  char parts[64 * 8 + PLUSH_MAX_VECTOR];
  size_t done = 0, part = 0;
  Line line;
  while (done < count) {
    size_t next = smaller(piece, count - done);
    const char *from = x + done * plush_type_size(r->type);
    if (next > MAX_COLUMNS && from + (next + table->lanes) * width > r->end) next = MAX_COLUMNS;
    const void *values = values_at(r, from, next, next + table->lanes, &line);
    table->rows[r->reduction][class_](parts + part++ * width, values, 1, next);
    done += next;
  }
  table->rows[r->reduction][class_](result, parts, 1, part);
}

static void reduce_rows(const Reduction *r, size_t chunk) {
  const size_t width = plush_class_width(plush_class_of(r->type));
  const size_t size = plush_type_size(r->type);
  const size_t outer = chunk / r->blocks * r->chunk_outer, block = chunk % r->blocks;
  const size_t count = smaller(r->chunk_outer, r->outer - outer);
  const size_t first = block * r->block_rows;
  Line results;
  for (size_t i = 0; i < count; i++) {
    const char *x = r->x + ((outer + i) * r->length + first) * size;
    reduce_row(r, x, smaller(r->block_rows, r->length - first), results.bytes + i * width);
  }
  put_values(r, outer * r->blocks + block, results.bytes, count);
}

static void run_chunk(void *context, size_t index) {
  const Reduction *r = context;
  if (r->inner == 1) {
    reduce_rows(r, index);
  } else {
    const size_t column_block = index % r->column_blocks;
    const size_t block = index / r->column_blocks % r->blocks;
    reduce_columns(r, index / r->column_blocks / r->blocks, block, column_block);
  }
}

// MARK: Plan

static void run(Reduction *r) {
  const size_t chunks = r->inner == 1
      ? divided_up(r->outer, r->chunk_outer) * r->blocks
      : r->outer * r->blocks * r->column_blocks;
  if (r->outer * r->length * r->inner <= BLOCK_ELEMENTS) {
    for (size_t i = 0; i < chunks; i++) run_chunk(r, i);
  } else {
    plush_parallel(chunks, run_chunk, r);
  }
}

static void fill_empty(
    PlushReduction reduction, PlushType type, void *y, size_t count) {
  int64_t identity[PLUSH_MAX_VECTOR / 8];
  plush_fill_identity(reduction, type, identity, 1);
  for (size_t i = 0; i < count; i++) {
    char *to = (char *)y + i * plush_type_size(type);
    plush_elementwise_table()->put[type](to, 1, identity, 1);
  }
}

void plush_reduce(
    PlushReduction reduction, PlushType type, const void *x, void *y, size_t outer, size_t length,
    size_t inner) {
  if (outer == 0 || inner == 0) return;
  if (length == 0) {
    fill_empty(reduction, type, y, outer * inner);
    return;
  }
  const PlushClass class_ = plush_class_of(type);
  Reduction r = {
      .reduction = plush_reduction_of(reduction, type), .type = type, .result_type = type,
      .x = x, .end = (const char *)x + outer * length * inner * plush_type_size(type), .y = y,
      .length = length, .inner = inner, .outer = outer, .chunk_outer = 1,
  };
  const bool cached = outer * length * inner <= CACHED_ELEMENTS;
  r.columns = smaller(inner, cached ? CACHED_COLUMNS : MAX_COLUMNS);
  r.column_blocks = divided_up(inner, r.columns);
  r.block_rows = BLOCK_ELEMENTS / r.columns;
  if (r.block_rows < MIN_BLOCK_ROWS) r.block_rows = MIN_BLOCK_ROWS;
  r.blocks = divided_up(length, r.block_rows);
  if (inner == 1 && r.blocks == 1) {
    r.chunk_outer = smaller(MAX_COLUMNS, divided_up(BLOCK_ELEMENTS, length));
  }
  if (r.blocks == 1) {
    run(&r);
    return;
  }
  r.result_type = plush_native_type(class_);
  r.y = plush_take_scratch(outer * r.blocks * inner * plush_class_width(class_));
  run(&r);
  // The blocks' results are few: one more round, or two for billions of elements.
  char *parts = r.y, *sums = parts;
  const size_t count = outer * inner;
  if (r.result_type == type) {
    sums = y;
  }
  if (sums == y) {
    plush_reduce(r.reduction, r.result_type, parts, y, outer, r.blocks, inner);
  } else {
    sums = plush_take_scratch(count * plush_class_width(class_));
    plush_reduce(r.reduction, r.result_type, parts, sums, outer, r.blocks, inner);
    plush_elementwise_table()->put[type](y, 1, sums, count);
    plush_give_back_scratch(sums);
  }
  plush_give_back_scratch(parts);
}
