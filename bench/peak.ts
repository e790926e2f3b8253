/** What a thread does at most: multiply-adds in WebAssembly, four to a vector, with all numbers in registers. */
import { assemble } from '../sim/simd/kernel.ts';
import { each, func, get, int, set, sweep, v } from '../sim/simd/wat.ts';

/** Sums in registers: as many as fit, each on its way while the others are computed. */
const SUMS = 11;
const TURNS = 1e6; // some 2 ms

/** Gives a function that measures the G multiply-adds/s of one thread once. */
export async function peakOf(): Promise<() => number> {
  const product = (k: number) => v.mul(get(`s${(k + 1) % SUMS}`), get('y'));
  const sums = each(SUMS, (k) => set(`s${k}`, v.add(get(`s${k}`), product(k))));
  const start = each(SUMS, (k) => set(`s${k}`, v.all(k + 1)));
  const total = each(SUMS, (k) => get(`s${k}`)).reduce((a, b) => v.add(a, b));
  const body = [set('y', v.all(1e-9)), ...start, set('k', int(0)), sweep('k', get('turns'), 1, sums)];
  const text = func('peak', ['turns'], ['k'], body, { type: 'f32', value: v.lane(0, total) });
  const module = await assemble(`(module ${text} (export "peak" (func $peak)))`);
  const run = (await WebAssembly.instantiate(module)).exports.peak as (turns: number) => number;
  return () => {
    const started = performance.now();
    run(TURNS);
    return (TURNS * SUMS * 4) / (performance.now() - started) / 1e6;
  };
}
