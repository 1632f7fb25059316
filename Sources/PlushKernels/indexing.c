// Gathering and scattering. Chunks of scatters own parts of the result, so every sum has one order.
#include "indexing.h"

#include <stdbool.h>
#include <string.h>

#include "elementwise_table.h"
#include "scratch.h"
#include "threads.h"

typedef void (*AddRow)(void *y, const void *x, size_t count);

typedef struct {
  PlushType type;
  const char *x;
  const int32_t *indices;
  char *y;
  size_t outer, length, inner, count;
  size_t size;  // of an element
  size_t part, parts;  // rows or columns of a chunk, and chunks per outer row
  AddRow add;  // of scatters
} Indexing;

enum { CHUNK_BYTES = 65536, MAX_PARTS = 16 };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }

/// Position of the first index outside 0..<length, or -1.
static ptrdiff_t first_outside(const int32_t *indices, size_t count, size_t length) {
  enum { PIECE = 1024 };
  const uint32_t limit = length > INT32_MAX ? (uint32_t)INT32_MAX + 1 : (uint32_t)length;
  for (size_t first = 0; first < count; first += PIECE) {
    const size_t end = first + smaller(PIECE, count - first);
    int outside = 0;
    for (size_t i = first; i < end; i++) outside |= (uint32_t)indices[i] >= limit;
    for (size_t i = first; outside && i < end; i++) {
      if ((uint32_t)indices[i] >= limit) return (ptrdiff_t)i;
    }
  }
  return -1;
}

/// What the four functions below are asked for.
static Indexing indexing_of(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count) {
  return (Indexing){
      .type = type, .x = x, .indices = indices, .y = y, .outer = outer, .length = length,
      .inner = inner, .count = count, .size = plush_type_size(type),
  };
}

static void run(size_t chunks, size_t bytes, void (*body)(void *, size_t), Indexing *indexing) {
  if (bytes <= 2 * CHUNK_BYTES) {
    for (size_t i = 0; i < chunks; i++) body(indexing, i);
  } else {
    plush_parallel(chunks, body, indexing);
  }
}

// MARK: Gather

#define GATHER_SIZE(type)                                                                  \
  static void gather_##type(                                                               \
      type *y, const type *x, const int32_t *indices, size_t count, size_t stride) {       \
    for (size_t i = 0; i < count; i++) y[i] = x[(size_t)indices[i] * stride];              \
  }

GATHER_SIZE(uint8_t)
GATHER_SIZE(uint16_t)
GATHER_SIZE(uint32_t)
GATHER_SIZE(uint64_t)

/// y[i] = x[indices[i] * stride]
static void gather_elements_of_size(
    size_t size, void *y, const void *x, const int32_t *indices, size_t count, size_t stride) {
  switch (size) {
    case 1: gather_uint8_t(y, x, indices, count, stride); break;
    case 2: gather_uint16_t(y, x, indices, count, stride); break;
    case 4: gather_uint32_t(y, x, indices, count, stride); break;
    default: gather_uint64_t(y, x, indices, count, stride); break;
  }
}

static void gather_chunk(void *context, size_t chunk) {
  const Indexing *g = context;
  const size_t outer = chunk / g->parts, first = chunk % g->parts * g->part;
  const size_t count = smaller(g->part, g->count - first), row = g->inner * g->size;
  const char *x = g->x + outer * g->length * row;
  char *y = g->y + (outer * g->count + first) * row;
  const int32_t *indices = g->indices + first;
  if (g->inner == 1) {
    gather_elements_of_size(g->size, y, x, indices, count, 1);
  } else {
    for (size_t i = 0; i < count; i++) memcpy(y + i * row, x + (size_t)indices[i] * row, row);
  }
}

