#include "matrices.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "scratch.h"
#include "threads.h"

/// What happens to each matrix of a batch.
typedef struct Batch {
  PlushType type;
  PlushTriangle triangle;
  size_t m, n;
  const void *a, *b;
  void *first, *second, *third;
  size_t scratch;  // doubles that one matrix needs
  void (*body)(const struct Batch *batch, size_t matrix, double *scratch);
} Batch;

static void load(PlushType type, const void *from, size_t matrix, size_t count, double *to) {
  if (type == PLUSH_FLOAT64) {
    memcpy(to, (const double *)from + matrix * count, count * sizeof *to);
    return;
  }
  const float *values = (const float *)from + matrix * count;
  for (size_t i = 0; i < count; i++) to[i] = values[i];
}

static void store(PlushType type, const double *from, size_t matrix, size_t count, void *to) {
  if (type == PLUSH_FLOAT64) {
    memcpy((double *)to + matrix * count, from, count * sizeof *from);
    return;
  }
  float *values = (float *)to + matrix * count;
  for (size_t i = 0; i < count; i++) values[i] = (float)from[i];
}

typedef struct {
  const Batch *batch;
  size_t count, chunk;
} Matrices;

static void run_chunk(void *context, size_t index) {
  const Matrices *matrices = context;
  const Batch *batch = matrices->batch;
  double *scratch = plush_take_scratch(batch->scratch * sizeof *scratch);
  const size_t first = index * matrices->chunk;
  for (size_t i = first; i < first + matrices->chunk && i < matrices->count; i++) {
    batch->body(batch, i, scratch);
  }
  plush_give_back_scratch(scratch);
}

/// Small matrices share a chunk.
static void run(Batch batch, size_t count) {
  Matrices matrices = {&batch, count, 1 + 2048 / (batch.scratch + 1)};
  plush_parallel((count + matrices.chunk - 1) / matrices.chunk, run_chunk, &matrices);
}

/// y -= factor · x
static void subtract(double factor, const double *restrict x, double *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] -= factor * x[i];
}

/// Adds in eight lanes, so that vector instructions can.
static double dot(const double *x, const double *y, size_t count) {
  enum { LANES = 8 };
  double sums[LANES] = {0}, sum = 0;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) sums[lane] += x[i + lane] * y[i + lane];
  }
  for (; i < count; i++) sum += x[i] * y[i];
  for (size_t lane = 0; lane < LANES; lane++) sum += sums[lane];
  return sum;
}

static void transpose(const double *from, double *to, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
  }
}

// MARK: Cholesky

static void cholesky(const Batch *batch, size_t matrix, double *scratch) {
  const size_t n = batch->n;
  double *upper = scratch, *lower = scratch + n * n;
  load(batch->type, batch->a, matrix, n * n, lower);
  transpose(lower, upper, n, n);
  for (size_t k = 0; k < n; k++) {
    double *row = upper + k * n;
    const double root = sqrt(row[k]);
    for (size_t j = 0; j < n; j++) row[j] = j < k ? 0 : row[j] / root;
    for (size_t i = k + 1; i < n; i++) subtract(row[i], row + i, upper + i * n + i, n - i);
  }
  transpose(upper, lower, n, n);
  store(batch->type, lower, matrix, n * n, batch->first);
}

void plush_cholesky(PlushType type, const void *a, void *l, size_t count, size_t n) {
  run((Batch){.type = type, .n = n, .a = a, .first = l, .scratch = 2 * n * n, .body = cholesky},
      count);
}

// MARK: LU

static void exchange_rows(double *a, size_t n, size_t i, size_t j) {
  for (size_t c = 0; c < n && i != j; c++) {
    const double value = a[i * n + c];
    a[i * n + c] = a[j * n + c];
    a[j * n + c] = value;
  }
}

static void lu(const Batch *batch, size_t matrix, double *a) {
  const size_t n = batch->n;
  int32_t *permutation = (int32_t *)batch->second + matrix * n;
  load(batch->type, batch->a, matrix, n * n, a);
  for (size_t i = 0; i < n; i++) permutation[i] = (int32_t)i;
  for (size_t k = 0; k < n; k++) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; i++) {
      if (fabs(a[i * n + k]) > fabs(a[pivot * n + k])) pivot = i;
    }
    exchange_rows(a, n, k, pivot);
    const int32_t moved = permutation[k];
    permutation[k] = permutation[pivot];
    permutation[pivot] = moved;
    const double *row = a + k * n;
    if (row[k] == 0) continue;
    for (size_t i = k + 1; i < n; i++) {
      a[i * n + k] /= row[k];
      subtract(a[i * n + k], row + k + 1, a + i * n + k + 1, n - k - 1);
    }
  }
  store(batch->type, a, matrix, n * n, batch->first);
}

