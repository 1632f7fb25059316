// Winograd's transforms, for any width of vector. A file for an instruction set includes it, having
// defined LANES, NAME(x), and Tail, make_tail, load_tail, store_tail as for gemm_tile.h.
//
// The points are 0, 1, -1, (2, -2,) ∞. Each function of a line is one matrix; applied to the columns
// and then to the rows it is the transform of a square.
#include "winograd.h"

typedef float NAME(Vector) __attribute__((ext_vector_type(LANES)));
typedef float NAME(Loose) __attribute__((ext_vector_type(LANES), aligned(1), may_alias));
typedef NAME(Vector) NAME(V);

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

INLINE NAME(V) NAME(load)(const float *p) { return *(const NAME(Loose) *)p; }
INLINE void NAME(store)(float *p, NAME(V) x) { *(NAME(Loose) *)p = x; }

// MARK: Lines: x and y are every `step`th vector

/// Bᵀ
INLINE void NAME(input_line)(int tile, const NAME(V) *x, NAME(V) *y, int step) {
  const NAME(V) a = x[0], b = x[step], c = x[2 * step], d = x[3 * step];
  if (tile == 2) {
    y[0] = a - c;
    y[step] = b + c;
    y[2 * step] = c - b;
    y[3 * step] = d - b;
    return;
  }
  const NAME(V) e = x[4 * step], f = x[5 * step];
  const NAME(V) even = e - 4 * c, odd = d - 4 * b, even2 = e - c, odd2 = 2 * (d - b);
  y[0] = 4 * a + (e - 5 * c);
  y[step] = even + odd;
  y[2 * step] = even - odd;
  y[3 * step] = even2 + odd2;
  y[4 * step] = even2 - odd2;
  y[5 * step] = 4 * b + (f - 5 * d);
}

/// Aᵀ
INLINE void NAME(output_line)(int tile, const NAME(V) *x, NAME(V) *y, int step) {
  const NAME(V) sum = x[step] + x[2 * step], difference = x[step] - x[2 * step];
  if (tile == 2) {
    y[0] = x[0] + sum;
    y[step] = difference + x[3 * step];
    return;
  }
  const NAME(V) sum2 = x[3 * step] + x[4 * step], difference2 = x[3 * step] - x[4 * step];
  y[0] = x[0] + sum + sum2;
  y[step] = difference + 2 * difference2;
  y[2 * step] = sum + 4 * sum2;
  y[3 * step] = difference + 8 * difference2 + x[5 * step];
}

/// A
INLINE void NAME(output_gradient_line)(int tile, const NAME(V) *x, NAME(V) *y, int step) {
  const NAME(V) a = x[0], b = x[step];
  if (tile == 2) {
    y[0] = a;
    y[step] = a + b;
    y[2 * step] = a - b;
    y[3 * step] = b;
    return;
  }
  const NAME(V) c = x[2 * step], d = x[3 * step];
  const NAME(V) even = a + c, odd = b + d, even2 = a + 4 * c, odd2 = 2 * b + 8 * d;
  y[0] = a;
  y[step] = even + odd;
  y[2 * step] = even - odd;
  y[3 * step] = even2 + odd2;
  y[4 * step] = even2 - odd2;
  y[5 * step] = d;
}

/// G
INLINE void NAME(filter_line)(int tile, const NAME(V) *x, NAME(V) *y, int step) {
  const NAME(V) a = x[0], b = x[step], c = x[2 * step];
  if (tile == 2) {
    const NAME(V) even = 0.5f * (a + c), odd = 0.5f * b;
    y[0] = a;
    y[step] = even + odd;
    y[2 * step] = even - odd;
    y[3 * step] = c;
    return;
  }
  const NAME(V) even = (a + c) * (-1.0f / 6), odd = b * (-1.0f / 6);
  const NAME(V) even2 = (a + 4 * c) * (1.0f / 24), odd2 = b * (1.0f / 12);
  y[0] = 0.25f * a;
  y[step] = even + odd;
  y[2 * step] = even - odd;
  y[3 * step] = even2 + odd2;
  y[4 * step] = even2 - odd2;
  y[5 * step] = c;
}

