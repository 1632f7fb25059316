// 3×3 convolutions of stride 1 after Winograd (Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016): 4 (T = 4) or 2.25 (T = 2) times fewer multiplications.
#include "winograd.h"

#include "convolution_paths.h"
#include "gemm_block.h"
#include "isa.h"
#include "reduce.h"
#include "scratch.h"
#include "threads.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }
static size_t whole_vectors(size_t count) {
  return divided_up(count, WINOGRAD_LANES) * WINOGRAD_LANES;
}

/// Distance between frequencies for rows of so many floats: not a power of two, or all frequencies
/// of an element would share a set of the first-level cache.
static size_t plane_of(size_t floats) { return floats + WINOGRAD_LANES; }

static const PlushWinogradTable *table(void) {
  switch (plush_isa()) {
#if defined(__x86_64__)
    case PLUSH_ISA_AVX512: return &plush_winograd_avx512;
    case PLUSH_ISA_AVX2: return &plush_winograd_avx2;
#endif
    default: return &plush_winograd_portable;
  }
}

// MARK: Images

typedef struct {
  size_t height, width, channels;
  float *pixels;
} Image;

/// A convolution of images, or the gradient of one with regard to its input, which is a convolution
/// too: with the filter turned around.
typedef struct {
  const PlushWinogradTable *table;
  const PlushConvolution *convolution;
  int tile;
  int side;  // of what a tile leaves in the result: half if squares are pooled
  size_t frequencies;
  Image x, y;
  ptrdiff_t above, left;  // padding
  size_t down, across, tiles;  // tiles of an image, and of all
  const float *filter;
  bool gradient;
} Work;

bool plush_winograd_fits(const PlushConvolution *c) {
  const PlushAxis *axes[] = {&c->height, &c->width};
  for (int i = 0; i < 2; i++)
    if (axes[i]->window != 3 || axes[i]->stride != 1 || axes[i]->dilation != 1) return false;
  const PlushAxis d = c->depth;
  if (d.window != 1 || d.stride != 1 || d.padding != 0 || d.input != d.output) return false;
  return c->groups == 1 && c->channels >= 8 && c->filters >= 8;
}

static Work make_work(const PlushConvolution *c, const float *x, const float *y, bool gradient) {
  const Image input = {c->height.input, c->width.input, c->channels, (float *)x};
  const size_t square = c->pools ? 2 : 1;
  const Image output = {
      c->height.output / square, c->width.output / square, c->filters, (float *)y,
  };
  Work w = {
      .table = table(),
      .convolution = c,
      .tile = c->precision == PLUSH_PRECISION_HIGH ? 2 : 4,
      .x = gradient ? output : input,
      .y = gradient ? input : output,
      .above = gradient ? 2 - c->height.padding : c->height.padding,
      .left = gradient ? 2 - c->width.padding : c->width.padding,
      .gradient = gradient,
  };
  w.side = c->pools ? w.tile / 2 : w.tile;
  const size_t tile = (size_t)w.tile, side = (size_t)w.side;
  w.frequencies = (tile + 2) * (tile + 2);
  w.down = divided_up(w.y.height, side);
  w.across = divided_up(w.y.width, side);
  w.tiles = c->batch * c->depth.input * w.down * w.across;
  return w;
}

/// Part of begin..<begin + size that is in 0..<count, relative to begin.
static void clip(ptrdiff_t begin, int size, size_t count, int *first, int *end) {
  const ptrdiff_t left = (ptrdiff_t)count - begin;
  *end = left < 0 ? 0 : left < size ? (int)left : size;
  *first = begin >= 0 ? 0 : -begin < size ? (int)-begin : size;
}