void plush_lu(
    PlushType type, const void *a, void *lu_, int32_t *permutation, size_t count, size_t n) {
  run((Batch){
          .type = type, .n = n, .a = a, .first = lu_, .second = permutation, .scratch = n * n,
          .body = lu},
      count);
}

// MARK: QR

/// A -= v (Aᵀ v)ᵀ · factor for the rows from `first` on and the columns from `column` on.
static void reflect(
    const double *v, double factor, double *a, size_t m, size_t n, size_t first, size_t column,
    double *products) {
  memset(products, 0, n * sizeof *products);
  for (size_t i = first; i < m; i++) {
    subtract(-v[i], a + i * n + column, products + column, n - column);
  }
  for (size_t i = first; i < m; i++) {
    subtract(factor * v[i], products + column, a + i * n + column, n - column);
  }
}

/// Takes column k below the diagonal to 0; returns the factor of the reflection along v.
static double reflection(const double *r, size_t m, size_t n, size_t k, double *v) {
  double largest = 0, sum = 0;
  for (size_t i = k; i < m; i++) largest = fmax(largest, fabs(r[i * n + k]));
  if (largest == 0) {
    v[k] = 0;
    return 0;
  }
  for (size_t i = k; i < m; i++) sum += r[i * n + k] / largest * (r[i * n + k] / largest);
  const double length = sqrt(sum) * largest;
  const double target = r[k * n + k] > 0 ? -length : length;
  const double first = r[k * n + k] - target;
  for (size_t i = k; i < m; i++) v[i] = i == k ? 1 : r[i * n + k] / first;
  return -first / target;
}

static void qr(const Batch *batch, size_t matrix, double *scratch) {
  const size_t m = batch->m, n = batch->n;
  double *r = scratch, *q = r + m * n, *vectors = q + m * n, *factors = vectors + m * n;
  double *products = factors + n;
  load(batch->type, batch->a, matrix, m * n, r);
  memset(vectors, 0, m * n * sizeof *vectors);
  for (size_t k = 0; k < n; k++) {
    factors[k] = reflection(r, m, n, k, vectors + k * m);
    reflect(vectors + k * m, factors[k], r, m, n, k, k, products);
  }
  for (size_t i = 0; i < m * n; i++) q[i] = i / n == i % n;
  for (size_t k = n; k-- > 0;) reflect(vectors + k * m, factors[k], q, m, n, k, k, products);
  for (size_t i = 0; i < n; i++) memset(r + i * n, 0, i * sizeof *r);
  store(batch->type, q, matrix, m * n, batch->first);
  store(batch->type, r, matrix, n * n, batch->second);
}

void plush_qr(
    PlushType type, const void *a, void *q, void *r, size_t count, size_t m, size_t n) {
  run((Batch){
          .type = type, .m = m, .n = n, .a = a, .first = q, .second = r,
          .scratch = 3 * m * n + 2 * n, .body = qr},
      count);
}

// MARK: Singular values

