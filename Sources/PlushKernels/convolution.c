// Chooses how to compute a convolution.
#include "convolution.h"

#include <string.h>

#include "convolution_paths.h"

/// Whether there are no windows, or nothing to see.
static bool is_empty(const PlushConvolution *c) {
  const size_t outputs = c->depth.output * c->height.output * c->width.output;
  return c->batch * outputs * c->depth.input * c->height.input * c->width.input == 0;
}

static bool takes_winograd(PlushType type, const PlushConvolution *c) {
  return type == PLUSH_FLOAT32 && !is_empty(c) && plush_winograd_fits(c);
}

bool plush_convolution_can_pool(PlushType type, const PlushConvolution *c) {
  return takes_winograd(type, c) && c->height.output >= 2 && c->width.output >= 2;
}

void plush_convolve(
    PlushType type, const PlushConvolution *c, const void *x, const void *filter, void *y) {
  if (takes_winograd(type, c)) return plush_winograd_convolve(c, false, x, filter, y);
  plush_gemm_convolve(type, c, x, filter, y);
}

void plush_convolve_input_gradient(
    PlushType type, const PlushConvolution *c, const void *dy, const void *filter, void *dx) {
  if (takes_winograd(type, c)) return plush_winograd_convolve(c, true, dy, filter, dx);
  plush_gemm_input_gradient(type, c, dy, filter, dx);
}

void plush_convolve_filter_gradient(
    PlushType type, const PlushConvolution *c, const void *x, const void *dy, void *dfilter) {
  if (is_empty(c)) {
    const size_t taps = c->depth.window * c->height.window * c->width.window;
    memset(dfilter, 0, taps * c->channels / c->groups * c->filters * plush_type_size(type));
    return;
  }
  if (takes_winograd(type, c)) return plush_winograd_filter_gradient(c, x, dy, dfilter);
  plush_gemm_filter_gradient(type, c, x, dy, dfilter);
}
