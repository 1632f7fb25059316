// Index of the first largest or smallest element along an axis.
#include <string.h>

#include "reduce_values.h"
#include "threads.h"

typedef struct {
  bool smallest;
  PlushType type;
  const char *x;
  int32_t *y;
  size_t outer, length, inner;
} Search;

enum { COLUMNS = 256 };

/// Whether a new value takes the place of the best one: the first NaN does, and stays.
#define BETTER(smallest, value, best) \
  ((best) == (best) && ((smallest) ? !((value) >= (best)) : !((value) <= (best))))

#define SEARCH(type)                                                                       \
  static void search_##type(                                                               \
      bool smallest, const type *values, type *best, int32_t *index, int32_t position,     \
      size_t columns) {                                                                    \
    for (size_t j = 0; j < columns; j++) {                                                 \
      const bool better = BETTER(smallest, values[j], best[j]);                            \
      best[j] = better ? values[j] : best[j];                                              \
      index[j] = better ? position : index[j];                                             \
    }                                                                                      \
  }                                                                                        \
  static int32_t first_##type(const type *values, type wanted, size_t count) {             \
    size_t i = 0;                                                                          \
    for (; i + 64 <= count; i += 64) {                                                     \
      int found = 0;                                                                       \
      for (size_t k = 0; k < 64; k++) {                                                    \
        found |= wanted == wanted ? values[i + k] == wanted : values[i + k] != values[i + k]; \
      }                                                                                    \
      if (found) break;                                                                    \
    }                                                                                      \
    while (i < count && values[i] != wanted && (wanted == wanted || values[i] == values[i])) i++; \
    return i < count ? (int32_t)i : -1;                                                    \
  }

SEARCH(float)
SEARCH(double)
SEARCH(int32_t)
SEARCH(int64_t)

/// One row, values side by side: the extreme value first, which is fast, then its position.
static int32_t search_row(const Search *s, const char *x) {
  enum { PIECE = 1024 };
  const PlushElementwiseTable *table = plush_elementwise_table();
  const PlushClass class_ = plush_class_of(s->type);
  const PlushReduction reduction = s->smallest ? PLUSH_MIN : PLUSH_MAX;
  _Alignas(PLUSH_MAX_VECTOR) char values[(PIECE + 64) * 8];
  _Alignas(PLUSH_MAX_VECTOR) char best[PLUSH_MAX_VECTOR], next[PLUSH_MAX_VECTOR];
  int32_t index = 0;
  for (size_t done = 0; done < s->length; done += PIECE) {
    const size_t count = s->length - done < PIECE ? s->length - done : PIECE;
    table->fetch[s->type](values, x + done * plush_type_size(s->type), 1, count);
    table->rows[reduction][class_](next, values, 1, count);
    int32_t changed = done == 0 ? 0 : -1;
    if (done == 0) memcpy(best, next, sizeof best);
    int32_t position = 0;
    switch (class_) {
      case PLUSH_F32:
        search_float(s->smallest, (float *)next, (float *)best, &changed, 0, 1);
        if (changed == 0) position = first_float((float *)values, *(float *)next, count);
        break;
      case PLUSH_F64:
        search_double(s->smallest, (double *)next, (double *)best, &changed, 0, 1);
        if (changed == 0) position = first_double((double *)values, *(double *)next, count);
        break;
      case PLUSH_I32:
        search_int32_t(s->smallest, (int32_t *)next, (int32_t *)best, &changed, 0, 1);
        if (changed == 0) position = first_int32_t((int32_t *)values, *(int32_t *)next, count);
        break;
      case PLUSH_I64:
        search_int64_t(s->smallest, (int64_t *)next, (int64_t *)best, &changed, 0, 1);
        if (changed == 0) position = first_int64_t((int64_t *)values, *(int64_t *)next, count);
        break;
    }
    if (changed == 0) index = (int32_t)done + position;
  }
  return index;
}

/// Columns side by side, all rows.
static void search_columns(const Search *s, size_t outer, size_t column) {
  const PlushElementwiseTable *table = plush_elementwise_table();
  const size_t size = plush_type_size(s->type);
  const size_t columns = s->inner - column < COLUMNS ? s->inner - column : COLUMNS;
  const char *x = s->x + (outer * s->length * s->inner + column) * size;
  int32_t *index = s->y + outer * s->inner + column;
  _Alignas(PLUSH_MAX_VECTOR) char best[(COLUMNS + 64) * 8], values[(COLUMNS + 64) * 8];
  table->fetch[s->type](best, x, 1, columns);
  for (size_t j = 0; j < columns; j++) index[j] = 0;
  for (size_t i = 1; i < s->length; i++) {
    table->fetch[s->type](values, x + i * s->inner * size, 1, columns);
    const int32_t position = (int32_t)i;
    void *v = values, *b = best;
    switch (plush_class_of(s->type)) {
      case PLUSH_F32: search_float(s->smallest, v, b, index, position, columns); break;
      case PLUSH_F64: search_double(s->smallest, v, b, index, position, columns); break;
      case PLUSH_I32: search_int32_t(s->smallest, v, b, index, position, columns); break;
      case PLUSH_I64: search_int64_t(s->smallest, v, b, index, position, columns); break;
    }
  }
}

static void run_chunk(void *context, size_t chunk) {
  const Search *s = context;
  if (s->inner == 1) {
    const size_t rows = 1 + 16384 / s->length, first = chunk * rows;
    for (size_t i = first; i < first + rows && i < s->outer; i++) {
      s->y[i] = search_row(s, s->x + i * s->length * plush_type_size(s->type));
    }
  } else {
    const size_t blocks = (s->inner + COLUMNS - 1) / COLUMNS;
    search_columns(s, chunk / blocks, chunk % blocks * COLUMNS);
  }
}

void plush_arg_reduce(
    bool smallest, PlushType type, const void *x, int32_t *y, size_t outer, size_t length,
    size_t inner) {
  if (outer == 0 || inner == 0) return;
  if (length == 0) {
    memset(y, 0, outer * inner * sizeof *y);
    return;
  }
  Search s = {smallest, type, x, y, outer, length, inner};
  const size_t rows = 1 + 16384 / length;
  const size_t chunks =
      inner == 1 ? (outer + rows - 1) / rows : outer * ((inner + COLUMNS - 1) / COLUMNS);
  if (outer * length * inner <= 16384) {
    for (size_t i = 0; i < chunks; i++) run_chunk(&s, i);
  } else {
    plush_parallel(chunks, run_chunk, &s);
  }
}
