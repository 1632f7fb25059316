// Pooling: each thread makes some rows of pixels of the result.
#include "pooling.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "isa.h"
#include "threads.h"

/// What the chunks of a region share.
typedef struct {
  const PlushPooling *pooling;
  const void *x, *dy;
  void *y;
  size_t columns;  // channels of a chunk
} Task;

typedef struct {
  size_t begin, end;
} Range;

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static inline size_t position(const PlushAxis *axis, size_t o, size_t t) {
  return (size_t)((ptrdiff_t)(o * axis->stride + t * axis->dilation) - axis->padding);
}

/// The taps of a window that see the input.
static inline Range taps_of(const PlushAxis *axis, size_t o) {
  Range taps = {0, axis->window};
  while (taps.begin < taps.end && position(axis, o, taps.begin) >= axis->input) taps.begin++;
  while (taps.begin < taps.end && position(axis, o, taps.end - 1) >= axis->input) taps.end--;
  return taps;
}

/// Whether no input is seen by two windows.
static inline bool is_disjoint(const PlushAxis *axis) {
  return axis->stride > (axis->window - 1) * axis->dilation;
}

/// The windows that one chunk of a gradient adds up, and the inputs that are its own: with windows
/// that overlap, all.
typedef struct {
  Range windows, inputs;
} Share;

static inline size_t share_count(const PlushAxis *axis) {
  return is_disjoint(axis) ? axis->output : 1;
}

static inline size_t share_start(const PlushAxis *axis, size_t o) {
  if (o == 0) return 0;
  if (o == axis->output) return axis->input;
  const ptrdiff_t start = (ptrdiff_t)(o * axis->stride) - axis->padding;
  return start < 0 ? 0 : smaller((size_t)start, axis->input);
}

static inline Share share(const PlushAxis *axis, size_t index) {
  if (!is_disjoint(axis)) return (Share){{0, axis->output}, {0, axis->input}};
  const Range inputs = {share_start(axis, index), share_start(axis, index + 1)};
  return (Share){{index, index + 1}, inputs};
}

enum { LEAST_COLUMNS = 64, TAPS = 4, TILE = 256 };

#define FOR(i, range) for (size_t i = (range).begin; i < (range).end; i++)

#define ELEMENT float
#define INDEX int32_t
#define NAME(x) portable_f32_##x
#include "pooling_rows.h"
#define ELEMENT double
#define INDEX int64_t
#define NAME(x) portable_f64_##x
#include "pooling_rows.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ELEMENT float
#define INDEX int32_t
#define NAME(x) avx2_f32_##x
#include "pooling_rows.h"
#define ELEMENT double
#define INDEX int64_t
#define NAME(x) avx2_f64_##x
#include "pooling_rows.h"
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"), min_vector_width(512))), \
    apply_to = function)
#define ELEMENT float
#define INDEX int32_t
#define NAME(x) avx512_f32_##x
#include "pooling_rows.h"
#define ELEMENT double
#define INDEX int64_t
#define NAME(x) avx512_f64_##x
#include "pooling_rows.h"
#pragma clang attribute pop
#endif

// MARK: Choice

typedef void (*Chunk)(void *context, size_t chunk);

typedef struct {
  Chunk max_row, max_gradient, average_row, average_gradient;
} Kernels;

#define KERNELS(isa, type) \
  {isa##_##type##_max_row, isa##_##type##_max_gradient, isa##_##type##_average_row, \
   isa##_##type##_average_gradient}

static const Kernels *kernels(PlushType type) {
  static const Kernels all[][2] = {
      [PLUSH_ISA_PORTABLE] = {KERNELS(portable, f32), KERNELS(portable, f64)},
#if defined(__x86_64__)
      [PLUSH_ISA_AVX2] = {KERNELS(avx2, f32), KERNELS(avx2, f64)},
      [PLUSH_ISA_AVX512] = {KERNELS(avx512, f32), KERNELS(avx512, f64)},
#endif
  };
  return &all[plush_isa()][type == PLUSH_FLOAT64];
}

static void run_rows(const PlushPooling *p, Chunk row, Task task) {
  plush_parallel(p->batch * p->depth.output * p->height.output, row, &task);
}

static void run_shares(const PlushPooling *p, Chunk part, Task task) {
  const size_t shares = p->batch * share_count(&p->depth) * share_count(&p->height);
  task.columns = shares < 16 && p->channels > LEAST_COLUMNS ? LEAST_COLUMNS : p->channels;
  plush_parallel(shares * ((p->channels + task.columns - 1) / task.columns), part, &task);
}

void plush_max_pool(PlushType type, const PlushPooling *p, const void *x, void *y) {
  run_rows(p, kernels(type)->max_row, (Task){.pooling = p, .x = x, .y = y});
}

void plush_max_pool_gradient(
    PlushType type, const PlushPooling *p, const void *x, const void *dy, void *dx) {
  run_shares(p, kernels(type)->max_gradient, (Task){.pooling = p, .x = x, .dy = dy, .y = dx});
}

void plush_average_pool(PlushType type, const PlushPooling *p, const void *x, void *y) {
  run_rows(p, kernels(type)->average_row, (Task){.pooling = p, .x = x, .y = y});
}

void plush_average_pool_gradient(
    PlushType type, const PlushPooling *p, const void *dy, void *dx) {
  run_shares(p, kernels(type)->average_gradient, (Task){.pooling = p, .dy = dy, .y = dx});
}
