// Factorizations of one matrix, and triangular systems. No guard: included once for each
// instruction set, with MATRIX_TABLE naming the table that it fills.

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

/// The reflection 1 - factor · v vᵀ that takes the elements of x after k, `stride` apart, to
/// 0; v is 0 before k. Returns the factor, 0 if no element is above `negligible`.
static double reflection(
    const double *x, size_t stride, size_t count, size_t k, double negligible, double *v) {
  double largest = 0, sum = 0;
  memset(v, 0, count * sizeof *v);
  for (size_t i = k; i < count; i++) largest = fmax(largest, fabs(x[i * stride]));
  if (largest <= negligible) return 0;
  // Parts of the largest keep their digits however small that is.
  for (size_t i = k; i < count; i++) {
    v[i] = x[i * stride] / largest;
    sum += v[i] * v[i];
  }
  const double target = v[k] > 0 ? -sqrt(sum) : sqrt(sum), first = v[k] - target;
  for (size_t i = k; i < count; i++) v[i] = i == k ? 1 : v[i] / first;
  return -first / target;
}

static void qr(const Batch *batch, size_t matrix, double *scratch) {
  const size_t m = batch->m, n = batch->n;
  double *r = scratch, *q = r + m * n, *vectors = q + m * n, *factors = vectors + m * n;
  double *products = factors + n;
  load(batch->type, batch->a, matrix, m * n, r);
  for (size_t k = 0; k < n; k++) {
    factors[k] = reflection(r + k, n, m, k, 0, vectors + k * m);
    reflect(vectors + k * m, factors[k], r, m, n, k, k, products);
  }
  for (size_t i = 0; i < m * n; i++) q[i] = i / n == i % n;
  for (size_t k = n; k-- > 0;) reflect(vectors + k * m, factors[k], q, m, n, k, k, products);
  for (size_t i = 0; i < n; i++) memset(r + i * n, 0, i * sizeof *r);
  store(batch->type, q, matrix, m * n, batch->first);
  store(batch->type, r, matrix, n * n, batch->second);
}

// MARK: Singular values

// As Golub and Reinsch do it, 1970: reflections make the matrix bidiagonal, then rotations of
// neighboring rows and columns, the steps of QR with shifts, make it diagonal.

/// U·B·Vᵀ, the rows of u and v being the columns of U and V; B has the diagonal d, and e above it.
typedef struct {
  size_t m, n;
  double *u, *v, *d, *e;
  double negligible;  // what counts as 0 in B
} Bidiagonal;

typedef struct {
  double c, s;
} Rotation;

/// Rotates y and z into their length, which is left in y.
static Rotation rotation_of(double *y, double z) {
  const double length = hypot(*y, z);
  // Numbers with few bits left have no direction.
  if (!(length > DBL_MIN / DBL_EPSILON)) return (Rotation){1, 0};
  const Rotation rotation = {*y / length, z / length};
  *y = length;
  return rotation;
}

/// x = c · x + s · y, y = c · y - s · x
static void rotate(Rotation r, double *restrict x, double *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const double a = x[i], b = y[i];
    x[i] = r.c * a + r.s * b;
    y[i] = r.c * b - r.s * a;
  }
}

static void rotate_left(const Bidiagonal *b, Rotation r, size_t i, size_t j) {
  rotate(r, b->u + i * b->m, b->u + j * b->m, b->m);
}

static void rotate_right(const Bidiagonal *b, Rotation r, size_t i, size_t j) {
  rotate(r, b->v + i * b->n, b->v + j * b->n, b->n);
}

static bool is_zero(const Bidiagonal *b, double x) { return !(fabs(x) > b->negligible); }

/// Where d[i] is 0: takes e[i] to 0 by rotating row i with those below, up to `last`.
static void clear_row(const Bidiagonal *b, size_t i, size_t last) {
  double extra = b->e[i];
  b->d[i] = b->e[i] = 0;
  for (size_t j = i + 1; j <= last && !is_zero(b, extra); j++) {
    const Rotation r = rotation_of(&b->d[j], extra);
    rotate_left(b, r, j, i);
    if (j == last) break;
    extra = -r.s * b->e[j];
    b->e[j] *= r.c;
  }
}

/// Where d[last] is 0: takes e[last - 1] to 0 by rotating column `last` with those before, down to
/// `first`.
static void clear_column(const Bidiagonal *b, size_t first, size_t last) {
  double extra = b->e[last - 1];
  b->d[last] = b->e[last - 1] = 0;
  for (size_t j = last; j-- > first && !is_zero(b, extra);) {
    const Rotation r = rotation_of(&b->d[j], extra);
    rotate_right(b, r, j, last);
    if (j == first) break;
    extra = -r.s * b->e[j - 1];
    b->e[j - 1] *= r.c;
  }
}

/// The eigenvalue of the last 2×2 block of BᵀB that is nearer to its last element (Wilkinson).
static double shift_of(const Bidiagonal *b, size_t first, size_t last) {
  const double above = last - 1 > first ? b->e[last - 2] : 0;
  const double d = b->d[last - 1], e = b->e[last - 1], end = b->d[last];
  const double low = end * end + e * e, side = d * e, half = (d * d + above * above - low) / 2;
  if (side == 0) return low;
  return low - side * (side / (half + copysign(hypot(half, side), half)));
}

