// Sums of products channel by channel, of which depthwise convolutions are made.
#pragma once

#include <stdbool.h>

#include "types.h"

enum { DEPTHWISE_TERMS = 4 };

/// y[i] = Σ a[t][i] · b[t][i] over `terms` (1...DEPTHWISE_TERMS), plus y[i] unless it `starts`.
typedef void (*PlushDepthwise)(
    const void *const *a, const void *const *b, size_t terms, void *y, bool starts, size_t count);

/// For float32 or float64, of the instruction set in force.
PlushDepthwise plush_depthwise(PlushType type);