/// Gᵀ
INLINE void NAME(filter_gradient_line)(int tile, const NAME(V) *x, NAME(V) *y, int step) {
  const NAME(V) sum = x[step] + x[2 * step], difference = x[step] - x[2 * step];
  if (tile == 2) {
    y[0] = x[0] + 0.5f * sum;
    y[step] = 0.5f * difference;
    y[2 * step] = 0.5f * sum + x[3 * step];
    return;
  }
  const NAME(V) sum2 = x[3 * step] + x[4 * step], difference2 = x[3 * step] - x[4 * step];
  y[0] = 0.25f * x[0] + (sum2 * (1.0f / 24) - sum * (1.0f / 6));
  y[step] = difference2 * (1.0f / 12) - difference * (1.0f / 6);
  y[2 * step] = x[5 * step] + (sum2 - sum) * (1.0f / 6);
}

/// A line of the kind: its input has `from` vectors.
typedef void (*NAME(Line))(int tile, const NAME(V) *x, NAME(V) *y, int step);

/// y (to × to) = line · x (from × from) · lineᵀ; `x` has rows of 6 vectors, as have all squares.
INLINE void NAME(transform)(
    NAME(Line) line, int tile, int from, int to, const NAME(V) *x, NAME(V) *y) {
  NAME(V) columns[36];
  UNROLLED for (int j = 0; j < from; j++) line(tile, x + j, columns + j, 6);
  UNROLLED for (int i = 0; i < to; i++) line(tile, columns + 6 * i, y + 6 * i, 1);
}

// MARK: Planes

INLINE void NAME(write_planes)(int size, const NAME(V) *x, float *to, size_t plane) {
  UNROLLED for (int i = 0; i < size; i++)
    UNROLLED for (int j = 0; j < size; j++, to += plane) NAME(store)(to, x[6 * i + j]);
}

INLINE void NAME(read_planes)(int size, const float *from, size_t plane, NAME(V) *x) {
  UNROLLED for (int i = 0; i < size; i++)
    UNROLLED for (int j = 0; j < size; j++, from += plane) x[6 * i + j] = NAME(load)(from);
}

// MARK: Patches

/// Reads a square of size × size pixels of some channels; zero outside of the image.
INLINE void NAME(read_image)(
    const PlushPatch *p, int size, size_t channel, bool whole, Tail tail, NAME(V) *x) {
  const float *from = p->image + channel;
  if (whole) {
    UNROLLED for (int i = 0; i < size; i++)
      UNROLLED for (int j = 0; j < size; j++)
        x[6 * i + j] = NAME(load)(from + i * p->row + j * p->pixel);
    return;
  }
  for (int i = 0; i < size; i++)
    for (int j = 0; j < size; j++) {
      const bool inside = i >= p->top && i < p->bottom && j >= p->left && j < p->right;
      x[6 * i + j] = inside ? load_tail(from + i * p->row + j * p->pixel, tail) : (NAME(V))(0);
    }
}

INLINE bool NAME(is_whole)(const PlushPatch *p, int size) {
  return p->top == 0 && p->left == 0 && p->bottom == size && p->right == size;
}

/// Asks for what the next patch has beside this one, all of whose columns from `first` on.
INLINE void NAME(prefetch)(const PlushPatch *p, int size, int first, size_t channel, int writes) {
  if (channel * sizeof(float) % 64 != 0) return;
  UNROLLED for (int i = 0; i < size; i++)
    UNROLLED for (int j = first; j < size; j++) {
      const float *line = p->next + i * p->row + j * p->pixel + channel;
      if (writes) __builtin_prefetch(line, 1);
      else __builtin_prefetch(line, 0);
    }
}

