// Stable sorting of indices along an axis, by keys whose order as unsigned numbers is the order
// wanted: radix sort, insertion sort for a few.
#include <math.h>
#include <string.h>

#include "reduce_values.h"
#include "scratch.h"
#include "threads.h"

typedef struct {
  uint64_t key;
  int32_t index;
} Entry;

typedef struct {
  PlushType type;
  const char *x;
  int32_t *y;
  size_t length, inner;
  bool descending;
} Sort;

static const uint64_t last_key = UINT64_MAX;  // of NaN

static uint64_t key_of_long(int64_t value) { return (uint64_t)value ^ (uint64_t)1 << 63; }

static uint64_t key_of_double(double value) {
  if (value == 0) value = 0;  // both zeros are equal
  int64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return key_of_long(bits < 0 ? INT64_MAX ^ bits : bits);
}

/// Keys of one piece of values of the type's class, NaN last.
static void make_keys(const Sort *s, const void *values, Entry *entries, size_t count) {
  const uint64_t flip = s->descending ? UINT64_MAX : 0;
  for (size_t i = 0; i < count; i++) {
    double real = 0;
    uint64_t key = 0;
    switch (plush_class_of(s->type)) {
      case PLUSH_F32: key = key_of_double(real = ((const float *)values)[i]); break;
      case PLUSH_F64: key = key_of_double(real = ((const double *)values)[i]); break;
      case PLUSH_I32: key = ((const uint32_t *)values)[i] ^ 0x80000000; break;
      case PLUSH_I64: key = key_of_long(((const int64_t *)values)[i]); break;
    }
    entries[i].key = isnan(real) ? last_key : key ^ flip;
  }
}

static void insertion_sort(Entry *entries, size_t count) {
  for (size_t i = 1; i < count; i++) {
    const Entry entry = entries[i];
    size_t at = i;
    for (; at > 0 && entries[at - 1].key > entry.key; at--) entries[at] = entries[at - 1];
    entries[at] = entry;
  }
}

/// Sorts by one byte after the other, least significant first; returns where the result is.
static Entry *radix_sort(Entry *entries, Entry *spare, size_t count) {
  uint64_t varying = 0;
  for (size_t i = 0; i < count; i++) varying |= entries[i].key ^ entries[0].key;
  for (int shift = 0; shift < 64; shift += 8) {
    if ((varying >> shift & 255) == 0) continue;
    size_t starts[257] = {0};
    for (size_t i = 0; i < count; i++) starts[(entries[i].key >> shift & 255) + 1]++;
    for (int b = 0; b < 256; b++) starts[b + 1] += starts[b];
    for (size_t i = 0; i < count; i++) {
      spare[starts[entries[i].key >> shift & 255]++] = entries[i];
    }
    Entry *sorted = spare;
    spare = entries;
    entries = sorted;
  }
  return entries;
}

static void sort_line(const Sort *s, size_t line, Entry *entries, Entry *spare) {
  enum { PIECE = 256 };
  _Alignas(PLUSH_MAX_VECTOR) char values[(PIECE + 64) * 8];
  const size_t first = line / s->inner * s->length * s->inner + line % s->inner;
  for (size_t done = 0; done < s->length; done += PIECE) {
    const size_t count = s->length - done < PIECE ? s->length - done : PIECE;
    const char *from = s->x + (first + done * s->inner) * plush_type_size(s->type);
    plush_elementwise_table()->fetch[s->type](values, from, (ptrdiff_t)s->inner, count);
    make_keys(s, values, entries + done, count);
  }
  for (size_t i = 0; i < s->length; i++) entries[i].index = (int32_t)i;
  if (s->length < 64) {
    insertion_sort(entries, s->length);
  } else {
    entries = radix_sort(entries, spare, s->length);
  }
  for (size_t i = 0; i < s->length; i++) s->y[first + i * s->inner] = entries[i].index;
}

typedef struct {
  const Sort *sort;
  size_t lines, chunk;
} Lines;

static void run_chunk(void *context, size_t index) {
  const Lines *lines = context;
  const Sort *s = lines->sort;
  Entry *entries = plush_take_scratch(2 * s->length * sizeof *entries);
  const size_t first = index * lines->chunk;
  for (size_t line = first; line < first + lines->chunk && line < lines->lines; line++) {
    sort_line(s, line, entries, entries + s->length);
  }
  plush_give_back_scratch(entries);
}

void plush_argsort(
    PlushType type, const void *x, int32_t *y, size_t outer, size_t length, size_t inner,
    bool descending) {
  if (outer == 0 || length == 0 || inner == 0) return;
  const Sort s = {type, x, y, length, inner, descending};
  Lines lines = {&s, outer * inner, 1 + 4096 / length};
  plush_parallel((lines.lines + lines.chunk - 1) / lines.chunk, run_chunk, &lines);
}
