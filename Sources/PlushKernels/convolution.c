// Chooses how to compute a convolution.
#include "convolution.h"

#include "convolution_paths.h"

static bool takes_winograd(PlushType type, const PlushConvolution *c) {
  return type == PLUSH_FLOAT32 && plush_winograd_fits(c);
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
  if (takes_winograd(type, c)) return plush_winograd_filter_gradient(c, x, dy, dfilter);
  plush_gemm_filter_gradient(type, c, x, dy, dfilter);
}