INLINE void NAME(to_planes)(NAME(Line) line, int tile, int from, const PlushPatch *patch) {
  const PlushPatch copy = *patch, *p = &copy;  // lest stores be thought to change it
  const bool inside = NAME(is_whole)(p, from);
  const int size = tile + 2;
  for (size_t c = 0; c < p->channels; c += LANES) {
    const size_t lanes = p->channels - c < LANES ? p->channels - c : LANES;
    NAME(V) x[36], y[36];
    NAME(prefetch)(p, from, from - tile, c, 0);
    if (inside && lanes == LANES)
      NAME(read_image)(p, from, c, true, make_tail(LANES), x);
    else
      NAME(read_image)(p, from, c, false, make_tail(lanes), x);
    NAME(transform)(line, tile, from, size, x, y);
    NAME(write_planes)(size, y, p->planes + c, p->plane);
  }
}

/// The first operand unless the second is greater or not a number.
INLINE NAME(V) NAME(greater)(NAME(V) a, NAME(V) b) { return ((b > a) | (b != b)) ? b : a; }

/// The maxima of the squares of 2×2, in place.
INLINE void NAME(pool)(int tile, NAME(V) *x) {
  UNROLLED for (int i = 0; i < tile; i += 2)
    UNROLLED for (int j = 0; j < tile; j += 2) {
      const NAME(V) *square = x + 6 * i + j;
      x[3 * i + j / 2] = NAME(greater)(
          NAME(greater)(square[0], square[1]), NAME(greater)(square[6], square[7]));
    }
}

INLINE void NAME(from_planes)(int tile, bool pools, const PlushPatch *patch) {
  const PlushPatch copy = *patch, *p = &copy;  // lest stores be thought to change it
  const int size = tile + 2, side = pools ? tile / 2 : tile;
  const bool inside = NAME(is_whole)(p, side);
  for (size_t c = 0; c < p->channels; c += LANES) {
    const size_t lanes = p->channels - c < LANES ? p->channels - c : LANES;
    const Tail tail = make_tail(lanes);
    NAME(V) x[36], y[36];
    NAME(prefetch)(p, side, 0, c, 1);
    NAME(read_planes)(size, p->planes + c, p->plane, x);
    NAME(transform)(NAME(output_line), tile, size, tile, x, y);
    if (pools) NAME(pool)(tile, y);
    float *to = p->image + c;
    if (inside && lanes == LANES) {
      UNROLLED for (int i = 0; i < side; i++)
        UNROLLED for (int j = 0; j < side; j++)
          NAME(store)(to + i * p->row + j * p->pixel, y[6 * i + j]);
      continue;
    }
    for (int i = p->top; i < p->bottom; i++)
      for (int j = p->left; j < p->right; j++)
        store_tail(to + i * p->row + j * p->pixel, tail, y[6 * i + j]);
  }
}

static void NAME(input)(int tile, const PlushPatch *patch) {
  if (tile == 4) return NAME(to_planes)(NAME(input_line), 4, 6, patch);
  return NAME(to_planes)(NAME(input_line), 2, 4, patch);
}

static void NAME(output)(int tile, const PlushPatch *patch) {
  if (tile == 4) return NAME(from_planes)(4, false, patch);
  return NAME(from_planes)(2, false, patch);
}

static void NAME(pooled_output)(int tile, const PlushPatch *patch) {
  if (tile == 4) return NAME(from_planes)(4, true, patch);
  return NAME(from_planes)(2, true, patch);
}

static void NAME(output_gradient)(int tile, const PlushPatch *patch) {
  if (tile == 4) return NAME(to_planes)(NAME(output_gradient_line), 4, 4, patch);
  return NAME(to_planes)(NAME(output_gradient_line), 2, 2, patch);
}

// MARK: Filters

#include "gemm_transpose.h"

/// The taps of LANES columns of row k.
INLINE void NAME(read_taps)(const PlushFilterPart *p, size_t k, size_t j, Tail tail, NAME(V) *x) {
  UNROLLED for (int t = 0; t < 9; t++) {
    const float *from = p->taps + (size_t)t * p->tap + k * p->row + j;
    __builtin_prefetch(from + 4 * p->row, 0, 2);
    x[t / 3 * 6 + t % 3] = load_tail(from, tail);
  }
}

