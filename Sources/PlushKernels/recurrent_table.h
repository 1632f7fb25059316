// What happens to the gates of a step, chosen by instruction set.
#pragma once

#include "recurrent.h"

/// A sequence at work.
typedef struct {
  PlushRecurrence shape;
  PlushRecurrentArrays arrays;
  PlushRecurrentGradients gradients;
  /// [batch, units] of PLUSH_GRU_RESET_BEFORE: r∘h of the step.
  void *reset;
} RecurrentRun;

/// Rows and units of a step, and what U makes of them: product[i * row_stride + part * part_stride]
/// for row i and unit 0 of the block.
typedef struct {
  size_t step, row, rows, unit, units;
  const void *product;
  size_t row_stride, part_stride;
} RecurrentBlock;

typedef void (*RecurrentBody)(const RecurrentRun *run, const RecurrentBlock *block);

/// A step is one product and one body, or two of PLUSH_GRU_RESET_BEFORE.
typedef struct {
  RecurrentBody lstm, gru, reset_before[2], simple;
  RecurrentBody lstm_gradient, gru_gradient, reset_before_gradient[2], simple_gradient;
} RecurrentTable;

extern const RecurrentTable plush_recurrent_f32_portable;
extern const RecurrentTable plush_recurrent_f64_portable;
#if defined(__x86_64__)
extern const RecurrentTable plush_recurrent_f32_avx2;
extern const RecurrentTable plush_recurrent_f32_avx512;
#endif
