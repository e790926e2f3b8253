/* Full-batch training of x' = ReLU(W W'x + b) on T samples as one would write it in C: h from the entries that are not 0,
 * every pair of an output and a sample, AdamW. fixed n T steps prints pairs per CPU second. One thread, m = 2. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static float draw(void) { return (rand() + 0.5f) / (RAND_MAX + 1.0f); }

int main(int argc, char **argv) {
  int n = atoi(argv[1]), T = atoi(argv[2]), steps = atoi(argv[3]), P = 3 * n;
  float *x = calloc((size_t)n * T, 4), *w = calloc(P, 4), *g = calloc(P, 4), *m1 = calloc(P, 4), *m2 = calloc(P, 4);
  float *h = calloc(2 * T, 4), *d = calloc(2 * T, 4);
  int *start = calloc(T + 1, sizeof(int)), *index = calloc((size_t)n * T, sizeof(int));
  for (int t = 0; t < T; t++) {
    float squares = 0;
    start[t + 1] = start[t];
    for (int i = 0; i < n; i++)
      if (draw() < 10.0f / n) {
        x[(size_t)i * T + t] = draw();
        squares += x[(size_t)i * T + t] * x[(size_t)i * T + t];
        index[start[t + 1]++] = i;
      }
    for (int e = start[t]; e < start[t + 1]; e++) x[(size_t)index[e] * T + t] /= sqrtf(squares);
  }
  for (int k = 0; k < 2 * n; k++) w[k] = 0.09f * (draw() - 0.5f);
  float *w0 = w, *w1 = w + n, *b = w + 2 * n, *h0 = h, *h1 = h + T, *d0 = d, *d1 = d + T;
  double loss = 0;
  clock_t before = clock();
  for (int step = 1; step <= steps; step++) {
    loss = 0;
    for (int t = 0; t < T; t++) {
      h0[t] = h1[t] = d0[t] = d1[t] = 0;
      for (int e = start[t]; e < start[t + 1]; e++) {
        float v = x[(size_t)index[e] * T + t];
        h0[t] += v * w0[index[e]];
        h1[t] += v * w1[index[e]];
      }
    }
    for (int i = 0; i < n; i++) {
      const float *row = x + (size_t)i * T;
      float a0 = w0[i], a1 = w1[i], c = b[i], s0 = 0, s1 = 0, sb = 0, l = 0;
      for (int t = 0; t < T; t++) {
        float z = a0 * h0[t] + a1 * h1[t] + c, r = z > 0 ? z : 0, e = r - row[t], q = z > 0 ? e : 0;
        l += e * e;
        sb += q;
        s0 += q * h0[t];
        s1 += q * h1[t];
        d0[t] += q * a0;
        d1[t] += q * a1;
      }
      loss += l;
      g[i] = s0, g[n + i] = s1, g[2 * n + i] = sb;
    }
    for (int t = 0; t < T; t++)
      for (int e = start[t]; e < start[t + 1]; e++) {
        float v = x[(size_t)index[e] * T + t];
        g[index[e]] += v * d0[t];
        g[n + index[e]] += v * d1[t];
      }
    float rate = 1e-3f, c1 = 1 / (1 - powf(0.9f, step)), c2 = 1 / sqrtf(1 - powf(0.999f, step));
    for (int k = 0; k < P; k++) {
      float own = 2 * g[k] / T;
      w[k] *= 1 - rate * 0.01f;
      m1[k] = 0.9f * m1[k] + 0.1f * own;
      m2[k] = 0.999f * m2[k] + 0.001f * own * own;
      w[k] -= rate * c1 * m1[k] / (sqrtf(m2[k]) * c2 + 1e-8f);
    }
  }
  double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
  printf("{\"pairs\": %.6g, \"loss\": %.6f}\n", (double)n * T * steps / seconds, loss / T);
}
