// Products of the types that have no vector kernel of their own.
#pragma once

#include "gemm_block.h"

/// Widens to float32, block by block, and adds up in it.
void plush_gemm_float16_block(const GemmBlock *block);

void plush_gemm_int32_block(const GemmBlock *block);
void plush_gemm_int64_block(const GemmBlock *block);
void plush_gemm_uint8_block(const GemmBlock *block);
void plush_gemm_bool_block(const GemmBlock *block);