static PlushPatch patch(const Image *image, size_t index, ptrdiff_t row, ptrdiff_t column, int size,
    int step) {
  PlushPatch p = {
      .row = image->width * image->channels, .pixel = image->channels, .channels = image->channels,
  };
  const ptrdiff_t pixel = (ptrdiff_t)(index * image->height * image->width) +
                          row * (ptrdiff_t)image->width + column;
  p.image = image->pixels + pixel * (ptrdiff_t)image->channels;
  p.next = p.image + (ptrdiff_t)image->channels * step;
  clip(row, size, image->height, &p.top, &p.bottom);
  clip(column, size, image->width, &p.left, &p.right);
  return p;
}

static PlushPatch input_patch(const Work *w, size_t tile) {
  const size_t image = tile / (w->down * w->across);
  const ptrdiff_t row = (ptrdiff_t)(tile / w->across % w->down) * w->tile - w->above;
  const ptrdiff_t column = (ptrdiff_t)(tile % w->across) * w->tile - w->left;
  return patch(&w->x, image, row, column, w->tile + 2, w->tile);
}

static PlushPatch output_patch(const Work *w, size_t tile) {
  const size_t image = tile / (w->down * w->across);
  const ptrdiff_t row = (ptrdiff_t)(tile / w->across % w->down) * w->side;
  const ptrdiff_t column = (ptrdiff_t)(tile % w->across) * w->side;
  return patch(&w->y, image, row, column, w->side, w->side);
}

/// Calls the epilogue for the pixels of tiles first..<first + count: of a whole row of tiles at
/// once, else row of pixels by row of pixels.
static void finish(const Work *w, size_t first, size_t count, size_t column, size_t columns) {
  const PlushConvolution *c = w->convolution;
  if (!c->epilogue) return;
  const size_t side = (size_t)w->side;
  for (size_t end = first + count; first < end;) {
    const size_t start = first % w->across, line = first / w->across;
    const size_t tiles = smaller(w->across - start, end - first);
    const size_t top = line % w->down * side, left = start * side;
    const size_t rows = smaller(side, w->y.height - top);
    const size_t pixels = smaller(tiles * side, w->y.width - left);
    const size_t row = (line / w->down * w->y.height + top) * w->y.width + left;
    if (pixels == w->y.width)
      c->epilogue(c->context, 0, row, rows * pixels, column, columns);
    else
      for (size_t i = 0; i < rows; i++)
        c->epilogue(c->context, 0, row + i * w->y.width, pixels, column, columns);
    first += tiles;
  }
}

// MARK: Filters

/// Numbers of filters that are multiplied at a time.
enum { COLUMNS = 64 };

static PlushFilterPart filter_part(
    const Work *w, size_t row, size_t rows, size_t column, size_t columns) {
  const size_t stride = w->convolution->filters, size = w->convolution->channels * stride;
  const size_t start = w->gradient ? column * stride + row : row * stride + column;
  return (PlushFilterPart){
      .taps = (float *)w->filter + start, .tap = size, .row = stride, .transposed = w->gradient,
      .rows = rows, .columns = columns,
  };
}

// MARK: Many tiles

/// The frequencies of the whole filter are made first, in slices of COLUMNS. Then a block of tiles
/// is taken from input to output, its frequencies staying in the second-level cache.
typedef struct {
  Work work;
  float *filters;
  size_t slice, plane;  // sizes of frequencies of filters
  size_t block;
} Blocks;

enum { FILTER_ROWS = 32, BLOCK_FLOATS = 320 << 10, LEAST_BLOCK = 28 };

static void transform_filter(void *context, size_t chunk) {
  const Blocks *b = context;
  const Work *w = &b->work;
  const size_t parts = divided_up(w->x.channels, FILTER_ROWS);
  const size_t row = chunk % parts * FILTER_ROWS, column = chunk / parts * COLUMNS;
  const size_t columns = smaller(COLUMNS, w->y.channels - column);
  PlushFilterPart part =
      filter_part(w, row, smaller(FILTER_ROWS, w->x.channels - row), column, columns);
  part.planes_row = whole_vectors(columns);
  part.planes = b->filters + chunk / parts * b->slice + row * part.planes_row;
  part.plane = b->plane;
  w->table->filter(w->tile, &part);
}

