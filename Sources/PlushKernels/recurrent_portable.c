#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recurrent_table.h"

#define VECTOR_BYTES 16
#include "math_exponential.h"

#define ELEMENT float
#define NUMBER floats
#define WIDTH LANES
#define SIGMOID sigmoid_of
#define TANH tanh_of
#define NAME(x) f32_##x
#define TABLE plush_recurrent_f32_portable
#include "recurrent_bodies.h"

static inline double sigmoid_of_double(double x) { return 1 / (1 + exp(-x)); }

#define ELEMENT double
#define NUMBER double
#define WIDTH 1
#define SIGMOID sigmoid_of_double
#define TANH tanh
#define NAME(x) f64_##x
#define TABLE plush_recurrent_f64_portable
#include "recurrent_bodies.h"
