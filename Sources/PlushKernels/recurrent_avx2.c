#if defined(__x86_64__)
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recurrent_table.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VECTOR_BYTES 32
#include "math_exponential.h"

#define ELEMENT float
#define NUMBER floats
#define WIDTH LANES
#define SIGMOID sigmoid_of
#define TANH tanh_of
#define NAME(x) f32_##x
#define TABLE plush_recurrent_f32_avx2
#include "recurrent_bodies.h"
#pragma clang attribute pop
#endif
