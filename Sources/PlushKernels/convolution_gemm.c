// Convolutions as matrix products: what each window sees is a row of a matrix, of which a block is
// copied together at a time and multiplied while it is in the second-level cache.
#include <stdint.h>
#include <string.h>

#include "convolution_paths.h"
#include "depthwise.h"
#include "gemm_block.h"
#include "reduce.h"
#include "scratch.h"
#include "threads.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }

// MARK: Windows

/// Windows that slide over images. In a gradient with regard to inputs of a strided convolution the
/// results are every `step`th pixel, from `first` on, of images of another size.
typedef struct {
  PlushType type;
  size_t element;  // bytes
  GemmKernel kernel;
  PlushAxis axes[3];
  size_t batch, groups;
  size_t channels, columns;  // of a group, of the input and of the result
  const char *x;
  const char *filter;  // of a group: a matrix [taps · channels, columns]
  size_t filter_row, filter_group;
  char *y;
  size_t first[3], step[3], extent[3];
} Windows;

static size_t tap_count(const Windows *w) {
  return w->axes[0].window * w->axes[1].window * w->axes[2].window;
}

static size_t window_count(const Windows *w) {
  return w->batch * w->axes[0].output * w->axes[1].output * w->axes[2].output;
}

/// Whether each window sees one pixel, and each pixel is seen once.
static bool is_plain(const Windows *w) {
  for (int i = 0; i < 3; i++) {
    const PlushAxis a = w->axes[i];
    if (a.window != 1 || a.stride != 1 || a.padding != 0 || a.input != a.output) return false;
    if (w->step[i] != 1) return false;
  }
  return w->groups == 1;
}

static Windows forward_windows(
    PlushType type, const PlushConvolution *c, const void *x, const void *filter, const void *y) {
  return (Windows){
      .type = type, .element = plush_type_size(type), .kernel = plush_gemm_kernel(type),
      .axes = {c->depth, c->height, c->width}, .batch = c->batch, .groups = c->groups,
      .channels = c->channels / c->groups, .columns = c->filters / c->groups,
      .x = x, .filter = filter, .filter_row = c->filters, .filter_group = c->filters / c->groups,
      .y = (char *)y, .step = {1, 1, 1},
      .extent = {c->depth.output, c->height.output, c->width.output},
  };
}

// MARK: Copying what windows see

/// Most copies are of a few numbers, for which a call takes longer than the copy.
static inline void copy(char *to, const char *from, size_t bytes) {
  if (bytes < 16 || bytes > 256) {
    if (bytes > 256) memcpy(to, from, bytes);
    else for (size_t i = 0; i < bytes; i += 4) memcpy(to + i, from + i, 4);
    return;
  }
  for (size_t i = 0; i + 16 <= bytes; i += 16) memcpy(to + i, from + i, 16);
  memcpy(to + bytes - 16, from + bytes - 16, 16);
}

/// Input position of tap t of window o, or one outside of the input.
static inline size_t position(const PlushAxis *axis, size_t o, size_t t) {
  return (size_t)((ptrdiff_t)(o * axis->stride + t * axis->dilation) - axis->padding);
}

/// The row of pixels that some taps of a window see; null if it lies outside of the image.
static const char *line_of(
    const Windows *w, size_t line, size_t depth_tap, size_t height_tap, size_t group) {
  const size_t h = line % w->axes[1].output, plane = line / w->axes[1].output;
  const size_t i = position(&w->axes[1], h, height_tap);
  const size_t d = position(&w->axes[0], plane % w->axes[0].output, depth_tap);
  if (i >= w->axes[1].input || d >= w->axes[0].input) return NULL;
  const size_t image = plane / w->axes[0].output * w->axes[0].input + d;
  const size_t row = (image * w->axes[1].input + i) * w->axes[2].input;
  return w->x + (row * w->groups + group) * w->channels * w->element;
}

