/**
 * Our SIMD kernels beside those of another checkout, in turn on one thread, best of 25 short slices each:
 * npx tsx bench/against.ts <folder of the other checkout, installed>
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const SHAPES = [
  [2, 1, 8, 64],
  [5, 2, 8, 24],
  [20, 5, 4, 6],
  [80, 20, 1, 3],
  [200, 20, 1, 2],
  [400, 30, 1, 1],
] as const; // n, m, instances, steps of a slice
const DENSITIES = [1, 0.1, 0.01];
const BATCH = 1024;
const SLICES = 25;

/** A checkout's kernel on some models: runs so many further steps. */
async function openKernel(root: string, n: number, m: number, instances: number, density: number) {
  const load = (file: string) => import(pathToFileURL(resolve(root, 'sim', file)).href);
  const { kernelText, layoutFor, assemble } = await load('simd/kernel.ts');
  const { recordBytes, scratchBytes, stepTable } = await load('simd/records.ts');
  const { expandGrid } = await load('grid.ts');
  const { parseSpec } = await load('spec.ts');
  const { initParams } = await load('params.ts');
  const spec = parseSpec({
    model: { features: n, hidden: m },
    input: { density, importance: { base: 0.9 } },
    training: { batch: BATCH, steps: 100_000 },
    replicas: instances,
  });
  const [{ problem, initStd }] = expandGrid(spec).groups;
  const layout = layoutFor(problem);
  const rows = Int32Array.from({ length: instances }, (_, i) => i);
  const scratch = new Uint8Array(scratchBytes(problem, layout));
  const records = new Uint8Array(recordBytes(problem, initParams(problem, initStd), layout, rows));
  const lossesAt = scratch.length + records.length;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((lossesAt + 1024 * instances) / 65_536) });
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(scratch);
  bytes.set(records, scratch.length);
  const module: WebAssembly.Module = await assemble(kernelText(problem, layout));
  const { train } = (await WebAssembly.instantiate(module, { env: { memory } })).exports as Record<
    string,
    (...args: number[]) => void
  >;
  let step = 0;
  return (steps: number) => {
    bytes.set(new Uint8Array(stepTable(problem, step, new Array(steps).fill(0))), layout.table);
    train(instances, steps, step, step, lossesAt);
    step += steps;
  };
}

/** Shortest slice of each, in milliseconds, taken in turn after two that do not count. */
function race(kernels: ((steps: number) => void)[], steps: number): number[] {
  const best = kernels.map(() => Number.POSITIVE_INFINITY);
  for (let slice = -2; slice < SLICES; slice++) {
    kernels.forEach((run, k) => {
      const started = performance.now();
      run(steps);
      if (slice >= 0) best[k] = Math.min(best[k], performance.now() - started);
    });
  }
  return best;
}

const other = process.argv[2];
if (!other) throw new Error('expected the folder of another checkout');
console.log(
  '| model | density | theirs, M samples/s | ours | ours / theirs |\n| --- | --- | --- | --- | --- |',
);
for (const [n, m, instances, steps] of SHAPES) {
  for (const density of DENSITIES) {
    const kernels = [other, '.'].map((root) => openKernel(root, n, m, instances, density));
    const [theirs, ours] = race(await Promise.all(kernels), steps);
    const rate = (ms: number) => ((instances * steps * BATCH) / ms / 1e3).toPrecision(3);
    console.log(
      `| (${n},${m}) | ${density} | ${rate(theirs)} | ${rate(ours)} | ${(theirs / ours).toFixed(3)} |`,
    );
  }
}