ptrdiff_t plush_gather(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count) {
  const ptrdiff_t outside = first_outside(indices, count, length);
  if (outside >= 0 || outer == 0 || inner == 0 || count == 0) return outside;
  Indexing g = indexing_of(type, x, indices, y, outer, length, inner, count);
  g.part = divided_up(CHUNK_BYTES, inner * g.size);
  g.parts = divided_up(count, g.part);
  run(outer * g.parts, outer * count * inner * g.size, gather_chunk, &g);
  return -1;
}

static void gather_elements_chunk(void *context, size_t chunk) {
  const Indexing *g = context;
  const size_t outer = chunk / g->parts, first = chunk % g->parts * g->part;
  const size_t count = smaller(g->part, g->count - first);
  const char *x = g->x + outer * g->length * g->inner * g->size;
  for (size_t i = 0; i < count; i++) {
    const size_t row = (outer * g->count + first + i) * g->inner;
    if (g->inner == 1) {
      gather_elements_of_size(
          g->size, g->y + row * g->size, x, g->indices + row, count, 1);
      return;
    }
    for (size_t j = 0; j < g->inner; j++) {
      const size_t from = (size_t)g->indices[row + j] * g->inner + j;
      memcpy(g->y + (row + j) * g->size, x + from * g->size, g->size);
    }
  }
}

ptrdiff_t plush_gather_elements(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count) {
  const ptrdiff_t outside = first_outside(indices, outer * count * inner, length);
  if (outside >= 0 || outer == 0 || inner == 0 || count == 0) return outside;
  Indexing g = indexing_of(type, x, indices, y, outer, length, inner, count);
  g.part = divided_up(CHUNK_BYTES, inner * g.size);
  g.parts = divided_up(count, g.part);
  run(outer * g.parts, outer * count * inner * g.size, gather_elements_chunk, &g);
  return -1;
}

// MARK: Scatter

#define ADD_ROW(type, name, expression)                                                    \
  static void name(void *y, const void *x, size_t count) {                                 \
    type *to = y;                                                                          \
    const type *from = x;                                                                  \
    for (size_t i = 0; i < count; i++) {                                                   \
      const type a = to[i], b = from[i];                                                   \
      to[i] = expression;                                                                  \
    }                                                                                      \
  }

ADD_ROW(float, add_floats, a + b)
ADD_ROW(double, add_doubles, a + b)
ADD_ROW(uint32_t, add_ints, a + b)
ADD_ROW(uint64_t, add_longs, a + b)
ADD_ROW(uint8_t, add_bytes, (uint8_t)(a + b))
ADD_ROW(uint8_t, add_bools, a | b)

static AddRow add_row_of(PlushType type) {
  switch (type) {
    case PLUSH_FLOAT64: return add_doubles;
    case PLUSH_INT32: return add_ints;
    case PLUSH_INT64: return add_longs;
    case PLUSH_UINT8: return add_bytes;
    case PLUSH_BOOL: return add_bools;
    default: return add_floats;
  }
}

/// Halves add up in float32.
static bool is_half(PlushType type) { return type == PLUSH_FLOAT16 || type == PLUSH_BFLOAT16; }

enum { PIECE = 256 };

static char *zeros(size_t size) { return memset(plush_take_scratch(size), 0, size); }

/// Bytes of a sum.
static size_t sum_width(const Indexing *s) { return is_half(s->type) ? sizeof(float) : s->size; }

/// sums[i] += x[i]
static void add_row(const Indexing *s, char *sums, const char *x, size_t count) {
  if (!is_half(s->type)) {
    s->add(sums, x, count);
    return;
  }
  for (size_t i = 0; i < count; i += PIECE) {
    float line[PIECE + PLUSH_MAX_VECTOR];
    const size_t part = smaller(PIECE, count - i);
    plush_elementwise_table()->fetch[s->type](line, x + i * s->size, 1, part);
    add_floats(sums + i * sizeof *line, line, part);
  }
}

