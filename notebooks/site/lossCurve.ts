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

export function lossSvg(curve: Curve, references: readonly Reference[], palette: Palette): string {
  const points = curve.points();
  const [low, high] = range(curve, references);
  const last = Math.max(100, points.at(-1)?.step ?? 0);
  const x = (step: number) => LEFT + ((WIDTH - LEFT - 8) * step) / last;
  const y = (loss: number) =>
    8 + ((HEIGHT - BOTTOM - 8) * Math.log(high / Math.max(loss, low))) / Math.log(high / low);
  // the lower reference is named below its line, the higher one above, over the curve
  const halo = (at: number, name: string) =>
    label(
      WIDTH - 12,
      at,
      name,
      palette.ink,
      `text-anchor="end" stroke="${palette.paper}" stroke-width="4" paint-order="stroke"`,
    );
  const path = points.map(({ step, loss }) => `${px(x(step))},${px(y(loss))}`).join(' ');
  const now = points.at(-1)?.loss ?? Number.NaN;
  return picture(
    WIDTH,
    HEIGHT,
    `Loss over ${last} steps, now ${now.toPrecision(2)}`,
    palette,
    decades(low, high)
      .map(
        (loss) =>
          line(LEFT, y(loss), WIDTH - 8, y(loss), palette.faint) +
          label(LEFT - 6, y(loss) + 4, loss.toExponential(0), palette.ink, 'text-anchor="end"'),
      )
      .join('') +
      references
        .map(({ loss }, k) =>
          line(
            LEFT,
            y(loss),
            WIDTH - 8,
            y(loss),
            featureColor(palette, k + 1),
            'stroke-dasharray="6 4" stroke-width="1.5"',
          ),
        )
        .join('') +
      `<polyline points="${path}" fill="none" stroke="${featureColor(palette, 0)}" stroke-width="1.5"/>` +
      references.map(({ name, loss }, k) => halo(y(loss) + (k ? -6 : 14), name)).join('') +
      label(WIDTH - 8, HEIGHT - 6, `step ${last}`, palette.ink, 'text-anchor="end"') +
      label(LEFT, HEIGHT - 6, '0', palette.ink),
  );
}