INLINE void NAME(write_frequencies)(
    const PlushFilterPart *p, int tile, size_t k, size_t j, const NAME(V) *x) {
  const int size = tile + 2;
  NAME(V) y[36];
  NAME(transform)(NAME(filter_line), tile, 3, size, x, y);
  NAME(write_planes)(size, y, p->planes + k * p->planes_row + j, p->plane);
}

/// LANES rows and columns of a transposed filter.
INLINE void NAME(filter_square)(const PlushFilterPart *p, int tile, size_t k, size_t j) {
  const size_t rows = p->rows - k < LANES ? p->rows - k : LANES;
  const size_t columns = p->columns - j < LANES ? p->columns - j : LANES;
  const Tail tail = make_tail(rows);
  NAME(V) taps[9][LANES];
  for (int t = 0; t < 9; t++) {
    const float *from = p->taps + (size_t)(8 - t) * p->tap + j * p->row + k;
    UNROLLED for (size_t i = 0; i < LANES; i++) {
      __builtin_prefetch(from + i * p->row + LANES, 0, 2);
      taps[t][i] = i < columns ? load_tail(from + i * p->row, tail) : (NAME(V))(0);
    }
    NAME(transpose)(taps[t]);
  }
  for (size_t i = 0; i < rows; i++) {
    NAME(V) x[18];
    UNROLLED for (int t = 0; t < 9; t++) x[t / 3 * 6 + t % 3] = taps[t][i];
    NAME(write_frequencies)(p, tile, k + i, j, x);
  }
}

INLINE void NAME(filter_any)(int tile, const PlushFilterPart *part) {
  const PlushFilterPart copy = *part, *p = &copy;
  if (p->transposed) {
    for (size_t k = 0; k < p->rows; k += LANES)
      for (size_t j = 0; j < p->columns; j += LANES) NAME(filter_square)(p, tile, k, j);
    return;
  }
  for (size_t k = 0; k < p->rows; k++)
    for (size_t j = 0; j < p->columns; j += LANES) {
      NAME(V) x[18];
      const size_t lanes = p->columns - j < LANES ? p->columns - j : LANES;
      NAME(read_taps)(p, k, j, make_tail(lanes), x);
      NAME(write_frequencies)(p, tile, k, j, x);
    }
}

INLINE void NAME(filter_gradient_any)(int tile, const PlushFilterPart *part) {
  const PlushFilterPart copy = *part, *p = &copy;
  const int size = tile + 2;
  for (size_t k = 0; k < p->rows; k++)
    for (size_t j = 0; j < p->columns; j += LANES) {
      const Tail tail = make_tail(p->columns - j < LANES ? p->columns - j : LANES);
      NAME(V) x[36], y[18];
      NAME(read_planes)(size, p->planes + k * p->planes_row + j, p->plane, x);
      NAME(transform)(NAME(filter_gradient_line), tile, size, 3, x, y);
      float *to = p->taps + k * p->row + j;
      const bool streams = p->streams && p->columns - j >= LANES &&
                           ((size_t)to | p->tap * sizeof(float)) % sizeof(NAME(V)) == 0;
      UNROLLED for (int t = 0; t < 9; t++, to += p->tap)
        if (streams) __builtin_nontemporal_store(y[t / 3 * 6 + t % 3], (NAME(V) *)to);
        else store_tail(to, tail, y[t / 3 * 6 + t % 3]);
    }
  if (p->streams) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void NAME(filter)(int tile, const PlushFilterPart *part) {
  if (tile == 4) return NAME(filter_any)(4, part);
  return NAME(filter_any)(2, part);
}

static void NAME(filter_gradient)(int tile, const PlushFilterPart *part) {
  if (tile == 4) return NAME(filter_gradient_any)(4, part);
  return NAME(filter_gradient_any)(2, part);
}

const PlushWinogradTable TABLE = {
    NAME(input), NAME(output), NAME(pooled_output), NAME(output_gradient), NAME(filter),
    NAME(filter_gradient),
};
