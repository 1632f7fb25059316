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

/// An odd number of elements, 2 half + 1: elements j and -j from their sum and difference. The
/// compiler unrolls it where half is known.
static inline __attribute__((always_inline)) void stage_odd(
    const Stage *s, size_t half, Parts x, Parts y) {
  enum { SIZE = FOURIER_LARGEST_FACTOR / 2 + 1 };
  const size_t factor = 2 * half + 1, m = s->length / factor, n = s->step, far = n * m;
  const size_t stride = s->root_count / s->length;
  for (size_t p = 0; p < m; p++) {
    const double *restrict a = x.re + n * p, *restrict ai = x.im + n * p;
    double *restrict u = y.re + n * factor * p, *restrict ui = y.im + n * factor * p;
    for (size_t q = 0; q < n; q++) {
      double sum[SIZE], sum_i[SIZE], gap[SIZE], gap_i[SIZE];
      double all = a[q], all_i = ai[q];
      for (size_t j = 1; j <= half; j++) {
        const size_t at = q + j * far, mirrored = q + (factor - j) * far;
        sum[j] = a[at] + a[mirrored];
        sum_i[j] = ai[at] + ai[mirrored];
        gap[j] = a[at] - a[mirrored];
        gap_i[j] = ai[at] - ai[mirrored];
        all += sum[j];
        all_i += sum_i[j];
      }
      u[q] = all;
      ui[q] = all_i;
      for (size_t k = 1; k <= half; k++) {
        double even = a[q], even_i = ai[q], odd = 0, odd_i = 0;
        for (size_t j = 1; j <= half; j++) {
          const Complex turn = s->roots[m * (j * k % factor) * stride];
          even += turn.re * sum[j];
          even_i += turn.re * sum_i[j];
          odd -= turn.im * gap_i[j];
          odd_i += turn.im * gap[j];
        }
        const Complex w = s->roots[p * k * stride], v = s->roots[p * (factor - k) * stride];
        const double re = even + odd, im = even_i + odd_i;
        u[q + k * n] = re * w.re - im * w.im;
        ui[q + k * n] = re * w.im + im * w.re;
        const double back = even - odd, back_i = even_i - odd_i;
        u[q + (factor - k) * n] = back * v.re - back_i * v.im;
        ui[q + (factor - k) * n] = back * v.im + back_i * v.re;
      }
    }
  }
}

void STAGE(const Stage *s, Parts x, Parts y) {
  switch (s->factor) {
    case 2: stage_2(s, x, y); break;
    case 4: stage_4(s, x, y); break;
    case 3: stage_odd(s, 1, x, y); break;
    case 5: stage_odd(s, 2, x, y); break;
    default: stage_odd(s, s->factor / 2, x, y);
  }
}
