/** Neurons as stacks of their weights: positive ones upwards, negative ones downwards, the largest at the axis. */
import type { Stake } from '../sim/metrics/neurons.ts';
import type { Trace } from './figure.ts';
import { inPanel, type Panel, panelAxes, xref, yref } from './panels.ts';

/** Weights below this are not drawn. */
const THIN = 0.03;

/**
 * One stack a neuron in pair of axes k, neurons in the order given. `color` is by feature, `row` the instance; `absolute` draws
 * |weights| all upwards, as the paper does for its large models.
 */
export function neuronStackTraces(
  k: number,
  stacks: readonly (readonly Stake[])[],
  color: (feature: number) => string,
  row: number,
  absolute = false,
): Trace[] {
  const drawn = stacks.map((stack) => stack.filter(({ weight }) => Math.abs(weight) > THIN));
  const depth = Math.max(0, ...drawn.map((stack) => stack.length));
  return Array.from({ length: depth }, (_, rank) => {
    const stakes = drawn.map((stack) => stack[rank]);
    return inPanel(k, {
      type: 'bar',
      x: stakes.map((_, neuron) => neuron),
      y: stakes.map((stake) => (stake ? (absolute ? Math.abs(stake.weight) : stake.weight) : 0)),
      marker: {
        color: stakes.map((stake) => (stake ? color(stake.feature) : '#ffffff')),
        line: { color: '#ffffff', width: stacks.length > 12 ? 0.3 : 1 },
      },
      text: stakes.map((stake) =>
        stake ? `feature ${stake.feature}: weight ${stake.weight.toFixed(3)}` : '',
      ),
      textposition: 'none',
      hovertemplate: `neuron %{x}<br>%{text}<extra>instance ${row}</extra>`,
      showlegend: false,
    });
  });
}

/** Height above which no stack reaches, a whole number: of |weights|, or of those of one sign (±1). */
export function tallest(stacks: readonly (readonly Stake[])[], sign?: 1 | -1): number {
  const part = (weight: number) => (sign ? Math.max(0, sign * weight) : Math.abs(weight));
  const heights = stacks.map((stack) => stack.reduce((sum, { weight }) => sum + part(weight), 0));
  return Math.ceil(Math.max(1, ...heights));
}

/** What a range cuts off: a neuron, and the height of its whole stack, with its sign. */
interface CutStack {
  neuron: number; // its place
  height: number;
}

/** Stacks, in the order given, that reach beyond a range. */
export function cutStacks(
  stacks: readonly (readonly Stake[])[],
  [low, high]: readonly [number, number],
): CutStack[] {
  return stacks.flatMap((stack, neuron) =>
    ([-1, 1] as const).flatMap((sign) => {
      const height = stack.reduce((sum, { weight }) => sum + Math.max(0, sign * weight), 0);
      return height > (sign < 0 ? -low : high) ? [{ neuron, height: sign * height }] : [];
    }),
  );
}

/** The whole height of each stack that is cut off, written at the edge that cuts it, in pair of axes k. */
export function cutMarks(
  k: number,
  cut: readonly CutStack[],
  [low, high]: readonly [number, number],
): object[] {
  return cut.map(({ neuron, height }) => ({
    text: height.toFixed(1).replace('-', '−'),
    showarrow: false,
    xref: xref(k),
    x: neuron,
    yref: yref(k),
    y: height < 0 ? low : high,
    yanchor: height < 0 ? 'bottom' : 'top',
    bgcolor: '#ffffff',
    borderpad: 1,
    font: { size: 10 },
  }));
}

/** Axes of stacks of `count` neurons. */
export function stackAxes(
  k: number,
  panel: Panel,
  count: number,
  range: [number, number],
  title: string,
): Record<string, object> {
  return panelAxes(
    k,
    panel,
    {
      range: [-0.6, count - 0.4],
      ...(count <= 12 ? { dtick: 1 } : { nticks: 6 }),
      title: { text: 'neuron', standoff: 2 },
    },
    { range, zeroline: true, zerolinecolor: '#8a93a0', title: { text: title } },
  );
}
