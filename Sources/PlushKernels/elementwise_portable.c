#include <math.h>
#include <stdint.h>

#include "elementwise_table.h"

#define VECTOR_BYTES 16
#define TABLE plush_elementwise_portable
#include "elementwise_kernels.h"
