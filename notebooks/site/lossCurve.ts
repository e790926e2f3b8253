/** The minibatch loss over training, both axes logarithmic, with reference lines from theory. */
import { featureColor, type Palette } from './palette.ts';
import { label, line, picture, px } from './svg.ts';
import type { Reference } from './theory.ts';

/** At most so many points are kept; when full, neighbours are averaged into one. */
const CAPACITY = 600;

/** A loss curve of any length in bounded memory. */
export interface Curve {
  add(step: number, loss: number): void;
  points(): readonly { step: number; loss: number }[];
}

export function lossCurve(): Curve {
  let points: { step: number; loss: number }[] = [];
  let width = 1; // recorded losses a point
  let pending = { count: 0, sum: 0 };
  function halve(): void {
    points = Array.from({ length: CAPACITY / 2 }, (_, k) => ({
      step: points[2 * k + 1].step,
      loss: (points[2 * k].loss + points[2 * k + 1].loss) / 2,
    }));
    width *= 2;
  }
  return {
    add(step, loss) {
      pending = { count: pending.count + 1, sum: pending.sum + loss };
      if (pending.count < width) return;
      points.push({ step, loss: pending.sum / width });
      pending = { count: 0, sum: 0 };
      if (points.length === CAPACITY) halve();
    },
    points: () => points,
  };
}

const WIDTH = 420;
const HEIGHT = 230;
const LEFT = 52;
const BOTTOM = 24;

/** Powers of ten inside [from, to]. */
function decades(from: number, to: number): number[] {
  const out: number[] = [];
  for (let e = Math.ceil(Math.log10(from)); e <= Math.log10(to); e++) out.push(10 ** e);
  return out;
}

function range(curve: Curve, references: readonly Reference[]): [low: number, high: number] {
  const losses = [...curve.points(), ...references]
    .map(({ loss }) => loss)
    .filter((loss) => loss > 0 && Number.isFinite(loss));
  const low = Math.min(...losses, 1);
  const high = Math.max(...losses, 1e-6);
  return [low / 1.5, Math.max(high * 1.3, low * 10)];
}

/** Where a step and a loss stand in the picture. */
interface Axes {
  x(step: number): number;
  y(loss: number): number;
}

function axesOf(last: number, low: number, high: number): Axes {
  return {
    x: (step) => LEFT + ((WIDTH - LEFT - 8) * step) / last,
    y: (loss) => 8 + ((HEIGHT - BOTTOM - 8) * Math.log(high / Math.max(loss, low))) / Math.log(high / low),
  };
}

/** A line at each power of ten, with its number. */
function gridSvg(low: number, high: number, { y }: Axes, palette: Palette): string {
  const lines = decades(low, high).map(
    (loss) =>
      line(LEFT, y(loss), WIDTH - 8, y(loss), palette.faint) +
      label(LEFT - 6, y(loss) + 4, loss.toExponential(0), palette.ink, 'text-anchor="end"'),
  );
  return lines.join('');
}

const dashedSvg = (y: number, color: string) =>
  line(LEFT, y, WIDTH - 8, y, color, 'stroke-dasharray="6 4" stroke-width="1.5"');

/** The name of a reference, readable over the curve. */
function nameSvg(y: number, name: string, { ink, paper }: Palette): string {
  const halo = `text-anchor="end" stroke="${paper}" stroke-width="4" paint-order="stroke"`;
  return label(WIDTH - 12, y, name, ink, halo);
}

function curveSvg(curve: Curve, { x, y }: Axes, color: string): string {
  const path = curve.points().map(({ step, loss }) => `${px(x(step))},${px(y(loss))}`);
  return `<polyline points="${path.join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
}

export function lossSvg(curve: Curve, references: readonly Reference[], palette: Palette): string {
  const newest = curve.points().at(-1);
  const last = Math.max(100, newest?.step ?? 0);
  const [low, high] = range(curve, references);
  const axes = axesOf(last, low, high);
  const color = (k: number) => featureColor(palette, k);
  const body = [
    gridSvg(low, high, axes, palette),
    ...references.map(({ loss }, k) => dashedSvg(axes.y(loss), color(k + 1))),
    curveSvg(curve, axes, color(0)),
    // the lower reference is named below its line, the higher one above, over the curve
    ...references.map(({ name, loss }, k) => nameSvg(axes.y(loss) + (k ? -6 : 14), name, palette)),
    label(WIDTH - 8, HEIGHT - 6, `step ${last}`, palette.ink, 'text-anchor="end"'),
    label(LEFT, HEIGHT - 6, '0', palette.ink),
  ];
  const name = `Loss over ${last} steps, now ${(newest?.loss ?? Number.NaN).toPrecision(2)}`;
  return picture(WIDTH, HEIGHT, name, palette, body.join(''));
}
