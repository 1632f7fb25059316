// Gathering and scattering along one axis of contiguous arrays.
#pragma once

#include "types.h"

/// All return -1, or the position of the first index outside 0..<length (nothing is then promised
/// about y, but nothing outside it is written and nothing outside x is read).

/// y[outer, count, inner] = x[outer, indices[count], inner], x being [outer, length, inner].
ptrdiff_t plush_gather(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count);

/// y[outer, length, inner] = 0, then y[outer, indices[i], inner] += x[outer, i, inner] for i in
/// 0..<count in this order.
ptrdiff_t plush_scatter_add(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count);

/// y[outer, count, inner] = x[outer, indices[outer, count, inner], inner]: an index per element.
ptrdiff_t plush_gather_elements(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count);

/// y = 0, then y[outer, indices[outer, i, inner], inner] += x[outer, i, inner], i in 0..<count.
ptrdiff_t plush_scatter_add_elements(
    PlushType type, const void *x, const int32_t *indices, void *y, size_t outer, size_t length,
    size_t inner, size_t count);