static void rotate(double *x, double *y, double c, double s, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const double a = x[i], b = y[i];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

/// Makes two columns (rows of u) orthogonal; false if they were.
static bool rotate_pair(double *u, double *v, size_t m, size_t n, size_t p, size_t q) {
  double *x = u + p * m, *y = u + q * m;
  const double xx = dot(x, x, m), yy = dot(y, y, m), xy = dot(x, y, m);
  if (!(fabs(xy) > DBL_EPSILON * sqrt(xx * yy))) return false;
  const double zeta = (yy - xx) / (2 * xy);
  const double t = copysign(1 / (fabs(zeta) + hypot(1, zeta)), zeta);
  const double c = 1 / hypot(1, t);
  rotate(x, y, c, c * t, m);
  rotate(v + p * n, v + q * n, c, c * t, n);
  return true;
}

/// Puts a vector orthogonal to those before it, of length 1, in place of one without a direction.
static void complete(double *u, size_t m, size_t k) {
  double *x = u + k * m;
  for (size_t axis = 0; axis < m; axis++) {
    memset(x, 0, m * sizeof *x);
    x[axis] = 1;
    for (int twice = 0; twice < 2; twice++) {
      for (size_t j = 0; j < k; j++) subtract(dot(u + j * m, x, m), u + j * m, x, m);
    }
    const double length = sqrt(dot(x, x, m));
    if (length < 0.5 / sqrt((double)m)) continue;
    for (size_t i = 0; i < m; i++) x[i] /= length;
    return;
  }
}

/// Moves the longest of the vectors from k on to place k.
static void bring_longest(double *u, double *v, double *s, size_t m, size_t n, size_t k) {
  size_t longest = k;
  for (size_t j = k + 1; j < n; j++) {
    if (s[j] > s[longest]) longest = j;
  }
  if (longest == k) return;
  const double length = s[k];
  s[k] = s[longest];
  s[longest] = length;
  rotate(u + k * m, u + longest * m, 0, -1, m);
  rotate(v + k * n, v + longest * n, 0, -1, n);
  for (size_t i = 0; i < m; i++) u[longest * m + i] = -u[longest * m + i];
  for (size_t i = 0; i < n; i++) v[longest * n + i] = -v[longest * n + i];
}

static void svd(const Batch *batch, size_t matrix, double *scratch) {
  enum { MAX_SWEEPS = 60 };
  const size_t m = batch->m, n = batch->n;
  double *a = scratch, *u = a + m * n, *v = u + m * n, *s = v + n * n;
  load(batch->type, batch->a, matrix, m * n, a);
  transpose(a, u, m, n);
  for (size_t i = 0; i < n * n; i++) v[i] = i / n == i % n;
  bool is_changing = true;
  for (int sweep = 0; is_changing && sweep < MAX_SWEEPS; sweep++) {
    is_changing = false;
    for (size_t p = 0; p + 1 < n; p++) {
      for (size_t q = p + 1; q < n; q++) is_changing |= rotate_pair(u, v, m, n, p, q);
    }
  }
  for (size_t k = 0; k < n; k++) s[k] = sqrt(dot(u + k * m, u + k * m, m));
  for (size_t k = 0; k < n; k++) bring_longest(u, v, s, m, n, k);
  for (size_t k = 0; k < n; k++) {
    if (s[k] <= DBL_EPSILON * s[0]) {
      complete(u, m, k);
    } else {
      for (size_t i = 0; i < m; i++) u[k * m + i] /= s[k];
    }
  }
  transpose(u, a, n, m);
  store(batch->type, a, matrix, m * n, batch->first);
  store(batch->type, s, matrix, n, batch->second);
  transpose(v, u, n, n);
  store(batch->type, u, matrix, n * n, batch->third);
}

void plush_svd(
    PlushType type, const void *a, void *u, void *s, void *v, size_t count, size_t m, size_t n) {
  run((Batch){
          .type = type, .m = m, .n = n, .a = a, .first = u, .second = s, .third = v,
          .scratch = 2 * m * n + n * n + n, .body = svd},
      count);
}

// MARK: Triangular systems

static void solve(const Batch *batch, size_t matrix, double *scratch) {
  const size_t n = batch->m, k = batch->n;
  const PlushTriangle triangle = batch->triangle;
  double *t = scratch, *x = t + n * n;
  load(batch->type, batch->a, matrix, n * n, t);
  load(batch->type, batch->b, matrix, n * k, x);
  const bool is_downward = triangle.upper == triangle.transposed;
  for (size_t step = 0; step < n; step++) {
    const size_t i = is_downward ? step : n - 1 - step;
    for (size_t before = 0; before < step; before++) {
      const size_t j = is_downward ? before : n - 1 - before;
      subtract(triangle.transposed ? t[j * n + i] : t[i * n + j], x + j * k, x + i * k, k);
    }
    for (size_t c = 0; c < k && !triangle.unit_diagonal; c++) x[i * k + c] /= t[i * n + i];
  }
  store(batch->type, x, matrix, n * k, batch->first);
}

void plush_solve_triangular(
    PlushType type, PlushTriangle triangle, const void *t, const void *b, void *x, size_t count,
    size_t n, size_t k) {
  run((Batch){
          .type = type, .triangle = triangle, .m = n, .n = k, .a = t, .b = b, .first = x,
          .scratch = n * n + n * k, .body = solve},
      count);
}