/// What the taps along the width see, from the window's first tap at position `start` on.
static inline void copy_taps(const Windows *w, const char *line, ptrdiff_t start, char *to) {
  const PlushAxis *axis = &w->axes[2];
  const size_t bytes = w->channels * w->element;
  if (!line) {
    memset(to, 0, axis->window * bytes);
    return;
  }
  if (w->groups == 1 && axis->dilation == 1 && start >= 0 &&
      (size_t)start + axis->window <= axis->input)
    return copy(to, line + (size_t)start * bytes, axis->window * bytes);
  for (size_t t = 0; t < axis->window; t++, to += bytes) {
    const size_t i = (size_t)(start + (ptrdiff_t)(t * axis->dilation));
    if (i < axis->input)
      copy(to, line + i * bytes * w->groups, bytes);
    else
      memset(to, 0, bytes);
  }
}

/// to[window][tap · channels]
static void copy_windows(
    const Windows *w, size_t first, size_t count, size_t group, char *to) {
  const size_t width = w->axes[2].output;
  const size_t bytes = w->axes[2].window * w->channels * w->element;
  const size_t row = w->axes[0].window * w->axes[1].window * bytes;
  for (size_t i = first; i < first + count;) {
    const size_t start = i % width, length = smaller(width - start, first + count - i);
    char *part = to;
    for (size_t d = 0; d < w->axes[0].window; d++)
      for (size_t h = 0; h < w->axes[1].window; h++, part += bytes) {
        const char *line = line_of(w, i / width, d, h, group);
        for (size_t j = 0; j < length; j++)
          copy_taps(w, line, (ptrdiff_t)position(&w->axes[2], start + j, 0), part + j * row);
      }
    to += length * row;
    i += length;
  }
}

/// to[i] = from[i · stride]
#define COPY_STRIDED(name, type) \
  static void name(const type *from, size_t stride, type *to, size_t count) { \
    if (stride == 1) memcpy(to, from, count * sizeof *to); \
    else for (size_t i = 0; i < count; i++) to[i] = from[i * stride]; \
  }
COPY_STRIDED(copy_floats, float)
COPY_STRIDED(copy_doubles, double)

/// What one tap of `count` windows of a row of pixels sees, from window o on.
static void copy_tap(
    const Windows *w, const char *line, size_t o, size_t tap, size_t count, char *to) {
  const PlushAxis *axis = &w->axes[2];
  size_t first = 0, end = count;
  while (first < end && position(axis, o + first, tap) >= axis->input) first++;
  while (first < end && position(axis, o + end - 1, tap) >= axis->input) end--;
  if (!line) first = end = 0;
  memset(to, 0, first * w->element);
  memset(to + end * w->element, 0, (count - end) * w->element);
  if (first == end) return;
  const char *from = line + position(axis, o + first, tap) * w->groups * w->element;
  to += first * w->element;
  const size_t stride = axis->stride * w->groups;
  if (w->type == PLUSH_FLOAT32)
    copy_floats((const float *)from, stride, (float *)to, end - first);
  else
    copy_doubles((const double *)from, stride, (double *)to, end - first);
}

/// to[tap][window], for a single channel: neighbouring windows see neighbouring pixels.
static void copy_single_channel(
    const Windows *w, size_t first, size_t count, size_t group, char *to) {
  const size_t width = w->axes[2].output, taps = w->axes[2].window;
  for (size_t i = first; i < first + count;) {
    const size_t o = i % width, length = smaller(width - o, first + count - i);
    char *part = to + (i - first) * w->element;
    for (size_t d = 0; d < w->axes[0].window; d++)
      for (size_t h = 0; h < w->axes[1].window; h++) {
        const char *line = line_of(w, i / width, d, h, group);
        for (size_t t = 0; t < taps; t++, part += count * w->element)
          copy_tap(w, line, o, t, length, part);
      }
    i += length;
  }
}

/// A matrix whose rows are what windows see.
typedef struct {
  const char *values;
  ptrdiff_t row, column;
} Seen;

