// Recurrent sequences: LSTM, GRU and the simple recurrent network, and their gradients.
#pragma once

#include <stdbool.h>

#include "types.h"

typedef enum {
  /// Gates i, f, candidate g, o: c' = f∘c + i∘g, h' = o∘activation(c').
  PLUSH_LSTM,
  /// Gates z, r and candidate n = activation(xₙ + r∘(h·Uₙ + bₙ)): h' = z∘h + (1 - z)∘n.
  PLUSH_GRU,
  /// The same with n = activation(xₙ + (r∘h)·Uₙ + bₙ).
  PLUSH_GRU_RESET_BEFORE,
  /// h' = activation(x + h·U).
  PLUSH_SIMPLE_RNN,
} PlushRecurrentKind;

/// Functions of gates whose slope is a function of their result.
typedef enum {
  PLUSH_GATE_LINEAR,
  PLUSH_GATE_RELU,
  PLUSH_GATE_TANH,
  PLUSH_GATE_SIGMOID,
  PLUSH_GATE_HARD_SIGMOID,         // x / 6 + 1/2 between 0 and 1
  PLUSH_GATE_HARD_SIGMOID_LEGACY,  // x / 5 + 1/2 between 0 and 1
} PlushGateFunction;

/// A sequence of `batch` rows of `units`; a step has `gates` = 4, 3, 3 or 1 times as many numbers.
typedef struct {
  PlushRecurrentKind kind;
  PlushGateFunction activation, gate_activation;
  size_t steps, batch, units;
  bool bfloat16;  // products round U and states to bfloat16, and add up in float32
} PlushRecurrence;

/// Contiguous arrays.
typedef struct {
  const void *x;        // [steps, batch, gates · units]: inputs times their weights, with bias
  const void *u;        // [units, gates · units]
  const void *bias;     // [gates · units], added to what U makes of h; null: none
  const void *h0, *c0;  // [batch, units], before the first step; c0 and c of an LSTM only
  const uint8_t *mask;  // [steps, batch]; a row keeps its state at steps where it is 0; null: none
  void *h, *c;          // [steps, batch, units], after each step
  /// [steps, batch, saved · units] for the gradient, may be null: the gates of an LSTM, after their
  /// functions; z, r, n and, of PLUSH_GRU, h·Uₙ + bₙ; nothing of the simple one.
  /// They may lie where x does, and dx where they do.
  void *saved;
  /// U as `plush_recurrent_pack` lays it out; null: packed on the way, if that pays. Not with chunks.
  const void *packed;
  size_t turn;  // how often it was read before: every other time begins at the end, which is cached
} PlushRecurrentArrays;

/// Contiguous arrays of the gradient.
typedef struct {
  const void *dh, *dc;  // [steps, batch, units]; dc may be null
  void *dx;             // [steps, batch, gates · units]
  /// The same where h meets U, of PLUSH_GRU only; of the others it is dx.
  void *du;
  void *dh0, *dc0;      // [batch, units]; null: nobody asks
} PlushRecurrentGradients;

/// Inputs whose products with their weights are made `chunk` steps at a time and not kept.
typedef struct {
  const void *input;  // [steps, batch, features]
  const void *w;      // [features, gates · units]
  const void *bias;   // [gates · units]; null: none
  size_t features, chunk;
} PlushRecurrentInputs;

/// Numbers of a step for each unit.
size_t plush_recurrent_gates(PlushRecurrentKind kind);
/// Numbers kept for the gradient for each step and unit.
size_t plush_recurrent_saved(PlushRecurrentKind kind);

/// h, c and saved. `type` is float32 or float64. Results do not depend on the number of threads.
void plush_recurrent(
    PlushType type, const PlushRecurrence *recurrence, const PlushRecurrentArrays *arrays);

/// Whether a sequence of so many steps packs U on the way.
bool plush_recurrent_packs(const PlushRecurrence *recurrence);

/// Bytes of U packed for steps of this type and shape.
size_t plush_recurrent_packed_size(PlushType type, const PlushRecurrence *recurrence);

/// Packs U for sequences of any length of this type and shape, which then need not.
void plush_recurrent_pack(
    PlushType type, const PlushRecurrence *recurrence, const void *u, void *packed);

/// The gradients, from u, h0, c0, mask, h, c and saved.
void plush_recurrent_gradient(
    PlushType type, const PlushRecurrence *recurrence, const PlushRecurrentArrays *arrays,
    const PlushRecurrentGradients *gradients);

/// h, and of c what is after every `chunk` steps and after the last: [⌈steps / chunk⌉, batch, units].
/// x and saved of `arrays` play no part.
void plush_recurrent_chunks(
    PlushType type, const PlushRecurrence *recurrence, const PlushRecurrentInputs *inputs,
    const PlushRecurrentArrays *arrays);

/// The gradients, the steps of each chunk computed once more; dc is shaped as c.
void plush_recurrent_chunks_gradient(
    PlushType type, const PlushRecurrence *recurrence, const PlushRecurrentInputs *inputs,
    const PlushRecurrentArrays *arrays, const PlushRecurrentGradients *gradients);
