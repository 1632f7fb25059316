// Stockham's transform by factors of the length, on blocks of lines side by side; lengths with a
// large prime factor are convolutions of a power of two (Bluestein, 1970).
#include "fourier.h"

#include <math.h>
#include <string.h>

#include "fourier_stages.h"
#include "scratch.h"
#include "threads.h"

enum { MAX_FACTORS = 64, MAX_LANES = 8 };

/// A length as a product of small factors, with the roots of unity.
typedef struct {
  size_t length;
  int count;
  size_t factors[MAX_FACTORS];
  Complex *roots;
} Transform;

typedef struct {
  PlushType type;
  const char *x;
  char *y;
  size_t count, length, lanes;
  bool inverse;
  Transform main;     // of the length, or of the convolution
  Complex *chirp;     // null if the length has small factors only
  Complex *spectrum;  // of the chirp, for the convolution
} Fourier;

static bool factorize(Transform *t, size_t length) {
  static const size_t order[] = {4, 2, 3, 5, 7, 11, FOURIER_LARGEST_FACTOR};
  t->length = length;
  t->count = 0;
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    for (; length % order[i] == 0; length /= order[i]) t->factors[t->count++] = order[i];
  }
  return length == 1;
}

static Complex unit(double turns) {
  return (Complex){cos(2 * M_PI * turns), sin(2 * M_PI * turns)};
}

/// roots[k] = exp(-2πi k / length): products of few sines and cosines.
static void make_roots(Complex *roots, size_t length) {
  enum { FINE = 64 };
  Complex fine[FINE];
  for (size_t k = 0; k < FINE; k++) fine[k] = unit(-(double)k / (double)length);
  for (size_t k = 0; k < length; k += FINE) {
    const Complex coarse = unit(-(double)k / (double)length);
    for (size_t j = 0; j < FINE && k + j < length; j++) roots[k + j] = times(coarse, fine[j]);
  }
}

/// Transforms lanes lines side by side; returns where the result is, `from` or `spare`.
static Parts transform(const Transform *t, Parts from, Parts spare, size_t lanes) {
  size_t length = t->length, step = lanes;
  for (int i = 0; i < t->count; i++) {
    const Stage stage = {length, t->factors[i], step, t->roots, t->length};
    plush_fourier_stage(&stage, from, spare);
    const Parts result = spare;
    spare = from;
    from = result;
    length /= t->factors[i];
    step *= t->factors[i];
  }
  return from;
}

/// Line after line into parts side by side. The inverse exchanges the parts, here and at the end.
static void load(const Fourier *f, size_t line, size_t lanes, Parts to) {
  double *re = f->inverse ? to.im : to.re, *im = f->inverse ? to.re : to.im;
  for (size_t lane = 0; lane < lanes; lane++) {
    const size_t first = (line + lane) * f->length * 2;
    for (size_t k = 0; k < f->length; k++) {
      const size_t at = first + 2 * k;
      const bool is_single = f->type == PLUSH_FLOAT32;
      re[k * lanes + lane] = is_single ? ((const float *)f->x)[at] : ((const double *)f->x)[at];
      im[k * lanes + lane] =
          is_single ? ((const float *)f->x)[at + 1] : ((const double *)f->x)[at + 1];
    }
  }
}

static void store(const Fourier *f, size_t line, size_t lanes, Parts from) {
  const double *re = f->inverse ? from.im : from.re, *im = f->inverse ? from.re : from.im;
  for (size_t lane = 0; lane < lanes; lane++) {
    const size_t first = (line + lane) * f->length * 2;
    for (size_t k = 0; k < f->length; k++) {
      const size_t at = first + 2 * k;
      if (f->type == PLUSH_FLOAT32) {
        ((float *)f->y)[at] = (float)re[k * lanes + lane];
        ((float *)f->y)[at + 1] = (float)im[k * lanes + lane];
      } else {
        ((double *)f->y)[at] = re[k * lanes + lane];
        ((double *)f->y)[at + 1] = im[k * lanes + lane];
      }
    }
  }
}