static Seen see(const Windows *w, size_t first, size_t count, size_t group, char *memory) {
  if (is_plain(w))
    return (Seen){w->x + first * w->channels * w->element, (ptrdiff_t)w->channels, 1};
  if (w->channels == 1) {
    copy_single_channel(w, first, count, group, memory);
    return (Seen){memory, 1, (ptrdiff_t)count};
  }
  copy_windows(w, first, count, group, memory);
  return (Seen){memory, (ptrdiff_t)(tap_count(w) * w->channels), 1};
}

// MARK: Products

/// Results are cut into blocks of windows and of columns, group by group.
typedef struct {
  const Windows *windows;
  const PlushConvolution *convolution;  // whose epilogue is called for each block, or null
  size_t block, columns, slices;
} Products;

enum { SEEN_BYTES = 256 << 10, LEAST_COLUMNS = 64, BLOCKS = 16 };

static size_t block_of(const Windows *w) {
  const size_t bytes = tap_count(w) * w->channels * w->element;
  const size_t fitting = smaller(larger(SEEN_BYTES / (bytes + 1), 14), GEMM_ROWS);
  return smaller(fitting, larger(divided_up(window_count(w), BLOCKS), 14));
}

/// Where result i of strided results lies.
static char *place(const Windows *w, size_t i, size_t column) {
  size_t position[3];
  for (int axis = 2; axis >= 0; axis--) {
    position[axis] = i % w->axes[axis].output * w->step[axis] + w->first[axis];
    i /= w->axes[axis].output;
  }
  for (int axis = 0; axis < 3; axis++) i = i * w->extent[axis] + position[axis];
  return w->y + (i * w->groups * w->columns + column) * w->element;
}

static bool is_strided(const Windows *w) {
  return w->step[0] * w->step[1] * w->step[2] > 1;
}

static void multiply_block(void *context, size_t chunk) {
  const Products *p = context;
  const Windows *w = p->windows;
  const size_t slice = chunk % p->slices, group = chunk / p->slices % w->groups;
  const size_t first = chunk / p->slices / w->groups * p->block;
  const size_t count = smaller(p->block, window_count(w) - first);
  const size_t column = slice * p->columns, columns = smaller(p->columns, w->columns - column);
  const size_t depth = tap_count(w) * w->channels, bytes = columns * w->element;
  const bool strided = is_strided(w);
  char *memory = plush_take_scratch(count * (depth * w->element + bytes));
  const Seen seen = see(w, first, count, group, memory);
  const size_t place_column = group * w->columns + column;
  char *result = strided ? memory + count * depth * w->element : place(w, first, place_column);
  // Pixels that no window sees.
  if (depth == 0) memset(result, 0, count * bytes);
  else w->kernel(&(GemmBlock){
      .m = count, .n = columns, .k = depth,
      .a = seen.values, .a_row = seen.row, .a_column = seen.column,
      .b = w->filter + (group * w->filter_group + column) * w->element,
      .b_row = (ptrdiff_t)w->filter_row, .b_column = 1,
      .c = result, .c_row = (ptrdiff_t)(strided ? columns : w->groups * w->columns),
  });
  for (size_t i = 0; strided && i < count; i++)
    copy(place(w, first + i, place_column), result + i * bytes, bytes);
  plush_give_back_scratch(memory);
  const PlushConvolution *c = p->convolution;
  if (c && c->epilogue) c->epilogue(c->context, 0, first, count, place_column, columns);
}

// MARK: Depthwise

static bool is_depthwise(const Windows *w) {
  return w->channels * w->columns == 1 && w->groups > 1;
}

/// Finds what windows of one row of pixels see.
typedef struct {
  const char **lines;   // under the taps of each depth and height
  const char **pixels;  // under each tap of a window; null if there is none
  size_t line;          // that `lines` are of
} Finder;

static Finder make_finder(const Windows *w) {
  const char **pixels = plush_take_scratch(2 * (tap_count(w) + 1) * sizeof *pixels);
  return (Finder){pixels + tap_count(w) + 1, pixels, SIZE_MAX};
}