static void read_tiles(
    const Work *w, size_t first, size_t count, float *planes, size_t row, size_t plane) {
  for (size_t i = 0; i < count; i++) {
    PlushPatch patch = input_patch(w, first + i);
    patch.planes = planes + i * row;
    patch.plane = plane;
    w->table->input(w->tile, &patch);
  }
}

static void write_tiles(
    const Work *w, size_t first, size_t count, size_t column, size_t columns, float *planes,
    size_t row, size_t plane) {
  for (size_t i = 0; i < count; i++) {
    PlushPatch patch = output_patch(w, first + i);
    patch.image += column;
    patch.next += column;
    patch.channels = columns;
    patch.planes = planes + i * row;
    patch.plane = plane;
    if (w->convolution->pools) w->table->pooled_output(w->tile, &patch);
    else w->table->output(w->tile, &patch);
  }
  finish(w, first, count, column, columns);
}

static void convolve_block(void *context, size_t chunk) {
  const Blocks *b = context;
  const Work *w = &b->work;
  const size_t first = chunk * b->block, count = smaller(b->block, w->tiles - first);
  const size_t x_row = whole_vectors(w->x.channels);
  const size_t x_plane = plane_of(b->block * x_row), y_plane = plane_of(b->block * COLUMNS);
  float *x = plush_take_scratch(w->frequencies * (x_plane + y_plane) * sizeof *x);
  float *y = x + w->frequencies * x_plane;
  const GemmKernel kernel = plush_gemm_f32_kernel();
  read_tiles(w, first, count, x, x_row, x_plane);
  for (size_t column = 0; column < w->y.channels; column += COLUMNS) {
    const size_t columns = smaller(COLUMNS, w->y.channels - column);
    const size_t y_row = whole_vectors(columns);
    for (size_t f = 0; f < w->frequencies; f++)
      kernel(&(GemmBlock){
          .m = count, .n = y_row, .k = w->x.channels,
          .a = x + f * x_plane, .a_row = (ptrdiff_t)x_row, .a_column = 1,
          .b = b->filters + column / COLUMNS * b->slice + f * b->plane,
          .b_row = (ptrdiff_t)y_row, .b_column = 1,
          .c = y + f * y_plane, .c_row = (ptrdiff_t)y_row,
      });
    write_tiles(w, first, count, column, columns, y, y_row, y_plane);
  }
  plush_give_back_scratch(x);
}

static size_t block_of(const Work *w) {
  const size_t floats = w->frequencies * (w->x.channels + COLUMNS);
  const size_t fitting = larger(BLOCK_FLOATS / floats / 14 * 14, 14);
  // Enough blocks for some threads.
  return smaller(fitting, larger(divided_up(w->tiles, 8), LEAST_BLOCK));
}

static void convolve_blocks(Work work) {
  Blocks b = {.work = work, .block = block_of(&work)};
  b.plane = plane_of(work.x.channels * smaller(COLUMNS, whole_vectors(work.y.channels)));
  b.slice = work.frequencies * b.plane;
  const size_t slices = divided_up(work.y.channels, COLUMNS);
  b.filters = plush_take_scratch(slices * b.slice * sizeof *b.filters);
  plush_parallel(slices * divided_up(work.x.channels, FILTER_ROWS), transform_filter, &b);
  plush_parallel(divided_up(work.tiles, b.block), convolve_block, &b);
  plush_give_back_scratch(b.filters);
}

// MARK: Few tiles, or large filters

/// The frequencies of all tiles are made first. Then those of a part of the filter are made and
/// multiplied while they are in the second-level cache: together they would be four times what the
/// filter itself takes in memory.
typedef struct {
  Work work;
  float *x;
  size_t x_row, x_plane;
  size_t group, groups;  // tiles of a group
  size_t columns, depth;  // of a part of the filter
} Slices;

enum { TILES = 8, GROUP = 128, PART = 6144 };

