// Convolutions as they are defined, for one type of element; included by convolution.c.

static void NAME(convolve_row)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushConvolution *c = task->convolution;
  const size_t width = c->width.output, channels = c->channels / c->groups;
  const size_t filters = c->filters / c->groups, row = chunk * width;
  const size_t h = chunk % c->height.output, plane = chunk / c->height.output;
  const size_t d = plane % c->depth.output, batch = plane / c->depth.output;
  ELEMENT *y = (ELEMENT *)task->y + row * c->filters;
  memset(y, 0, width * c->filters * sizeof *y);
  FOR_TAPS(c, kd, kh, kw) {
    size_t id, ih, iw;
    if (!see(&c->depth, d, kd, &id) || !see(&c->height, h, kh, &ih)) continue;
    const size_t line = ((batch * c->depth.input + id) * c->height.input + ih) * c->width.input;
    const size_t tap = (kd * c->height.window + kh) * c->width.window + kw;
    for (size_t w = 0; w < width; w++) {
      if (!see(&c->width, w, kw, &iw)) continue;
      const ELEMENT *x = (const ELEMENT *)task->x + (line + iw) * c->channels;
      for (size_t i = 0; i < c->channels; i++) {
        const size_t group = i / channels;
        const ELEMENT *filter = (const ELEMENT *)task->filter +
                                (tap * channels + i % channels) * c->filters + group * filters;
        ELEMENT *to = y + w * c->filters + group * filters;
        for (size_t f = 0; f < filters; f++) to[f] += x[i] * filter[f];
      }
    }
  }
  call_epilogue(c, row, width, c->filters);
}

static void NAME(input_gradient_row)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushConvolution *c = task->convolution;
  const size_t width = c->width.input, channels = c->channels / c->groups;
  const size_t filters = c->filters / c->groups, row = chunk * width;
  const size_t h = chunk % c->height.input, plane = chunk / c->height.input;
  const size_t d = plane % c->depth.input, batch = plane / c->depth.input;
  ELEMENT *dx = (ELEMENT *)task->y + row * c->channels;
  memset(dx, 0, width * c->channels * sizeof *dx);
  FOR_TAPS(c, kd, kh, kw) {
    size_t od, oh, ow;
    if (!seen(&c->depth, d, kd, &od) || !seen(&c->height, h, kh, &oh)) continue;
    const size_t line = ((batch * c->depth.output + od) * c->height.output + oh) * c->width.output;
    const size_t tap = (kd * c->height.window + kh) * c->width.window + kw;
    for (size_t w = 0; w < width; w++) {
      if (!seen(&c->width, w, kw, &ow)) continue;
      const ELEMENT *dy = (const ELEMENT *)task->x + (line + ow) * c->filters;
      for (size_t i = 0; i < c->channels; i++) {
        const size_t group = i / channels;
        const ELEMENT *filter = (const ELEMENT *)task->filter +
                                (tap * channels + i % channels) * c->filters + group * filters;
        ELEMENT sum = 0;
        for (size_t f = 0; f < filters; f++) sum += dy[group * filters + f] * filter[f];
        dx[w * c->channels + i] += sum;
      }
    }
  }
  call_epilogue(c, row, width, c->channels);
}

static void NAME(filter_gradient_tap)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushConvolution *c = task->convolution;
  const size_t channels = c->channels / c->groups, filters = c->filters / c->groups;
  const size_t kw = chunk % c->width.window, rest = chunk / c->width.window;
  const size_t kh = rest % c->height.window, kd = rest / c->height.window;
  ELEMENT *dfilter = (ELEMENT *)task->y + chunk * channels * c->filters;
  memset(dfilter, 0, channels * c->filters * sizeof *dfilter);
  const ELEMENT *dy = task->filter;
  for (size_t batch = 0; batch < c->batch; batch++)
    for (size_t d = 0; d < c->depth.output; d++)
      for (size_t h = 0; h < c->height.output; h++)
        for (size_t w = 0; w < c->width.output; w++, dy += c->filters) {
          size_t id, ih, iw;
          if (!see(&c->depth, d, kd, &id) || !see(&c->height, h, kh, &ih)) continue;
          if (!see(&c->width, w, kw, &iw)) continue;
          const size_t line = (batch * c->depth.input + id) * c->height.input + ih;
          const ELEMENT *x =
              (const ELEMENT *)task->x + (line * c->width.input + iw) * c->channels;
          for (size_t i = 0; i < c->channels; i++) {
            const size_t group = i / channels, first = group * filters;
            ELEMENT *to = dfilter + i % channels * c->filters + first;
            for (size_t f = 0; f < filters; f++) to[f] += x[i] * dy[first + f];
          }
        }
}

#undef ELEMENT
#undef NAME
