// The arithmetic of the CPU. One header per family; each family has one implementation written on
// vectors of the compiler, compiled once per instruction set and chosen when the process starts.
#pragma once

#include "convolution.h"
#include "elementwise.h"
#include "float_mode.h"
#include "fourier.h"
#include "gemm.h"
#include "gemm_bfloat16.h"
#include "indexing.h"
#include "isa.h"
#include "matrices.h"
#include "pooling.h"
#include "recurrent.h"
#include "reduce.h"
#include "threads.h"
#include "types.h"
#include "window.h"