static void transform_tiles(void *context, size_t chunk) {
  const Slices *s = context;
  const size_t first = chunk * TILES, count = smaller(TILES, s->work.tiles - first);
  read_tiles(&s->work, first, count, s->x + first * s->x_row, s->x_row, s->x_plane);
}

static void convolve_slice(void *context, size_t chunk) {
  const Slices *s = context;
  const Work *w = &s->work;
  const size_t first = chunk % s->groups * s->group, count = smaller(s->group, w->tiles - first);
  const size_t column = chunk / s->groups * s->columns;
  const size_t columns = smaller(s->columns, w->y.channels - column);
  const size_t row = whole_vectors(columns), filters_plane = plane_of(s->depth * row);
  const size_t y_plane = plane_of(count * row);
  float *filters = plush_take_scratch(w->frequencies * (filters_plane + y_plane) * sizeof *filters);
  float *y = filters + w->frequencies * filters_plane;
  const GemmKernel kernel = plush_gemm_f32_kernel();
  for (size_t k = 0; k < w->x.channels; k += s->depth) {
    const size_t depth = smaller(s->depth, w->x.channels - k);
    PlushFilterPart part = filter_part(w, k, depth, column, columns);
    part.planes = filters;
    part.plane = filters_plane;
    part.planes_row = row;
    w->table->filter(w->tile, &part);
    for (size_t f = 0; f < w->frequencies; f++)
      kernel(&(GemmBlock){
          .m = count, .n = row, .k = depth,
          .a = s->x + f * s->x_plane + first * s->x_row + k,
          .a_row = (ptrdiff_t)s->x_row, .a_column = 1,
          .b = filters + f * filters_plane, .b_row = (ptrdiff_t)row, .b_column = 1,
          .c = y + f * y_plane, .c_row = (ptrdiff_t)row,
          .accumulate = k > 0,
      });
  }
  write_tiles(w, first, count, column, columns, y, row, y_plane);
  plush_give_back_scratch(filters);
}

static void convolve_slices(Work work) {
  Slices s = {.work = work, .x_row = plane_of(whole_vectors(work.x.channels))};
  s.x_plane = plane_of(work.tiles * s.x_row);
  s.groups = divided_up(work.tiles, GROUP);
  s.group = divided_up(work.tiles, s.groups);
  // Long rows of few filters come faster from memory; with many tiles their sums need the cache.
  s.columns = s.group > 64 ? 64 : 128;
  s.depth = PART / s.columns;
  s.x = plush_take_scratch(work.frequencies * s.x_plane * sizeof *s.x);
  plush_parallel(divided_up(work.tiles, TILES), transform_tiles, &s);
  plush_parallel(divided_up(work.y.channels, s.columns) * s.groups, convolve_slice, &s);
  plush_give_back_scratch(s.x);
}

enum { FEW_TILES = 96, LARGE_FILTER = 1 << 16 };

void plush_winograd_convolve(
    const PlushConvolution *c, bool gradient, const float *x, const float *filter, float *y) {
  Work work = make_work(c, gradient ? y : x, gradient ? x : y, gradient);
  work.filter = filter;
  if (work.tiles <= FEW_TILES || c->channels * c->filters >= LARGE_FILTER)
    convolve_slices(work);
  else
    convolve_blocks(work);
}

// MARK: Gradient of the filter

/// Sums over groups of tiles of a part of the filter: `rows` channels by `columns` filters.
typedef struct {
  Work work;
  float *result;  // dfilter, or a copy of it for each group
  size_t groups, tiles;  // and tiles of a group
  size_t rows, columns;
  size_t block;  // tiles that are transformed at a time
} Sums;

static void transform_block(
    const Sums *s, size_t first, size_t count, size_t row, size_t rows, size_t column,
    size_t columns, float *x, size_t x_plane, float *dy, size_t dy_plane) {
  const Work *w = &s->work;
  for (size_t i = 0; i < count; i++) {
    PlushPatch input = input_patch(w, first + i), output = output_patch(w, first + i);
    input.image += row;
    input.next += row;
    input.channels = rows;
    input.planes = x + i * s->rows;
    input.plane = x_plane;
    w->table->input(w->tile, &input);
    output.image += column;
    output.next += column;
    output.channels = columns;
    output.planes = dy + i * s->columns;
    output.plane = dy_plane;
    w->table->output_gradient(w->tile, &output);
  }
}

