// Convolutions over one to three dimensions of space, channels last, and their gradients.
#pragma once

#include <stdbool.h>

#include "gemm.h"
#include "types.h"
#include "window.h"

/// How close float32 results come to exact ones where the way to compute them is free to choose.
typedef enum {
  /// 3×3 windows of stride 1 after Winograd, F(4×4, 3×3): the largest error is below 2e-5 of the
  /// largest number of the result, typically 5e-6.
  PLUSH_PRECISION_DEFAULT,
  /// F(2×2, 3×3): below 3e-6, typically 4e-7, as sums of plain products.
  PLUSH_PRECISION_HIGH,
} PlushPrecision;

/// Contiguous arrays of
///   x       [batch, depth.input, height.input, width.input, channels],
///   filter  [depth.window, height.window, width.window, channels / groups, filters],
///   y       [batch, depth.output, height.output, width.output, filters].
/// `groups` divides channels and filters; filter f sees the channels of group
/// f / (filters / groups) only. A depthwise convolution has groups = channels.
///
/// Results do not depend on the number of threads: work is split by the sizes alone.
typedef struct {
  size_t batch, channels, filters, groups;
  PlushAxis depth, height, width;
  PlushPrecision precision;
  /// Whether `plush_convolve` keeps only the largest pixel, channel by channel, of each 2×2 square of
  /// results: y is what plush_max_pool makes of them, half as high and wide, rounded down. Only
  /// where `plush_convolution_can_pool`.
  bool pools;
  /// May be null. Called when a block of the result (of y, or of dx) is final, on the thread that
  /// made it, while it is in that thread's cache. The result is seen as a matrix: `row` counts
  /// pixels over batch and space, `column` channels; `batch` is 0. Each element is in one block.
  PlushEpilogue epilogue;
  void *context;
} PlushConvolution;

/// Whether the maxima of 2×2 squares can be taken before results reach memory.
bool plush_convolution_can_pool(PlushType type, const PlushConvolution *convolution);

/// y = x ∗ filter, of `type` float32 or float64.
void plush_convolve(
    PlushType type, const PlushConvolution *convolution, const void *x, const void *filter,
    void *y);

/// dx from dy: also the transposed convolution of dy, whose result has the shape of x.
void plush_convolve_input_gradient(
    PlushType type, const PlushConvolution *convolution, const void *dy, const void *filter,
    void *dx);

/// dfilter from x and dy. Calls no epilogue.
void plush_convolve_filter_gradient(
    PlushType type, const PlushConvolution *convolution, const void *x, const void *dy,
    void *dfilter);