/// y[i] = sums[i]
static void store_row(const Indexing *s, char *y, const char *sums, size_t count) {
  if (!is_half(s->type)) {
    memcpy(y, sums, count * s->size);
    return;
  }
  for (size_t i = 0; i < count; i += PIECE) {
    float line[PIECE + PLUSH_MAX_VECTOR];  // kernels read whole vectors
    const size_t part = smaller(PIECE, count - i);
    memcpy(line, sums + i * sizeof *line, part * sizeof *line);
    plush_elementwise_table()->put[s->type](y + i * s->size, 1, line, part);
  }
}

/// A chunk owns a range of the rows of y and goes through all indices.
static void scatter_chunk(void *context, size_t chunk) {
  const Indexing *s = context;
  const size_t outer = chunk / s->parts, first = chunk % s->parts * s->part;
  const size_t rows = smaller(s->part, s->length - first), row = s->inner * s->size;
  const size_t sums_row = s->inner * sum_width(s);
  const char *x = s->x + outer * s->count * row;
  char *y = s->y + (outer * s->length + first) * row;
  char *sums = is_half(s->type) ? zeros(rows * sums_row) : memset(y, 0, rows * row);
  for (size_t i = 0; i < s->count; i++) {
    const size_t to = (size_t)s->indices[i] - first;
    if (to < rows) add_row(s, sums + to * sums_row, x + i * row, s->inner);
  }
  if (sums == y) return;
  store_row(s, y, sums, rows * s->inner);
  plush_give_back_scratch(sums);
}

ptrdiff_t plush_scatter_add(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count) {
  const ptrdiff_t outside = first_outside(indices, count, length);
  if (outside >= 0 || outer == 0 || inner == 0 || length == 0) return outside;
  Indexing s = indexing_of(type, x, indices, y, outer, length, inner, count);
  s.add = add_row_of(type);
  const size_t smallest = divided_up(CHUNK_BYTES, inner * s.size);
  s.part = divided_up(length, MAX_PARTS);
  if (s.part < smallest) s.part = smallest;
  s.parts = divided_up(length, s.part);
  run(outer * s.parts, outer * (length + count) * inner * s.size, scatter_chunk, &s);
  return -1;
}

/// A chunk owns some columns of y and adds up in them; halves in columns of their own.
static void scatter_elements_chunk(void *context, size_t chunk) {
  const Indexing *s = context;
  const size_t outer = chunk / s->parts, first = chunk % s->parts * s->part;
  const size_t columns = smaller(s->part, s->inner - first), width = sum_width(s);
  const bool half = is_half(s->type);
  char *y = s->y + (outer * s->length * s->inner + first) * s->size;
  char *sums = half ? zeros(s->length * columns * width) : y;
  const size_t stride = half ? columns : s->inner;
  for (size_t i = 0; !half && i < s->length; i++) {
    memset(y + i * stride * width, 0, columns * width);
  }
  for (size_t i = 0; i < s->count; i++) {
    const size_t row = (outer * s->count + i) * s->inner + first;
    for (size_t j = 0; j < columns; j++) {
      const size_t to = (size_t)s->indices[row + j] * stride + j;
      add_row(s, sums + to * width, s->x + (row + j) * s->size, 1);
    }
  }
  if (!half) return;
  for (size_t i = 0; i < s->length; i++) {
    store_row(s, y + i * s->inner * s->size, sums + i * columns * width, columns);
  }
  plush_give_back_scratch(sums);
}

ptrdiff_t plush_scatter_add_elements(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count) {
  const ptrdiff_t outside = first_outside(indices, outer * count * inner, length);
  if (outside >= 0 || outer == 0 || inner == 0 || length == 0) return outside;
  Indexing s = indexing_of(type, x, indices, y, outer, length, inner, count);
  s.add = add_row_of(type);
  s.part = smaller(inner, 64);
  s.parts = divided_up(inner, s.part);
  run(outer * s.parts, outer * (length + count) * inner * s.size, scatter_elements_chunk, &s);
  return -1;
}