static void sum_part(void *context, size_t chunk) {
  const Sums *s = context;
  const Work *w = &s->work;
  const size_t across = divided_up(w->y.channels, s->columns);
  const size_t down = divided_up(w->x.channels, s->rows);
  const size_t column = chunk % across * s->columns, row = chunk / across % down * s->rows;
  const size_t group = chunk / across / down;
  const size_t rows = smaller(s->rows, w->x.channels - row);
  const size_t columns = smaller(s->columns, w->y.channels - column);
  const size_t x_plane = plane_of(s->block * s->rows), dy_plane = plane_of(s->block * s->columns);
  const size_t plane = plane_of(s->rows * s->columns);
  float *x = plush_take_scratch(w->frequencies * (x_plane + dy_plane + plane) * sizeof *x);
  float *dy = x + w->frequencies * x_plane, *sums = dy + w->frequencies * dy_plane;
  const GemmKernel kernel = plush_gemm_f32_kernel();
  const size_t begin = group * s->tiles, end = smaller(begin + s->tiles, w->tiles);
  for (size_t first = begin; first < end; first += s->block) {
    const size_t count = smaller(s->block, end - first);
    transform_block(s, first, count, row, rows, column, columns, x, x_plane, dy, dy_plane);
    for (size_t f = 0; f < w->frequencies; f++)
      kernel(&(GemmBlock){
          .m = rows, .n = whole_vectors(columns), .k = count,
          .a = x + f * x_plane, .a_row = 1, .a_column = (ptrdiff_t)s->rows,
          .b = dy + f * dy_plane, .b_row = (ptrdiff_t)s->columns, .b_column = 1,
          .c = sums + f * plane, .c_row = (ptrdiff_t)s->columns,
          .accumulate = first > begin,
      });
  }
  const size_t stride = w->y.channels, size = w->x.channels * stride;
  w->table->filter_gradient(
      w->tile, &(PlushFilterPart){
                   .taps = s->result + group * 9 * size + row * stride + column, .tap = size,
                   .row = stride, .rows = rows, .columns = columns, .planes = sums, .plane = plane,
                   .planes_row = s->columns, .streams = 9 * size * sizeof(float) > 16 << 20,
               });
  plush_give_back_scratch(x);
}

/// The 36 sums of as many channels by filters fit the cache beside the tiles of a block.
enum { MOST_CHANNELS = 64, BLOCK_CHANNELS = 4096 };

void plush_winograd_filter_gradient(
    const PlushConvolution *c, const float *x, const float *dy, float *dfilter) {
  const Work work = make_work(c, x, dy, false);
  Sums s = {.work = work, .result = dfilter};
  s.rows = smaller(MOST_CHANNELS, whole_vectors(work.x.channels));
  s.columns = smaller(MOST_CHANNELS, whole_vectors(work.y.channels));
  s.block = BLOCK_CHANNELS / (s.rows + s.columns);
  const size_t parts =
      divided_up(work.x.channels, s.rows) * divided_up(work.y.channels, s.columns);
  const size_t wanted = divided_up(16, parts);
  s.tiles = larger(divided_up(work.tiles, wanted), s.block);
  s.groups = divided_up(work.tiles, s.tiles);
  const size_t size = 9 * c->channels * c->filters;
  if (s.groups > 1) s.result = plush_take_scratch(s.groups * size * sizeof *s.result);
  plush_parallel(s.groups * parts, sum_part, &s);
  if (s.groups < 2) return;
  plush_reduce(PLUSH_SUM, PLUSH_FLOAT32, s.result, dfilter, 1, s.groups, size);
  plush_give_back_scratch(s.result);
}
