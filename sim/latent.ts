/**
 * Features of a latent point, as words of a text about one thing are: feature j has a place w_j, a sample a point u, and
 * the feature is active with probability σ(s w_j·u) = 1/(1 + exp(−s w_j·u)), s the sharpness (Prieto et al. 2026).
 *   circle        w_j = (cos t, sin t)       t = 2π j/n
 *   figure-eight  w_j = (sin t, sin 2t)
 *   sphere        w_j = (ρ cos φ, ρ sin φ, z), z = 1 − (2j + 1)/n, ρ = √(1 − z²), φ = π (3 − √5) j, a Fibonacci lattice
 * Points are the places themselves, one as likely as another, or uniform in t, or on the sphere.
 */
import { cos, exp, sin } from './elementary.ts';
import { WORDS } from './random.ts';

export type LatentShape = 'circle' | 'figure-eight' | 'sphere';

type Point = readonly number[];

const TURN = 2 * Math.PI;

function onSphere(z: number, angle: number): Point {
  const radius = Math.sqrt(Math.max(0, 1 - z * z));
  return [radius * cos(angle), radius * sin(angle), z];
}

/** The point of a curve at a share t of its turn. */
function onCurve(shape: LatentShape, t: number): Point {
  return shape === 'circle' ? [cos(TURN * t), sin(TURN * t)] : [sin(TURN * t), sin(2 * TURN * t)];
}

/** Place j of n. */
export function placeOf(shape: LatentShape, j: number, n: number): Point {
  if (shape === 'sphere') return onSphere(1 - (2 * j + 1) / n, Math.PI * (3 - Math.sqrt(5)) * j);
  return onCurve(shape, j / n);
}

/** The point that two words stand for. */
function pointOf(shape: LatentShape, first: number, second: number): Point {
  const [t, turn] = [(first + 0.5) / WORDS, second / WORDS];
  return shape === 'sphere' ? onSphere(2 * t - 1, TURN * turn) : onCurve(shape, t);
}

/** P(feature j is active) at a point, times 2^24, rounded; (n) for the places of n features. */
export function latentThresholds(places: readonly Point[], point: Point, sharpness: number): Int32Array {
  return Int32Array.from(places, (place) => {
    const dot = place.reduce((sum, value, k) => sum + value * point[k], 0);
    return Math.round(WORDS / (1 + exp(-sharpness * dot)));
  });
}

/** All that drawing samples of n features takes: their places and, where points are places, what each opens. */
export interface Latent {
  shape: LatentShape;
  sharpness: number;
  places: Point[];
  grid: Int32Array[] | null; // (n) of (n) thresholds
}

export function latentOf(shape: LatentShape, isGrid: boolean, sharpness: number, n: number): Latent {
  const places = Array.from({ length: n }, (_, j) => placeOf(shape, j, n));
  const grid = isGrid ? places.map((point) => latentThresholds(places, point, sharpness)) : null;
  return { shape, sharpness, places, grid };
}

/** What the point opens that two words stand for. */
export function opens({ shape, sharpness, places, grid }: Latent, first: number, second: number): Int32Array {
  if (grid) return grid[Math.floor((first * grid.length) / WORDS)];
  return latentThresholds(places, pointOf(shape, first, second), sharpness);
}
