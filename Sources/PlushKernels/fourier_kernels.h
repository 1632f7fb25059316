// The stages, compiled once per instruction set; STAGE names the result.
//
// Element p + m j of the input, j < factor, m = length / factor, makes element factor p + k of the
// output, k < factor, which is multiplied by the root's power p k.

/// Two elements.
static inline void stage_2(const Stage *s, Parts x, Parts y) {
  const size_t m = s->length / 2, n = s->step, stride = s->root_count / s->length;
  for (size_t p = 0; p < m; p++) {
    const Complex w = s->roots[p * stride];
    const double *restrict a = x.re + n * p, *restrict ai = x.im + n * p;
    const double *restrict b = a + n * m, *restrict bi = ai + n * m;
    double *restrict u = y.re + n * 2 * p, *restrict ui = y.im + n * 2 * p;
    double *restrict v = u + n, *restrict vi = ui + n;
    for (size_t q = 0; q < n; q++) {
      const double re = a[q] - b[q], im = ai[q] - bi[q];
      u[q] = a[q] + b[q];
      ui[q] = ai[q] + bi[q];
      v[q] = re * w.re - im * w.im;
      vi[q] = re * w.im + im * w.re;
    }
  }
}

/// Four elements.
static inline void stage_4(const Stage *s, Parts x, Parts y) {
  const size_t m = s->length / 4, n = s->step, stride = s->root_count / s->length;
  for (size_t p = 0; p < m; p++) {
    const Complex w1 = s->roots[p * stride], w2 = s->roots[2 * p * stride];
    const Complex w3 = s->roots[3 * p * stride];
    const double *restrict a = x.re + n * p, *restrict ai = x.im + n * p;
    double *restrict u = y.re + n * 4 * p, *restrict ui = y.im + n * 4 * p;
    const size_t far = n * m;
    for (size_t q = 0; q < n; q++) {
      const double sum_re = a[q] + a[q + 2 * far], sum_im = ai[q] + ai[q + 2 * far];
      const double dif_re = a[q] - a[q + 2 * far], dif_im = ai[q] - ai[q + 2 * far];
      const double odd_re = a[q + far] + a[q + 3 * far], odd_im = ai[q + far] + ai[q + 3 * far];
      const double gap_re = a[q + far] - a[q + 3 * far], gap_im = ai[q + far] - ai[q + 3 * far];
      u[q] = sum_re + odd_re;
      ui[q] = sum_im + odd_im;
      const double re1 = dif_re + gap_im, im1 = dif_im - gap_re;
      u[q + n] = re1 * w1.re - im1 * w1.im;
      ui[q + n] = re1 * w1.im + im1 * w1.re;
      const double re2 = sum_re - odd_re, im2 = sum_im - odd_im;
      u[q + 2 * n] = re2 * w2.re - im2 * w2.im;
      ui[q + 2 * n] = re2 * w2.im + im2 * w2.re;
      const double re3 = dif_re - gap_im, im3 = dif_im + gap_re;
      u[q + 3 * n] = re3 * w3.re - im3 * w3.im;
      ui[q + 3 * n] = re3 * w3.im + im3 * w3.re;
    }
  }
}

/// Any number of elements, each result a sum over all.
static inline void stage_any(const Stage *s, Parts x, Parts y) {
  const size_t m = s->length / s->factor, n = s->step, stride = s->root_count / s->length;
  for (size_t p = 0; p < m; p++) {
    for (size_t k = 0; k < s->factor; k++) {
      double *restrict u = y.re + n * (s->factor * p + k);
      double *restrict ui = y.im + n * (s->factor * p + k);
      for (size_t j = 0; j < s->factor; j++) {
        const size_t turn = p * k + m * (j * k % s->factor);
        const Complex w = s->roots[turn % s->length * stride];
        const double *restrict a = x.re + n * (p + m * j), *restrict ai = x.im + n * (p + m * j);
        for (size_t q = 0; q < n; q++) {
          const double re = a[q] * w.re - ai[q] * w.im, im = a[q] * w.im + ai[q] * w.re;
          u[q] = j == 0 ? re : u[q] + re;
          ui[q] = j == 0 ? im : ui[q] + im;
        }
      }
    }
  }
}

void STAGE(const Stage *s, Parts x, Parts y) {
  switch (s->factor) {
    case 2: stage_2(s, x, y); break;
    case 4: stage_4(s, x, y); break;
    default: stage_any(s, x, y);
  }
}
