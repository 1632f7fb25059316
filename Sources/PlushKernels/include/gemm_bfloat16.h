// Matrix products of bfloat16 that add up in float32.
#pragma once

#include "gemm.h"

/// The types of a product's matrices: float32 or bfloat16 each. What is float32 of A and B is rounded
/// to bfloat16 while it is read.
typedef struct {
  PlushType a, b, c;
} PlushGemmTypes;

/// C = A·B as `plush_gemm` has it. For each element of C the order of additions depends on k alone.
void plush_gemm_bfloat16(PlushGemmTypes types, const PlushGemm *gemm);
