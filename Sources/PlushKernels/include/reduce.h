// Reductions, scans and sorting along one axis of a contiguous array [outer, length, inner].
#pragma once

#include <stdbool.h>

#include "types.h"

typedef enum { PLUSH_SUM, PLUSH_PRODUCT, PLUSH_MAX, PLUSH_MIN } PlushReduction;

/// y[outer, inner] = reduction of x over its middle axis. Sums of float32 add in a fixed tree
/// (pairwise over blocks), so the error grows with the logarithm of the length and does not depend
/// on the threads. NaN wins in max and min. An empty axis gives 0, 1, -inf (lowest), inf (highest).
/// int32, uint8 and bool add up in their own type (wrapping); bool: sum is "any", product is "all".
void plush_reduce(
    PlushReduction reduction, PlushType type, const void *x, void *y, size_t outer, size_t length,
    size_t inner);

/// y[outer, inner] = index of the first largest (smallest if `smallest`) element; the first NaN wins.
void plush_arg_reduce(
    bool smallest, PlushType type, const void *x, int32_t *y, size_t outer, size_t length,
    size_t inner);

/// Running sum, product, maximum or minimum along the middle axis.
void plush_scan(
    PlushReduction reduction, PlushType type, const void *x, void *y, size_t outer, size_t length,
    size_t inner, bool exclusive, bool reverse);

/// y[outer, length, inner] = indices that sort the middle axis; stable; NaN last in both orders.
void plush_argsort(
    PlushType type, const void *x, int32_t *y, size_t outer, size_t length, size_t inner,
    bool descending);
