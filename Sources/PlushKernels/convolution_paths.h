// The ways to compute convolutions that convolution.c chooses among.
#pragma once

#include <stdbool.h>

#include "convolution.h"

/// Whether Winograd's way is open to the convolution and pays.
bool plush_winograd_fits(const PlushConvolution *convolution);

/// y from x or, if `gradient`, dx (as y) from dy (as x).
void plush_winograd_convolve(
    const PlushConvolution *convolution, bool gradient, const float *x, const float *filter,
    float *y);

void plush_winograd_filter_gradient(
    const PlushConvolution *convolution, const float *x, const float *dy, float *dfilter);

/// The same for any convolution, of `type` float32 or float64, as matrix products.
void plush_gemm_convolve(
    PlushType type, const PlushConvolution *convolution, const void *x, const void *filter,
    void *y);
void plush_gemm_input_gradient(
    PlushType type, const PlushConvolution *convolution, const void *dy, const void *filter,
    void *dx);
void plush_gemm_filter_gradient(
    PlushType type, const PlushConvolution *convolution, const void *x, const void *dy,
    void *dfilter);
