// Pooling over one to three dimensions of space, channels last, and its gradients.
#pragma once

#include "gemm.h"
#include "types.h"
#include "window.h"

/// Contiguous arrays x [batch, depth.input, height.input, width.input, channels] and
/// y [batch, depth.output, height.output, width.output, channels]. Padding takes no part: it is
/// never the maximum and does not count in averages.
typedef struct {
  size_t batch, channels;
  PlushAxis depth, height, width;
  PlushEpilogue epilogue;  // of y or dx, as that of a convolution; may be null
  void *context;
} PlushPooling;

/// y = maximum of each window, of `type` float32 or float64. NaN wins; a window that sees padding
/// alone gives -inf.
void plush_max_pool(PlushType type, const PlushPooling *pooling, const void *x, void *y);

/// dx from x and dy: dy goes to the first maximum of its window (the first NaN, if there is one).
void plush_max_pool_gradient(
    PlushType type, const PlushPooling *pooling, const void *x, const void *dy, void *dx);

/// y = mean of the elements in each window; a window that sees padding alone gives 0.
void plush_average_pool(PlushType type, const PlushPooling *pooling, const void *x, void *y);

void plush_average_pool_gradient(
    PlushType type, const PlushPooling *pooling, const void *dy, void *dx);
