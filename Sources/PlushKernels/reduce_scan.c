// Running sums, products, maxima and minima along an axis.
#include <string.h>

#include "reduce_values.h"
#include "threads.h"

typedef struct {
  PlushReduction reduction;
  PlushType type;
  const char *x;
  char *y;
  size_t outer, length, inner;
  bool exclusive, reverse;
} Scan;

enum { COLUMNS = 256, PIECE = 512 };

typedef struct {
  _Alignas(PLUSH_MAX_VECTOR) char bytes[(PIECE + 64) * 8];
} Line;

/// Columns side by side: a running line of values.
static void scan_columns(const Scan *s, size_t outer, size_t column) {
  const PlushElementwiseTable *table = plush_elementwise_table();
  const PlushClass class_ = plush_class_of(s->type);
  const size_t size = plush_type_size(s->type);
  const size_t columns = s->inner - column < COLUMNS ? s->inner - column : COLUMNS;
  Line total, line;
  plush_fill_identity(s->reduction, s->type, total.bytes, columns);
  for (size_t i = 0; i < s->length; i++) {
    const size_t row = outer * s->length + (s->reverse ? s->length - 1 - i : i);
    const size_t at = (row * s->inner + column) * size;
    table->fetch[s->type](line.bytes, s->x + at, 1, columns);
    if (s->exclusive) table->put[s->type](s->y + at, 1, total.bytes, columns);
    plush_combine(s->reduction, class_, total.bytes, line.bytes, columns);
    if (!s->exclusive) table->put[s->type](s->y + at, 1, total.bytes, columns);
  }
}

#define RUNNING(type, name, combination)                                                   \
  static void name(type *values, type *total, size_t count, bool exclusive) {              \
    type a = *total;                                                                       \
    for (size_t i = 0; i < count; i++) {                                                   \
      const type b = values[i], before = a;                                                \
      a = combination;                                                                     \
      values[i] = exclusive ? before : a;                                                  \
    }                                                                                      \
    *total = a;                                                                            \
  }

#define RUNNING_ALL(type, arithmetic)                                                      \
  RUNNING(type, sum_##type, (type)((arithmetic)a + (arithmetic)b))                         \
  RUNNING(type, product_##type, (type)((arithmetic)a * (arithmetic)b))                     \
  RUNNING(type, max_##type, a > b || a != a ? a : b)                                       \
  RUNNING(type, min_##type, a < b || a != a ? a : b)                                       \
  static void scan_##type(                                                                 \
      PlushReduction reduction, type *values, type *total, size_t count, bool exclusive) { \
    switch (reduction) {                                                                   \
      case PLUSH_SUM: sum_##type(values, total, count, exclusive); break;                  \
      case PLUSH_PRODUCT: product_##type(values, total, count, exclusive); break;          \
      case PLUSH_MAX: max_##type(values, total, count, exclusive); break;                  \
      case PLUSH_MIN: min_##type(values, total, count, exclusive); break;                  \
    }                                                                                      \
  }

RUNNING_ALL(float, float)
RUNNING_ALL(double, double)
RUNNING_ALL(int32_t, uint32_t)
RUNNING_ALL(int64_t, uint64_t)

/// One row, values side by side; backwards by reading with stride -1.
static void scan_row(const Scan *s, size_t outer) {
  const PlushElementwiseTable *table = plush_elementwise_table();
  const size_t size = plush_type_size(s->type);
  int64_t total = 0;
  Line line;
  plush_fill_identity(s->reduction, s->type, &total, 1);
  const ptrdiff_t stride = s->reverse ? -1 : 1;
  for (size_t done = 0; done < s->length; done += PIECE) {
    const size_t count = s->length - done < PIECE ? s->length - done : PIECE;
    const size_t first = outer * s->length + (s->reverse ? s->length - 1 - done : done);
    table->fetch[s->type](line.bytes, s->x + first * size, stride, count);
    void *values = line.bytes, *sum = &total;
    switch (plush_class_of(s->type)) {
      case PLUSH_F32: scan_float(s->reduction, values, sum, count, s->exclusive); break;
      case PLUSH_F64: scan_double(s->reduction, values, sum, count, s->exclusive); break;
      case PLUSH_I32: scan_int32_t(s->reduction, values, sum, count, s->exclusive); break;
      case PLUSH_I64: scan_int64_t(s->reduction, values, sum, count, s->exclusive); break;
    }
    table->put[s->type](s->y + first * size, stride, line.bytes, count);
  }
}

static void run_chunk(void *context, size_t chunk) {
  const Scan *s = context;
  if (s->inner == 1) {
    const size_t rows = 1 + 16384 / s->length, first = chunk * rows;
    for (size_t i = first; i < first + rows && i < s->outer; i++) scan_row(s, i);
  } else {
    const size_t blocks = (s->inner + COLUMNS - 1) / COLUMNS;
    scan_columns(s, chunk / blocks, chunk % blocks * COLUMNS);
  }
}

void plush_scan(
    PlushReduction reduction, PlushType type, const void *x, void *y, size_t outer, size_t length,
    size_t inner, bool exclusive, bool reverse) {
  if (outer == 0 || length == 0 || inner == 0) return;
  Scan s = {
      plush_reduction_of(reduction, type), type, x, y, outer, length, inner, exclusive, reverse,
  };
  const size_t rows = 1 + 16384 / length;
  const size_t chunks =
      inner == 1 ? (outer + rows - 1) / rows : outer * ((inner + COLUMNS - 1) / COLUMNS);
  if (outer * length * inner <= 16384) {
    for (size_t i = 0; i < chunks; i++) run_chunk(&s, i);
  } else {
    plush_parallel(chunks, run_chunk, &s);
  }
}
