#include <float.h>
#include <math.h>
#include <string.h>

#include "matrices_table.h"

#define MATRIX_TABLE plush_matrix_table_portable
#include "matrices_kernels.h"
