/** The tables of bench/results.md. */
import type { Result, Results } from './row.ts';
import { table } from './section.ts';

/** What was to be reached on two threads at density 0.1, M samples/s, and what PyTorch 1.13 did there. */
const GOALS: Record<string, { goal: number; torch113: number }> = {
  '(2,1)': { goal: 800, torch113: 10 },
  '(5,2)': { goal: 250, torch113: 4.65 },
  '(20,5)': { goal: 35, torch113: 1.19 },
  '(80,20)': { goal: 2.5, torch113: 0.21 },
  '(400,30)': { goal: 0.45, torch113: 0.035 },
};

const shapeOf = ({ features, hidden }: Result): string => `(${features},${hidden})`;
const millions = (rate: number): string => Number((rate / 1e6).toPrecision(3)).toString();
const times = (ratio: number): string => `${Number(ratio.toPrecision(2))}×`;
const unique = <T>(values: T[]): T[] => [...new Set(values)];

/** PyTorch's best on the shape and threads of a result, from the same run; it does the same at every density. */
function torchBeside(result: Result, rows: Result[]): number {
  const beside = rows.filter(
    (r) =>
      r.contender.startsWith('torch') &&
      r.run === result.run &&
      r.threads === result.threads &&
      shapeOf(r) === shapeOf(result),
  );
  return Math.max(...beside.map((r) => r.best));
}

/** A cell: best, median, and the ratio to PyTorch. */
function cell(result: Result | undefined, rows: Result[]): string {
  if (!result) return '';
  const own = `${millions(result.best)} (${millions(result.median)})`;
  const torch = torchBeside(result, rows);
  return torch > 0 && !result.contender.startsWith('torch') ? `${own} ${times(result.best / torch)}` : own;
}

/** All contenders on a number of threads: a row for each shape and density. */
function speeds(rows: Result[], threads: number): string {
  const own = rows.filter((r) => r.threads === threads);
  const names = unique(own.map((r) => r.contender));
  const cells = unique(own.map((r) => `${shapeOf(r)} × ${r.instances}; ${r.density}`));
  const body = cells.map((key) => [
    ...key.split('; '),
    ...names.map((name) =>
      cell(
        own.find((r) => r.contender === name && `${shapeOf(r)} × ${r.instances}; ${r.density}` === key),
        rows,
      ),
    ),
  ]);
  return table(['model × instances', 'density', ...names], body);
}

/** What was to be reached beside what was, as a Markdown table. */
function goals(rows: Result[]): string {
  const find = (shape: string, density: number, contender = 'simd') =>
    rows.find(
      (r) => r.contender === contender && shapeOf(r) === shape && r.density === density && r.threads === 2,
    );
  const body = Object.entries(GOALS).flatMap(([shape, { goal, torch113 }]) => {
    const own = find(shape, 0.1);
    if (!own) return [];
    const torch = torchBeside(own, rows);
    const ratio = torch > 0 ? times(own.best / torch) : '';
    const verdict = own.best >= goal * 1e6 ? 'reached' : 'missed';
    const webasm = find(shape, 0.1, 'webasm');
    const kernels = webasm ? millions(webasm.best) : '';
    return [
      [shape, `${goal}`, millions(own.best), verdict, ratio, times(own.best / 1e6 / torch113), kernels],
    ];
  });
  const [sparse, dense] = [find('(20,5)', 0.01), find('(20,5)', 1)];
  if (sparse && dense) {
    const gain = sparse.best / dense.best;
    body.push([
      '(20,5), density 0.01 against 1',
      '4×',
      times(gain),
      gain >= 4 ? 'reached' : 'missed',
      '',
      '',
      '',
    ]);
  }
  return table(
    [
      'model',
      'goal',
      'simd',
      '',
      'to PyTorch of this run',
      "to PyTorch 1.13 on the design's machine",
      'gpu.js kernels on webasm',
    ],
    body,
  );
}

/** Everything measured, as Markdown. */
export function reportOf({ machine, node, missing, rows }: Results): string {
  const notes = unique(rows.map((r) => `- ${r.contender}: ${r.note}`)).sort();
  const loads = rows.map((r) => r.load);
  const absent = Object.entries(missing).map(([name, reason]) => `- ${name} did not take part: ${reason}`);
  return `# Speed

M samples/s; one sample is one model and one input, forward and backward, drawing the input and AdamW included;
batch 1024, ReLU output, tied weights. Best of five repetitions (median), and the best as a multiple of PyTorch's
best on the same row of the same run, compiled or not. Frameworks work on dense arrays, so they are measured at
one density. Written by \`npm run bench\`.

${machine}; Node ${node.slice(1)}; load average before the rows ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)};
runs of ${unique(rows.map((r) => r.run)).join(', ')}.

## Goals: two threads, density 0.1

${goals(rows)}

## Two threads

${speeds(rows, 2)}

## One thread

${speeds(rows, 1)}

## What ran

${[...notes, ...absent].join('\n')}
`;
}
