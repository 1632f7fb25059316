// Fused elementwise programs: a short list of operations that runs tile by tile while the tile's
// values stay in the first-level cache, with reductions of whole rows.
#pragma once

#include <stdbool.h>

#include "types.h"

enum { PLUSH_MAX_RANK = 8, PLUSH_MAX_REGISTERS = 64, PLUSH_MAX_ROW = 16384 };

typedef enum {
  // Memory and sources. LOAD and STORE convert between the view's type and the instruction's class.
  PLUSH_LOAD,    // result = view a
  PLUSH_STORE,   // view b = register a
  PLUSH_FILL,    // result = immediate (f for F32 and F64, i for I32 and I64)
  PLUSH_IOTA,    // result = position along dimension a of the space
  PLUSH_RANDOM,  // result (I32) = 32 random bits; view a is the key (int64 [2]); immediate.i = stream

  // Unary: result = f(a).
  PLUSH_NEGATE,
  PLUSH_ABS,
  PLUSH_SIGN,
  PLUSH_FLOOR,
  PLUSH_CEIL,
  PLUSH_ROUND,  // half to even
  PLUSH_TRUNCATE,
  PLUSH_EXP,
  PLUSH_EXPM1,
  PLUSH_LOG,
  PLUSH_LOG1P,
  PLUSH_SQRT,
  PLUSH_RSQRT,
  PLUSH_RECIPROCAL,
  PLUSH_SIN,
  PLUSH_COS,
  PLUSH_TAN,
  PLUSH_ASIN,
  PLUSH_ACOS,
  PLUSH_ATAN,
  PLUSH_SINH,
  PLUSH_COSH,
  PLUSH_TANH,
  PLUSH_ASINH,
  PLUSH_ACOSH,
  PLUSH_ATANH,
  PLUSH_SIGMOID,
  PLUSH_ERF,
  PLUSH_ERF_INVERSE,
  PLUSH_IS_NAN,     // result is I32 0 or 1, as of all predicates
  PLUSH_IS_FINITE,
  PLUSH_IS_INFINITE,
  PLUSH_LOGICAL_NOT,  // I32: 1 if zero else 0
  PLUSH_BIT_NOT,      // I32, I64

  // Binary: result = f(a, b).
  PLUSH_ADD,
  PLUSH_SUBTRACT,
  PLUSH_MULTIPLY,
  PLUSH_DIVIDE,         // integers: toward zero; by zero gives 0
  PLUSH_FLOOR_DIVIDE,   // toward minus infinity; integers by zero give 0
  PLUSH_MODULO,         // sign of the divisor, as a - floor(a / b) * b; integers by zero give 0
  PLUSH_REMAINDER,      // sign of the dividend, as C's fmod; integers by zero give 0
  PLUSH_POWER,          // integers: by squaring; negative exponents give 0 (or ±1 for base ±1)
  PLUSH_MAXIMUM,        // NaN wins
  PLUSH_MINIMUM,
  PLUSH_ATAN2,
  PLUSH_BIT_AND,        // I32, I64
  PLUSH_BIT_OR,
  PLUSH_BIT_XOR,
  PLUSH_SHIFT_LEFT,
  PLUSH_SHIFT_RIGHT,    // logical; a shift of the width or more gives 0

  // Compare: result is I32 0 or 1; class is that of the operands.
  PLUSH_EQUAL,
  PLUSH_NOT_EQUAL,
  PLUSH_LESS,
  PLUSH_LESS_EQUAL,

  // Ternary.
  PLUSH_SELECT,            // result = a (I32) != 0 ? b : c; class is that of b, c and the result
  PLUSH_MULTIPLY_ADD,      // a * b + c
  PLUSH_MULTIPLY_SUBTRACT,  // a * b - c
  PLUSH_SUBTRACT_MULTIPLY,  // c - a * b

  // Ternary, what optimizers are made of; floating only.
  PLUSH_LERP,          // a + (b - a) * c
  PLUSH_LERP_SQUARE,   // a + (b * b - a) * c
  PLUSH_DIVIDE_ROOT,   // a / (sqrt(b) + c)

  // Conversions: class is that of the result, b is the class of a. Floating to integer goes toward
  // zero and saturates, NaN gives 0; I64 to I32 keeps the low bits.
  PLUSH_CONVERT,
  PLUSH_NARROW,  // rounds register a (class of `type_`b`) to what PlushType b can hold: uint8 wraps,
                 // bool becomes 0 or 1, float16 and bfloat16 round to nearest even

  // Rows.
  PLUSH_ROW_SUM,  // result (a value per row) = reduction of register a over the columns
  PLUSH_ROW_PRODUCT,
  PLUSH_ROW_MAX,
  PLUSH_ROW_MIN,
  PLUSH_EXPAND,  // result (a value per element) = register a (a value per row)

  PLUSH_OPCODE_COUNT
} PlushOpcode;

typedef struct {
  uint16_t opcode;
  uint8_t class_;   // PlushClass
  uint8_t per_row;  // 1: a value per row instead of one per element
  uint16_t result, a, b, c;
  union {
    double f;
    int64_t i;
  } immediate;
} PlushInstruction;

/// A strided view of memory over the program's space. Stride 0 repeats (broadcasts).
/// For a value per row the stride of the last dimension is 0.
typedef struct {
  int32_t slot;  // index into the table of base pointers given at run time
  int32_t type;  // PlushType
  int64_t offset;  // elements
  int64_t strides[PLUSH_MAX_RANK];  // elements, one per dimension of the space
} PlushView;

/// A program over the space dims[0] × … × dims[rank - 1]; a row is the last dimension, a linear
/// position counts in row-major order (random bits depend on it alone). With row reductions
/// dims[rank - 1] is at most PLUSH_MAX_ROW. Registers are private; each instruction's result may
/// be one of its operands. FILL instructions do not depend on the tile.
typedef struct {
  int32_t rank;
  int32_t register_count;
  int32_t instruction_count;
  int32_t view_count;
  int32_t reduces_rows;  // 1 if any ROW_ or EXPAND instruction or per-row value is in it
  int64_t dims[PLUSH_MAX_RANK];
  const PlushInstruction *instructions;
  const PlushView *views;
  struct PlushTilePlan *prepared;  // by plush_elementwise_prepare; else NULL
} PlushElementwise;

/// Finds out once what each run of a small program finds out again otherwise: that takes longer
/// than the work. Larger programs stay as they are. `is_block`: the program will run block by
/// block, of which one that is all of its space is prepared.
void plush_elementwise_prepare(PlushElementwise *program, bool is_block);

/// Frees what `plush_elementwise_prepare` made.
void plush_elementwise_forget(PlushElementwise *program);

/// Runs the program over its whole space, on the pool if the work is worth it.
void plush_elementwise(const PlushElementwise *program, void *const *slots);

/// Runs the program, on the calling thread, over the part of its space where the linear row (all
/// dimensions but the last, flattened) is in row..<row + rows and the column in
/// column..<column + columns. With row reductions the block must span all columns.
void plush_elementwise_block(
    const PlushElementwise *program, void *const *slots, size_t row, size_t rows, size_t column,
    size_t columns);
