// Windows that slide over the positions of images, of convolutions and pooling alike.
#pragma once

#include <stddef.h>

/// One dimension of space. Tap t of the window at output position o is the input position
/// o · stride + t · dilation - padding; outside of 0..<input there is padding. A padding after the
/// input needs no number: `output` tells how far the windows go. Negative paddings crop.
/// A dimension that is not there is `plush_no_axis`.
typedef struct {
  size_t input, output, window;
  size_t stride, dilation;  // at least 1
  ptrdiff_t padding;        // before the input
} PlushAxis;

static const PlushAxis plush_no_axis = {1, 1, 1, 1, 1, 0};