/// A step of QR with a shift on the block from `first` to `last`.
static void step_block(const Bidiagonal *b, size_t first, size_t last) {
  double *d = b->d, *e = b->e;
  double y = d[first] * d[first] - shift_of(b, first, last), z = d[first] * e[first];
  for (size_t k = first; k < last; k++) {
    Rotation r = rotation_of(k > first ? &e[k - 1] : &y, z);
    y = r.c * d[k] + r.s * e[k];
    e[k] = r.c * e[k] - r.s * d[k];
    z = r.s * d[k + 1];
    d[k + 1] *= r.c;
    rotate_right(b, r, k, k + 1);
    d[k] = y;
    r = rotation_of(&d[k], z);
    const double side = e[k], below = d[k + 1];
    e[k] = r.c * side + r.s * below;
    d[k + 1] = r.c * below - r.s * side;
    rotate_left(b, r, k, k + 1);
    if (k + 1 == last) break;
    z = r.s * e[k + 1];
    e[k + 1] *= r.c;
  }
}

/// Takes e to 0.
static void diagonalize(Bidiagonal *b) {
  enum { MAX_STEPS = 60 };
  double largest = 0;
  for (size_t i = 0; i < b->n; i++) largest = fmax(largest, fabs(b->d[i]));
  for (size_t i = 0; i + 1 < b->n; i++) largest = fmax(largest, fabs(b->e[i]));
  b->negligible = DBL_EPSILON * largest;
  size_t last = b->n - 1;
  for (size_t step = 0; last > 0 && step < MAX_STEPS * b->n; step++) {
    if (is_zero(b, b->e[last - 1])) {
      b->e[--last] = 0;
      continue;
    }
    size_t first = last;
    while (first > 0 && !is_zero(b, b->e[first - 1])) first--;
    size_t zero = first;
    while (zero <= last && !is_zero(b, b->d[zero])) zero++;
    if (zero > last) {
      step_block(b, first, last);
    } else if (zero < last) {
      clear_row(b, zero, last);
    } else {
      clear_column(b, first, last);
    }
  }
}

/// Makes a matrix bidiagonal; gives the vectors and factors of the reflections.
static void bidiagonalize(
    const Bidiagonal *b, double *a, double *left, double *right, double *factors,
    double *products) {
  const size_t m = b->m, n = b->n;
  // The largest element of the matrix is 1; noise of noise would end in numbers of few bits.
  const double noise = DBL_EPSILON * DBL_EPSILON;
  for (size_t k = 0; k < n; k++) {
    factors[k] = reflection(a + k, n, m, k, noise, left + k * m);
    reflect(left + k * m, factors[k], a, m, n, k, k, products);
    b->d[k] = a[k * n + k];
    if (k + 1 == n) break;
    double *w = right + k * n;
    factors[n + k] = reflection(a + k * n, 1, n, k + 1, noise, w);
    for (size_t i = k; i < m; i++) {
      double *row = a + i * n + k + 1;
      const size_t rest = n - k - 1;
      subtract(factors[n + k] * dot(w + k + 1, row, rest), w + k + 1, row, rest);
    }
    b->e[k] = a[k * n + k + 1];
  }
}

/// Makes values positive and puts them in descending order.
static void sort_values(const Bidiagonal *b) {
  for (size_t k = 0; k < b->n; k++) {
    for (size_t i = 0; b->d[k] < 0 && i < b->n; i++) b->v[k * b->n + i] *= -1;
    b->d[k] = fabs(b->d[k]);
  }
  for (size_t k = 0; k < b->n; k++) {
    size_t largest = k;
    for (size_t j = k + 1; j < b->n; j++) {
      if (b->d[j] > b->d[largest]) largest = j;
    }
    exchange_rows(b->d, 1, k, largest);
    exchange_rows(b->u, b->m, k, largest);
    exchange_rows(b->v, b->n, k, largest);
  }
}

static void svd(const Batch *batch, size_t matrix, double *scratch) {
  const size_t m = batch->m, n = batch->n;
  double *a = scratch, *left = a + m * n, *right = left + m * n, *v = right + n * n;
  double *d = v + n * n, *e = d + n, *factors = e + n, *products = factors + 2 * n;
  load(batch->type, batch->a, matrix, m * n, a);
  // So that squares do not overflow.
  double largest = 0;
  for (size_t i = 0; i < m * n; i++) largest = fmax(largest, fabs(a[i]));
  for (size_t i = 0; largest > 0 && i < m * n; i++) a[i] /= largest;
  Bidiagonal b = {.m = m, .n = n, .u = left, .v = right, .d = d, .e = e};
  bidiagonalize(&b, a, left, right, factors, products);
  for (size_t i = 0; i < m * n; i++) a[i] = i / n == i % n;
  for (size_t k = n; k-- > 0;) reflect(left + k * m, factors[k], a, m, n, k, k, products);
  for (size_t i = 0; i < n * n; i++) v[i] = i / n == i % n;
  for (size_t k = n - 1; k-- > 0;) {
    reflect(right + k * n, factors[n + k], v, n, n, k + 1, k + 1, products);
  }
  transpose(a, b.u, m, n);
  transpose(v, b.v, n, n);
  diagonalize(&b);
  sort_values(&b);
  transpose(b.u, a, n, m);
  transpose(b.v, v, n, n);
  for (size_t k = 0; k < n; k++) d[k] *= largest;
  store(batch->type, a, matrix, m * n, batch->first);
  store(batch->type, d, matrix, n, batch->second);
  store(batch->type, v, matrix, n * n, batch->third);
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

const MatrixTable MATRIX_TABLE = {cholesky, lu, qr, svd, solve};