static const char *const *find_pixels(const Windows *w, Finder *finder, size_t window) {
  const size_t width = w->axes[2].output, lines = w->axes[0].window * w->axes[1].window;
  if (finder->line != window / width) {
    finder->line = window / width;
    for (size_t i = 0; i < lines; i++)
      finder->lines[i] =
          line_of(w, finder->line, i / w->axes[1].window, i % w->axes[1].window, 0);
  }
  const char **pixel = finder->pixels;
  for (size_t l = 0; l < lines; l++)
    for (size_t t = 0; t < w->axes[2].window; t++) {
      const size_t i = position(&w->axes[2], window % width, t);
      const bool inside = finder->lines[l] && i < w->axes[2].input;
      *pixel++ = inside ? finder->lines[l] + i * w->groups * w->element : NULL;
    }
  return finder->pixels;
}

/// One result pixel: the sum over taps of pixel times filter.
static void convolve_depthwise_window(
    const Windows *w, PlushDepthwise add, const char *const *pixels, char *y) {
  const size_t taps = tap_count(w), row = w->groups * w->element;
  const void *a[DEPTHWISE_TERMS], *b[DEPTHWISE_TERMS];
  size_t terms = 0;
  bool starts = true;
  for (size_t t = 0; t < taps; t++) {
    if (!pixels[t]) continue;
    a[terms] = pixels[t];
    b[terms++] = w->filter + t * row;
    if (terms < DEPTHWISE_TERMS) continue;
    add(a, b, terms, y, starts, w->groups);
    starts = false;
    terms = 0;
  }
  if (terms > 0) add(a, b, terms, y, starts, w->groups);
  else if (starts) memset(y, 0, row);
}

static void convolve_depthwise_block(void *context, size_t chunk) {
  const Products *p = context;
  const Windows *w = p->windows;
  const size_t first = chunk * p->block, count = smaller(p->block, window_count(w) - first);
  const PlushDepthwise add = plush_depthwise(w->type);
  Finder finder = make_finder(w);
  for (size_t i = first; i < first + count; i++)
    convolve_depthwise_window(w, add, find_pixels(w, &finder, i), place(w, i, 0));
  plush_give_back_scratch(finder.pixels);
  const PlushConvolution *c = p->convolution;
  if (c && c->epilogue) c->epilogue(c->context, 0, first, count, 0, w->groups);
}

// MARK: Any windows

enum { DEPTHWISE_BLOCK = 64 };

static void multiply(const Windows *w, const PlushConvolution *c) {
  if (window_count(w) == 0) return;
  Products p = {.windows = w, .convolution = c, .block = block_of(w), .columns = w->columns};
  if (is_depthwise(w)) {
    p.block = DEPTHWISE_BLOCK;
    return plush_parallel(divided_up(window_count(w), p.block), convolve_depthwise_block, &p);
  }
  const size_t blocks = divided_up(window_count(w), p.block) * w->groups;
  if (blocks < BLOCKS) p.columns = larger(divided_up(w->columns, BLOCKS / blocks), LEAST_COLUMNS);
  p.columns = smaller(p.columns, GEMM_COLUMNS);
  p.slices = divided_up(w->columns, p.columns);
  plush_parallel(blocks * p.slices, multiply_block, &p);
}

/// A 1×1 convolution is a product of the pixels and the filter.
static void multiply_pixels(const Windows *w, const PlushConvolution *c, bool transposed) {
  const PlushGemm gemm = {
      .batch = 1, .m = window_count(w), .n = w->columns, .k = w->channels,
      .a = w->x, .a_row = (ptrdiff_t)w->channels, .a_column = 1,
      .b = w->filter, .b_row = transposed ? 1 : (ptrdiff_t)w->columns,
      .b_column = transposed ? (ptrdiff_t)w->channels : 1,
      .c = w->y, .c_row = (ptrdiff_t)w->columns,
      .epilogue = c->epilogue, .context = c->context,
  };
  plush_gemm(w->type, &gemm);
}

