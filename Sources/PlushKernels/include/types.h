// Types of elements in memory and of values in registers.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Type of an element in memory. The order is the order of `DType` in the engine.
typedef enum {
  PLUSH_FLOAT32,
  PLUSH_FLOAT16,
  PLUSH_BFLOAT16,
  PLUSH_FLOAT64,
  PLUSH_INT32,
  PLUSH_INT64,
  PLUSH_UINT8,
  PLUSH_BOOL,
} PlushType;

/// Type that arithmetic happens in: float32, float16 and bfloat16 compute in F32; float64 in F64;
/// int32, uint8 and bool in I32; int64 in I64.
typedef enum { PLUSH_F32, PLUSH_F64, PLUSH_I32, PLUSH_I64 } PlushClass;

static inline size_t plush_type_size(PlushType type) {
  switch (type) {
    case PLUSH_FLOAT64:
    case PLUSH_INT64: return 8;
    case PLUSH_FLOAT32:
    case PLUSH_INT32: return 4;
    case PLUSH_FLOAT16:
    case PLUSH_BFLOAT16: return 2;
    default: return 1;
  }
}

static inline PlushClass plush_class_of(PlushType type) {
  switch (type) {
    case PLUSH_FLOAT64: return PLUSH_F64;
    case PLUSH_INT64: return PLUSH_I64;
    case PLUSH_FLOAT32:
    case PLUSH_FLOAT16:
    case PLUSH_BFLOAT16: return PLUSH_F32;
    default: return PLUSH_I32;
  }
}
