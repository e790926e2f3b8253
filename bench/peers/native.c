/* Speed of a native loop on one row: cc -O3 -march=native -ffast-math -DN=5 -DM=2 native.c -lm -lpthread
 * then ./a.out <instances> <threads> <density>. Prints samples/s of each repetition, a line each.
 *
 * The work of our engines fused by hand: sample, forward, backward, AdamW, in float32. A vector holds LANES
 * samples of one model; gradients are summed over the batch in vectors. Written for the compiler to unroll. */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 1024, REPETITIONS = 5, LANES = 16, GROUPS = N * M > 256 ? 4 : 1, WIDTH = LANES * GROUPS };
#define SECONDS 0.18

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4)));
typedef uint32_t Words __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t Mask __attribute__((vector_size(4 * LANES), aligned(4)));

typedef struct {
  float W[N][M], b[N], first[N][M], second[N][M], bFirst[N], bSecond[N];
} Model;

typedef struct {
  Model *models;
  int count, steps, done; /* done: steps before this call */
  uint32_t threshold;
  Words a, b;
} Share;

static inline Words draw(Words *a, Words *b) {
  Words p = (*b * 0xb5ca6du) & 0xffffffu;
  Words next = *a ^ p ^ (p >> 11);
  *a = *b;
  *b = next;
  return next;
}

static inline float sum(Vector v) {
  float s = 0;
  for (int l = 0; l < LANES; l++) s += v[l];
  return s;
}

static void adamw(float *w, float g, float *first, float *second, float correct1, float correct2) {
  *w *= 1 - 1e-5f;
  *first = 0.9f * *first + 0.1f * g;
  *second = 0.999f * *second + 0.001f * g * g;
  *w -= 1e-3f * correct1 * *first / (sqrtf(*second) * correct2 + 1e-8f);
}

/* Forward and backward of WIDTH samples; adds to dW (N, M) and db (N), whose lanes are samples. */
static inline void samples(const Model *model, Share *own, Vector dW[N][M], Vector db[N]) {
  static __thread Vector x[N][GROUPS], dy[N][GROUPS];
  Vector h[M][GROUPS], dh[M][GROUPS];
  memset(h, 0, sizeof h);
  memset(dh, 0, sizeof dh);
  for (int i = 0; i < N; i++)
    for (int g = 0; g < GROUPS; g++) {
      Words u = draw(&own->a, &own->b);
      Mask open = u < own->threshold;
      Vector value = __builtin_convertvector((Mask)u, Vector) * (1.0f / own->threshold);
      x[i][g] = (Vector)((Mask)value & open);
      for (int k = 0; k < M; k++) h[k][g] += model->W[i][k] * x[i][g];
    }
  for (int j = 0; j < N; j++)
    for (int g = 0; g < GROUPS; g++) {
      Vector y = model->b[j] + (Vector){0};
      for (int k = 0; k < M; k++) y += model->W[j][k] * h[k][g];
      Vector error = (y - x[j][g]) * (2.0f / N / BATCH);
      dy[j][g] = (Vector)((Mask)error & (y > 0));
      db[j] += dy[j][g];
      for (int k = 0; k < M; k++) dh[k][g] += model->W[j][k] * dy[j][g];
    }
  for (int j = 0; j < N; j++)
    for (int k = 0; k < M; k++) {
      Vector gradient = dW[j][k];
      for (int g = 0; g < GROUPS; g++) gradient += dy[j][g] * h[k][g] + x[j][g] * dh[k][g];
      dW[j][k] = gradient;
    }
}

static void *train(void *argument) {
  Share *own = argument;
  static __thread Vector dW[N][M], db[N];
  for (int step = own->done; step < own->done + own->steps; step++) {
    float correct1 = 1 / (1 - powf(0.9f, step + 1)), correct2 = 1 / sqrtf(1 - powf(0.999f, step + 1));
    for (int m = 0; m < own->count; m++) {
      Model *model = &own->models[m];
      memset(dW, 0, sizeof dW);
      memset(db, 0, sizeof db);
      for (int s = 0; s < BATCH; s += WIDTH) samples(model, own, dW, db);
      for (int j = 0; j < N; j++) {
        for (int k = 0; k < M; k++)
          adamw(&model->W[j][k], sum(dW[j][k]), &model->first[j][k], &model->second[j][k], correct1, correct2);
        adamw(&model->b[j], sum(db[j]), &model->bFirst[j], &model->bSecond[j], correct1, correct2);
      }
    }
  }
  return NULL;
}

static double run(Share *shares, int threads, int steps) {
  struct timespec from, to;
  pthread_t handles[64];
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int t = 0; t < threads; t++) {
    shares[t].steps = steps;
    pthread_create(&handles[t], NULL, train, &shares[t]);
  }
  for (int t = 0; t < threads; t++) pthread_join(handles[t], NULL);
  for (int t = 0; t < threads; t++) shares[t].done += steps;
  clock_gettime(CLOCK_MONOTONIC, &to);
  return to.tv_sec - from.tv_sec + 1e-9 * (to.tv_nsec - from.tv_nsec);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int instances = atoi(argv[1]), threads = atoi(argv[2]);
  double density = atof(argv[3]);
  Model *models = calloc(instances, sizeof *models);
  Share *shares = aligned_alloc(64, 64 * ((threads * sizeof *shares + 63) / 64));
  for (int m = 0; m < instances; m++)
    for (int i = 0; i < N; i++)
      for (int k = 0; k < M; k++) models[m].W[i][k] = 0.5f * sinf(1 + 7 * i + 3 * k + m);
  for (int t = 0; t < threads; t++) {
    int from = instances * t / threads, to = instances * (t + 1) / threads;
    shares[t] = (Share){.models = models + from, .count = to - from, .threshold = density * 0x1000000};
    for (int l = 0; l < LANES; l++) shares[t].a[l] = 1 + l + LANES * t, shares[t].b[l] = 99 + l;
  }
  int steps = 1;
  for (double s = run(shares, threads, 1); s < SECONDS / 2; s = run(shares, threads, steps))
    steps = ceil(steps * fmin(8, SECONDS / fmax(s, 1e-6)));
  for (int r = 0; r < REPETITIONS; r++)
    printf("%.0f\n", (double)instances * BATCH * steps / run(shares, threads, steps));
  return 0;
}