void plush_gemm_convolve(
    PlushType type, const PlushConvolution *c, const void *x, const void *filter, void *y) {
  const Windows w = forward_windows(type, c, x, filter, y);
  is_plain(&w) ? multiply_pixels(&w, c, false) : multiply(&w, c);
}

// MARK: Gradient of the input

static size_t greatest_divisor(size_t a, size_t b) { return b ? greatest_divisor(b, a % b) : a; }

/// Inputs i ≡ first (mod stride) are seen by every `step`th tap, from `tap` on; seen from there, the
/// outputs are those of windows of stride 1, with the taps in reverse.
typedef struct {
  PlushAxis axis;
  size_t tap, step;
} Phase;

static Phase phase_of(const PlushAxis *a, size_t first) {
  const size_t divisor = greatest_divisor(a->stride, a->dilation);
  Phase p = {
      .axis = {
          .input = a->output, .stride = 1, .dilation = a->dilation / divisor,
          .output = first < a->input ? (a->input - first - 1) / a->stride + 1 : 0,
      },
      .step = a->stride / divisor,
  };
  const ptrdiff_t stride = (ptrdiff_t)a->stride, dilation = (ptrdiff_t)a->dilation;
  const ptrdiff_t start = (ptrdiff_t)first + a->padding;
  while (p.tap < a->window && (start - (ptrdiff_t)p.tap * dilation) % stride != 0) p.tap++;
  if (p.tap >= a->window) return p;
  p.axis.window = (a->window - p.tap - 1) / p.step + 1;
  p.axis.padding = (ptrdiff_t)((p.axis.window - 1) * p.axis.dilation) -
                   (start - (ptrdiff_t)p.tap * dilation) / stride;
  return p;
}

/// One phase in each dimension.
typedef struct {
  const PlushConvolution *convolution;
  Phase phases[3];
  const char *filter;
  char *transposed;  // [group, tap, filter, channel], these of the group; depthwise [tap, group]
  bool depthwise;
  size_t element;
} Turn;

#define TRANSPOSE(name, type) \
  static void name( \
      const type *from, size_t stride, size_t rows, size_t columns, type *to) { \
    for (size_t i = 0; i < rows; i += 8) \
      for (size_t j = 0; j < columns; j++) \
        for (size_t k = i; k < smaller(i + 8, rows); k++) \
          to[j * rows + k] = from[k * stride + j]; \
  }
TRANSPOSE(transpose_floats, float)
TRANSPOSE(transpose_doubles, double)

static void turn_tap(void *context, size_t chunk) {
  const Turn *t = context;
  const PlushConvolution *c = t->convolution;
  const PlushAxis *axes[] = {&c->depth, &c->height, &c->width};
  const size_t channels = c->channels / c->groups, filters = c->filters / c->groups;
  const size_t group = chunk % c->groups;
  size_t index = chunk / c->groups, taps = 1, tap = 0, place[3];
  for (int i = 2; i >= 0; i--) {
    const size_t window = t->phases[i].axis.window;
    place[i] = t->phases[i].tap + (window - 1 - index % window) * t->phases[i].step;
    index /= window;
    taps *= window;
  }
  for (int i = 0; i < 3; i++) tap = tap * axes[i]->window + place[i];
  const size_t from = tap * channels * c->filters + group * filters;
  const size_t to =
      t->depthwise ? chunk : (group * taps + chunk / c->groups) * filters * channels;
  if (t->element == sizeof(float))
    transpose_floats(
        (const float *)t->filter + from, c->filters, channels, filters,
        (float *)t->transposed + to);
  else
    transpose_doubles(
        (const double *)t->filter + from, c->filters, channels, filters,
        (double *)t->transposed + to);
}

