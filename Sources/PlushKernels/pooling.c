// Pooling: a chunk is a row of pixels of the result; of gradients, an image and some channels.
#include "pooling.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "threads.h"

typedef struct {
  const PlushPooling *pooling;
  const void *x, *dy;
  void *y;
} Task;

/// The taps of a window that see the input.
typedef struct {
  size_t begin, end;
} Taps;

static Taps taps(const PlushAxis *axis, size_t o) {
  Taps taps = {axis->window, 0};
  for (size_t t = 0; t < axis->window; t++) {
    const ptrdiff_t i = (ptrdiff_t)(o * axis->stride + t * axis->dilation) - axis->padding;
    if (i < 0 || (size_t)i >= axis->input) continue;
    if (taps.begin > t) taps.begin = t;
    taps.end = t + 1;
  }
  return taps;
}

static size_t position(const PlushAxis *axis, size_t o, size_t t) {
  return (size_t)((ptrdiff_t)(o * axis->stride + t * axis->dilation) - axis->padding);
}

#define FOR_TAPS(k, range) for (size_t k = range.begin; k < range.end; k++)

#define ELEMENT float
#define NAME(x) x##_f32
#include "pooling_direct.h"
#define ELEMENT double
#define NAME(x) x##_f64
#include "pooling_direct.h"

static void run_rows(const PlushPooling *p, void (*row)(void *, size_t), Task task) {
  plush_parallel(p->batch * p->depth.output * p->height.output, row, &task);
}

static void run_images(const PlushPooling *p, void (*image)(void *, size_t), Task task) {
  plush_parallel(p->batch, image, &task);
}

void plush_max_pool(PlushType type, const PlushPooling *p, const void *x, void *y) {
  run_rows(p, type == PLUSH_FLOAT64 ? max_row_f64 : max_row_f32, (Task){p, x, NULL, y});
}

void plush_max_pool_gradient(
    PlushType type, const PlushPooling *p, const void *x, const void *dy, void *dx) {
  run_images(
      p, type == PLUSH_FLOAT64 ? max_gradient_f64 : max_gradient_f32, (Task){p, x, dy, dx});
}

void plush_average_pool(PlushType type, const PlushPooling *p, const void *x, void *y) {
  run_rows(p, type == PLUSH_FLOAT64 ? average_row_f64 : average_row_f32, (Task){p, x, NULL, y});
}

void plush_average_pool_gradient(
    PlushType type, const PlushPooling *p, const void *dy, void *dx) {
  run_images(
      p, type == PLUSH_FLOAT64 ? average_gradient_f64 : average_gradient_f32,
      (Task){p, NULL, dy, dx});
}