/// Multiplies element k of every lane by factors[k].
static void scale(Parts p, const Complex *factors, size_t count, size_t lanes) {
  for (size_t k = 0; k < count; k++) {
    for (size_t lane = 0; lane < lanes; lane++) {
      const size_t at = k * lanes + lane;
      const Complex product = times((Complex){p.re[at], p.im[at]}, factors[k]);
      p.re[at] = product.re;
      p.im[at] = product.im;
    }
  }
}

/// Σ x_j c_j conj(c_(k-j)) c_k, where c is the chirp: jk = (j² + k² - (k - j)²) / 2.
static Parts convolve(const Fourier *f, Parts from, Parts spare, size_t lanes) {
  const size_t padded = f->main.length;
  scale(from, f->chirp, f->length, lanes);
  const size_t used = f->length * lanes, all = padded * lanes;
  memset(from.re + used, 0, (all - used) * sizeof(double));
  memset(from.im + used, 0, (all - used) * sizeof(double));
  Parts result = transform(&f->main, from, spare, lanes);
  Parts other = result.re == from.re ? spare : from;
  scale(result, f->spectrum, padded, lanes);
  // The inverse: parts exchanged before and after.
  result = transform(
      &f->main, (Parts){result.im, result.re}, (Parts){other.im, other.re}, lanes);
  result = (Parts){result.im, result.re};
  scale(result, f->chirp, f->length, lanes);
  return result;
}

static void run_block(void *context, size_t block) {
  const Fourier *f = context;
  const size_t line = block * f->lanes;
  const size_t lanes = f->count - line < f->lanes ? f->count - line : f->lanes;
  const size_t size = f->main.length * lanes;
  double *memory = plush_take_scratch(4 * size * sizeof(double));
  const Parts from = {memory, memory + size}, spare = {memory + 2 * size, memory + 3 * size};
  load(f, line, lanes, from);
  const Parts result =
      f->chirp ? convolve(f, from, spare, lanes) : transform(&f->main, from, spare, lanes);
  store(f, line, lanes, result);
  plush_give_back_scratch(memory);
}

/// c_k = exp(-πi k² / length), and the transform of its conjugate around 0, scaled for the inverse.
static void make_chirp(Fourier *f) {
  const size_t length = f->length, padded = f->main.length;
  for (size_t k = 0; k < length; k++) {
    const unsigned __int128 square = (unsigned __int128)k * k;
    f->chirp[k] = unit(-(double)(square % (2 * length)) / (double)(2 * length));
  }
  double *memory = plush_take_scratch(4 * padded * sizeof(double));
  const Parts from = {memory, memory + padded};
  memset(memory, 0, 2 * padded * sizeof(double));
  for (size_t k = 0; k < length; k++) {
    const size_t mirrored = k == 0 ? 0 : padded - k;
    from.re[k] = from.re[mirrored] = f->chirp[k].re / (double)padded;
    from.im[k] = from.im[mirrored] = -f->chirp[k].im / (double)padded;
  }
  const Parts spare = {memory + 2 * padded, memory + 3 * padded};
  const Parts result = transform(&f->main, from, spare, 1);
  for (size_t k = 0; k < padded; k++) f->spectrum[k] = (Complex){result.re[k], result.im[k]};
  plush_give_back_scratch(memory);
}

void plush_fft(
    PlushType type, const void *x, void *y, size_t count, size_t length, bool inverse) {
  if (count == 0 || length == 0) return;
  Fourier f = {.type = type, .x = x, .y = y, .count = count, .length = length};
  f.inverse = inverse;
  const bool is_smooth = factorize(&f.main, length);
  if (!is_smooth) {
    size_t padded = 1;
    while (padded < 2 * length - 1) padded *= 2;
    factorize(&f.main, padded);
  }
  const size_t main = f.main.length;
  Complex *tables = plush_take_scratch((is_smooth ? main : 2 * main + length) * sizeof *tables);
  f.main.roots = tables;
  make_roots(tables, main);
  if (!is_smooth) {
    f.spectrum = tables + main;
    f.chirp = tables + 2 * main;
    make_chirp(&f);
  }
  const size_t fitting = 1 + 16384 / main;
  f.lanes = fitting < MAX_LANES ? fitting : MAX_LANES;
  plush_parallel((count + f.lanes - 1) / f.lanes, run_block, &f);
  plush_give_back_scratch(tables);
}