static void input_gradient_phase(
    PlushType type, const PlushConvolution *c, const size_t first[3], const void *dy,
    const void *filter, void *dx, char *transposed) {
  const PlushAxis *axes[] = {&c->depth, &c->height, &c->width};
  Turn turn = {
      .convolution = c, .filter = filter, .transposed = transposed,
      .element = plush_type_size(type),
  };
  Windows w = {
      .type = type, .element = turn.element, .kernel = plush_gemm_kernel(type), .batch = c->batch,
      .groups = c->groups, .channels = c->filters / c->groups, .columns = c->channels / c->groups,
      .x = dy, .filter = transposed, .y = dx,
  };
  size_t taps = 1;
  for (int i = 0; i < 3; i++) {
    turn.phases[i] = phase_of(axes[i], first[i]);
    w.axes[i] = turn.phases[i].axis;
    w.first[i] = first[i];
    w.step[i] = axes[i]->stride;
    w.extent[i] = axes[i]->input;
    taps *= w.axes[i].window;
  }
  w.filter_row = w.columns;
  w.filter_group = taps * w.channels * w.columns;
  turn.depthwise = is_depthwise(&w);
  plush_parallel(taps * c->groups, turn_tap, &turn);
  multiply(&w, is_strided(&w) ? NULL : c);
}

/// The epilogue of strided results, which are not complete before the last phase is.
typedef struct {
  const PlushConvolution *convolution;
  size_t pixels;
} Rest;

enum { REST_PIXELS = 256 };

static void finish(void *context, size_t chunk) {
  const Rest *rest = context;
  const PlushConvolution *c = rest->convolution;
  const size_t first = chunk * REST_PIXELS, count = smaller(REST_PIXELS, rest->pixels - first);
  c->epilogue(c->context, 0, first, count, 0, c->channels);
}

void plush_gemm_input_gradient(
    PlushType type, const PlushConvolution *c, const void *dy, const void *filter, void *dx) {
  const Windows plain = forward_windows(type, c, dy, filter, dx);
  if (is_plain(&plain)) {
    Windows w = plain;
    w.channels = plain.columns;
    w.columns = plain.channels;
    return multiply_pixels(&w, c, true);
  }
  const size_t taps = c->depth.window * c->height.window * c->width.window;
  const size_t element = plush_type_size(type);
  char *transposed = plush_take_scratch(taps * c->channels / c->groups * c->filters * element);
  size_t first[3];
  for (first[0] = 0; first[0] < c->depth.stride; first[0]++)
    for (first[1] = 0; first[1] < c->height.stride; first[1]++)
      for (first[2] = 0; first[2] < c->width.stride; first[2]++)
        input_gradient_phase(type, c, first, dy, filter, dx, transposed);
  plush_give_back_scratch(transposed);
  if (!c->epilogue || c->depth.stride * c->height.stride * c->width.stride == 1) return;
  Rest rest = {c, c->batch * c->depth.input * c->height.input * c->width.input};
  plush_parallel(divided_up(rest.pixels, REST_PIXELS), finish, &rest);
}

// MARK: Gradient of the filter

/// Sums over parts of the windows.
typedef struct {
  const Windows *windows;
  const char *dy;
  char *result;  // dfilter, or a copy of it for each part
  size_t parts, count;  // and windows of a part
  size_t columns, slices;
  size_t block;  // windows at a time
} Sums;

/// The same for a depthwise convolution.
static void sum_depthwise_part(void *context, size_t part) {
  const Sums *s = context;
  const Windows *w = s->windows;
  const size_t taps = tap_count(w), row = w->groups * w->element;
  const size_t begin = part * s->count, end = smaller(begin + s->count, window_count(w));
  const PlushDepthwise add = plush_depthwise(w->type);
  Finder finder = make_finder(w);
  char *result = s->result + part * taps * row;
  memset(result, 0, taps * row);
  for (size_t i = begin; i < end; i++) {
    const void *dy = s->dy + i * row;
    const char *const *pixels = find_pixels(w, &finder, i);
    for (size_t t = 0; t < taps; t++) {
      const void *pixel = pixels[t];
      if (pixel) add(&pixel, &dy, 1, result + t * row, false, w->groups);
    }
  }
  plush_give_back_scratch(finder.pixels);
}

