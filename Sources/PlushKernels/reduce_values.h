// What reductions and scans share: values of any type as values of the class they compute in.
#pragma once

#include <stdbool.h>

#include "elementwise_table.h"
#include "reduce.h"

static inline size_t plush_class_width(PlushClass class_) {
  return class_ == PLUSH_F64 || class_ == PLUSH_I64 ? 8 : 4;
}

/// The type in memory that holds values of a class as registers do.
static inline PlushType plush_native_type(PlushClass class_) {
  static const PlushType types[] = {PLUSH_FLOAT32, PLUSH_FLOAT64, PLUSH_INT32, PLUSH_INT64};
  return types[class_];
}

/// bool has no sums: any and all are the maximum and the minimum.
static inline PlushReduction plush_reduction_of(PlushReduction reduction, PlushType type) {
  if (type != PLUSH_BOOL) return reduction;
  return reduction == PLUSH_SUM ? PLUSH_MAX : reduction == PLUSH_PRODUCT ? PLUSH_MIN : reduction;
}

static inline PlushOpcode plush_combination(PlushReduction reduction) {
  static const PlushOpcode opcodes[] = {PLUSH_ADD, PLUSH_MULTIPLY, PLUSH_MAXIMUM, PLUSH_MINIMUM};
  return opcodes[reduction];
}

/// values[...count] = the identity of a reduction, in the class of the type.
void plush_fill_identity(PlushReduction reduction, PlushType type, void *values, size_t count);

/// values = values combined with others; both have room for whole vectors.
void plush_combine(
    PlushReduction reduction, PlushClass class_, void *values, const void *others, size_t count);
