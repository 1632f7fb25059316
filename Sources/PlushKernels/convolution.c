// Convolutions, one output row of pixels after another.
#include "convolution.h"

#include <stdbool.h>
#include <string.h>

#include "convolution_paths.h"
#include "threads.h"

/// What the chunks of a region share.
typedef struct {
  const PlushConvolution *convolution;
  const void *x, *filter;
  void *y;
} Task;

/// Whether tap t of window o sees an input; its position goes to `input`.
static inline bool see(const PlushAxis *axis, size_t o, size_t t, size_t *input) {
  const ptrdiff_t i = (ptrdiff_t)(o * axis->stride + t * axis->dilation) - axis->padding;
  *input = (size_t)i;
  return i >= 0 && *input < axis->input;
}

/// Whether input i is seen by tap t of a window; the window's position goes to `output`.
static inline bool seen(const PlushAxis *axis, size_t i, size_t t, size_t *output) {
  const ptrdiff_t o = (ptrdiff_t)i + axis->padding - (ptrdiff_t)(t * axis->dilation);
  *output = (size_t)o / axis->stride;
  return o >= 0 && (size_t)o % axis->stride == 0 && *output < axis->output;
}

static void call_epilogue(const PlushConvolution *c, size_t row, size_t rows, size_t columns) {
  if (c->epilogue) c->epilogue(c->context, 0, row, rows, 0, columns);
}

#define FOR_TAPS(c, kd, kh, kw) \
  for (size_t kd = 0; kd < (c)->depth.window; kd++) \
    for (size_t kh = 0; kh < (c)->height.window; kh++) \
      for (size_t kw = 0; kw < (c)->width.window; kw++)

#define ELEMENT float
#define NAME(x) x##_f32
#include "convolution_direct.h"
#define ELEMENT double
#define NAME(x) x##_f64
#include "convolution_direct.h"

void plush_convolve(
    PlushType type, const PlushConvolution *c, const void *x, const void *filter, void *y) {
  if (type == PLUSH_FLOAT32 && plush_winograd_fits(c))
    return plush_winograd_convolve(c, false, x, filter, y);
  Task task = {c, x, filter, y};
  plush_parallel(
      c->batch * c->depth.output * c->height.output,
      type == PLUSH_FLOAT64 ? convolve_row_f64 : convolve_row_f32, &task);
}

void plush_convolve_input_gradient(
    PlushType type, const PlushConvolution *c, const void *dy, const void *filter, void *dx) {
  if (type == PLUSH_FLOAT32 && plush_winograd_fits(c))
    return plush_winograd_convolve(c, true, dy, filter, dx);
  Task task = {c, dy, filter, dx};
  plush_parallel(
      c->batch * c->depth.input * c->height.input,
      type == PLUSH_FLOAT64 ? input_gradient_row_f64 : input_gradient_row_f32, &task);
}

void plush_convolve_filter_gradient(
    PlushType type, const PlushConvolution *c, const void *x, const void *dy, void *dfilter) {
  if (type == PLUSH_FLOAT32 && plush_winograd_fits(c))
    return plush_winograd_filter_gradient(c, x, dy, dfilter);
  Task task = {c, x, dy, dfilter};
  plush_parallel(
      c->depth.window * c->height.window * c->width.window,
      type == PLUSH_FLOAT64 ? filter_gradient_tap_f64 : filter_gradient_tap_f32, &task);
}
