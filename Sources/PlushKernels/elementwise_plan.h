// What the interpreter finds out about a program before it runs it: on the stack, in a few dozen
// nanoseconds, or once for all runs if the program is small.
#pragma once

#include <stdbool.h>

#include "elementwise_table.h"

/// A view after dimensions were merged. Positions (iota, random) are views without memory, whose
/// offset is the position.
typedef struct {
  int32_t slot;  // where the base pointer of the memory stands; -1: positions
  ptrdiff_t offset;  // of element (0, …, 0) in the memory, in bytes
  char *base;  // element (0, …, 0), unless the plan is made before the memory is known
  char *low, *high;  // the memory that it covers
  int32_t type, size;
  bool contiguous;  // rows follow each other
  ptrdiff_t strides[PLUSH_MAX_RANK];
} PlushTileView;

typedef enum {
  PLUSH_STEP_COMPUTE,
  PLUSH_STEP_LOAD,
  PLUSH_STEP_STORE,
  PLUSH_STEP_KEPT,  // the value is made once per run: constants, and memory that repeats
  PLUSH_STEP_IOTA,
  PLUSH_STEP_RANDOM,
  PLUSH_STEP_ROW_REDUCTION,
  PLUSH_STEP_EXPAND,
} PlushStepKind;

typedef struct {
  PlushKernel kernel;
  PlushStepKind kind;
  uint8_t class_, per_row;
  bool wide;     // 64-bit values
  bool aliases;  // a load that may use memory in place
  bool splat;    // the result is one vector that repeats
  uint16_t result, operands[3];
  uint8_t operand_count;
  int16_t view;      // of loads, stores and positions
  int16_t through;   // the view that the result may be written to directly, or -1
  int16_t place;     // private memory of the result: a tile, or a splat; -1: none
  int16_t prefetch[2];  // the views whose next tile this step asks for, or -1
  int32_t end;       // the last step that reads the result
  const char *constant;  // the result, if it is the same in all runs and was prepared
  const PlushInstruction *instruction;
} PlushStep;

typedef struct PlushTilePlan {
  const PlushElementwiseTable *table;
  PlushTileView *views;
  PlushStep *steps;
  int rank, view_count, step_count;
  size_t dims[PLUSH_MAX_RANK];
  size_t rows, columns;            // all dimensions but the last, and the last
  size_t tile_rows, tile_columns;
  bool whole_rows;  // there are reductions of rows, or values per row
  bool transposes;  // some view runs along the rows
  bool is_narrow;  // tiles have all columns of a block, but the block not all of the space
  bool prefetches;  // there is more memory than the first caches hold
  int element_size;  // of a place: 8 if any value is 64 bits wide
  int places, splats;
  size_t place_bytes;
} PlushTilePlan;

/// To a multiple of a power of two.
static inline size_t plush_round_up(size_t count, size_t unit) {
  return (count + unit - 1) & ~(unit - 1);
}

/// What a plan is for.
typedef struct {
  bool is_block;  // of rows × columns; else the whole space
  bool is_flat;   // the block is one piece of all views
  size_t rows, columns;
} PlushTileSpace;

/// Whether rows follow each other in all views, so that a block of whole rows is one piece.
bool plush_is_flat(const PlushElementwise *program);

/// Fills the plan, using the caller's arrays: `views` with room for view_count +
/// instruction_count, `steps` for instruction_count. Without slots the plan is made for later, if
/// it is small; false if it is not.
bool plush_tile_plan(
    PlushTilePlan *plan, const PlushElementwise *program, void *const *slots,
    PlushTileView *views, PlushStep *steps, PlushTileSpace space);