/// Adds what a block of windows contributes to a slice of the filter's columns.
static void add_block(
    const Sums *s, size_t first, size_t count, size_t group, size_t column, size_t columns,
    char *memory, char *result, bool accumulate) {
  const Windows *w = s->windows;
  const size_t depth = tap_count(w) * w->channels, stride = w->groups * w->columns;
  const Seen seen = see(w, first, count, group, memory);
  const char *dy = s->dy + (first * stride + group * w->columns + column) * w->element;
  // One column is a row lying down.
  if (stride == 1 && seen.column == 1) {
    w->kernel(&(GemmBlock){
        .m = 1, .n = depth, .k = count, .a = dy, .a_row = (ptrdiff_t)count, .a_column = 1,
        .b = seen.values, .b_row = seen.row, .b_column = 1,
        .c = result, .c_row = (ptrdiff_t)depth, .accumulate = accumulate,
    });
    return;
  }
  for (size_t row = 0; row < depth; row += GEMM_ROWS)
    w->kernel(&(GemmBlock){
        .m = smaller(GEMM_ROWS, depth - row), .n = columns, .k = count,
        .a = seen.values + (ptrdiff_t)row * seen.column * (ptrdiff_t)w->element,
        .a_row = seen.column, .a_column = seen.row,
        .b = dy, .b_row = (ptrdiff_t)stride, .b_column = 1,
        .c = result + row * stride * w->element, .c_row = (ptrdiff_t)stride,
        .accumulate = accumulate,
    });
}

static void sum_part(void *context, size_t chunk) {
  const Sums *s = context;
  const Windows *w = s->windows;
  const size_t slice = chunk % s->slices, group = chunk / s->slices % w->groups;
  const size_t part = chunk / s->slices / w->groups;
  const size_t column = slice * s->columns, columns = smaller(s->columns, w->columns - column);
  const size_t depth = tap_count(w) * w->channels, stride = w->groups * w->columns;
  const size_t begin = part * s->count, end = smaller(begin + s->count, window_count(w));
  char *memory = plush_take_scratch(s->block * depth * w->element);
  char *result =
      s->result + (part * depth * stride + group * w->columns + column) * w->element;
  for (size_t first = begin; first < end; first += s->block)
    add_block(
        s, first, smaller(s->block, end - first), group, column, columns, memory, result,
        first > begin);
  plush_give_back_scratch(memory);
}

void plush_gemm_filter_gradient(
    PlushType type, const PlushConvolution *c, const void *x, const void *dy, void *dfilter) {
  const Windows w = forward_windows(type, c, x, NULL, NULL);
  const size_t windows = window_count(&w), size = tap_count(&w) * w.channels * c->filters;
  Sums s = {
      .windows = &w, .dy = dy, .result = dfilter, .columns = smaller(w.columns, 128),
      .block = smaller(larger(SEEN_BYTES / (tap_count(&w) * w.channels * w.element + 1), 32), 416),
  };
  s.slices = divided_up(w.columns, s.columns);
  const bool depthwise = is_depthwise(&w);
  const size_t wanted = depthwise ? BLOCKS : divided_up(BLOCKS, s.slices * w.groups);
  s.count = larger(divided_up(windows, wanted), s.block);
  s.parts = divided_up(windows, s.count);
  if (s.parts > 1) s.result = plush_take_scratch(s.parts * size * w.element);
  if (depthwise) plush_parallel(s.parts, sum_depthwise_part, &s);
  else plush_parallel(s.parts * s.slices * w.groups, sum_part, &s);
  if (s.parts < 2) return;
  plush_reduce(PLUSH_SUM, type, s.result, dfilter, 1, s.parts, size);
  plush_give_back_scratch(s.result);
}
