/** LS1 to LS4: loss over the number of dimensions, and what stands behind it. */
import { FEATURES, HIDDEN, type Scaled } from '../../sim/experiments/scaling.ts';
import type { DecayData } from '../../sim/experiments/scalingDecay.ts';
import type { IgnoredData } from '../../sim/experiments/scalingIgnored.ts';
import type { Overlapping, OverlapsData } from '../../sim/experiments/scalingOverlaps.ts';
import { exponentsOf, type RegimesData } from '../../sim/experiments/scalingRegimes.ts';
import { randomOverlap, welchBound } from '../../sim/theory/packing.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'x', 'star', 'hexagon', 'pentagon'];

/** A line with dots, or without. */
function line(panel: number, name: string, x: number[], y: number[], style: object): Trace {
  return inPanel(panel, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y,
    showlegend: false,
    hovertemplate: `%{x:.4g}: %{y:.4g}<extra>${name}</extra>`,
    ...style,
  });
}

/** A black line of theory; it has a name in the legend. */
const theory = (panel: number, name: string, x: number[], y: number[], dash: string): Trace =>
  line(panel, name, x, y, { mode: 'lines', line: { color: THEORY, width: 1.5, dash }, showlegend: true });

const HIDDEN_AXIS = {
  type: 'log',
  title: { text: '<i>m</i>, hidden dimensions', standoff: 4 },
  tickvals: HIDDEN,
  ticktext: HIDDEN.map(String),
};

/** One curve for each α, with its colour and symbol, through the models that have a `y`; `show` names them. */
function byExponent<T extends Scaled>(
  panel: number,
  models: T[],
  y: (model: T) => number,
  show = false,
): Trace[] {
  const alphas = [...new Set(models.map(({ exponent }) => exponent))];
  return alphas.map((alpha, k) => {
    const own = models.filter((model) => model.exponent === alpha && y(model) > 0);
    const color = CURVES[k % CURVES.length];
    const style = {
      line: { color, width: 2 },
      marker: { color, size: 8, symbol: SYMBOLS[k] },
      showlegend: show,
    };
    return line(panel, `α = ${alpha}`, own.map(({ hidden }) => hidden), own.map(y), style); // biome-ignore format: one curve
  });
}

/** Share of lengths in bins of 0.05. */
function lengthTraces({ gammas, norms }: DecayData): Trace[] {
  const width = 0.05;
  const bins = Math.ceil(Math.max(...norms.flat(), 1.2) / width);
  return norms.map((own, k) => {
    const shares = new Array<number>(bins).fill(0);
    for (const norm of own) shares[Math.min(bins - 1, Math.floor(norm / width))] += 1 / own.length;
    const at = shares.map((_, bin) => (bin + 0.5) * width);
    return line(1, `γ = ${gammas[k].toFixed(2).replace('-', '−')}`, at, shares, {
      mode: 'lines',
      line: { color: CURVES[k], width: 2, shape: 'hvh', dash: ['solid', 'dash', 'dot'][k] },
      showlegend: true,
    });
  });
}

export function scalingDecayFigure(data: DecayData): Figure {
  const panels = panelGrid(1, 2, 0.1, 0);
  const sizes = [...new Set(data.models.map(({ hidden }) => hidden))];
  const curves = sizes.flatMap((m, k) => {
    const own = data.models.filter(({ hidden }) => hidden === m);
    const gammas = own.map(({ gamma }) => gamma);
    const color = CURVES[k % CURVES.length];
    const dots = { line: { color, width: 2 }, marker: { color, size: 8, symbol: SYMBOLS[k] } };
    return [
      line(0, `m = ${m}`, gammas, own.map(({ kept }) => kept / FEATURES), { ...dots, showlegend: false }), // biome-ignore format: one curve
      line(0, 'm/n', [-1, 1], [m / FEATURES, m / FEATURES], { mode: 'lines', line: { color: THEORY, width: 1, dash: 'dot' } }), // biome-ignore format: one curve
    ];
  });
  return {
    data: [...curves, ...lengthTraces(data)],
    layout: sheet(960, 400, {
      ...panelAxes(0, panels[0], { title: { text: 'decay γ', standoff: 4 } }, { title: { text: 'φ<sub>½</sub>, share of features with ‖<i>W<sub>i</sub></i>‖ > ½' }, range: [-0.03, 1.05] }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], { title: { text: 'length ‖<i>W<sub>i</sub></i>‖', standoff: 4 } }, { title: { text: 'share of features' }, range: [0, 1.05] }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 0.75, y: 0.95, font: { size: 12 } },
      annotations: [
        panelTitle(
          panels[0],
          `represented features; dotted: m/n${sizes.length === 1 ? `, m = ${sizes[0]}` : ''}`,
        ),
        panelTitle(panels[1], 'their lengths at three decays'),
      ],
    }),
  };
}

/** Exponents over α: trained ones, and what the paper expects. */
function exponentTraces({ strong, weak }: RegimesData): Trace[] {
  const [fast, slow] = [exponentsOf(strong), exponentsOf(weak)];
  const shade = (k: number, symbol: string) => ({
    line: { color: CURVES[k], width: 2 },
    marker: { color: CURVES[k], size: 9, symbol },
    showlegend: true,
  });
  return [
    theory(2, 'strong: 1, or 2(α − 1)', [0, 1.5, 2], [1, 1, 2], 'dash'),
    theory(2, 'weak: α − 1', [1, 2], [0, 1], 'dot'),
    line(2, 'strong, trained', [...fast.keys()], [...fast.values()], shade(4, 'circle')),
    line(2, 'weak, trained', [...slow.keys()], [...slow.values()], shade(5, 'square-open')),
  ].map((trace) => ({ ...trace, legend: 'legend2' }));
}

export function scalingRegimesFigure(data: RegimesData): Figure {
  const panels = panelGrid(1, 3, 0.075, 0);
  const all = [...data.strong, ...data.weak].map(({ loss }) => Math.log10(loss));
  const up = {
    type: 'log',
    range: [Math.min(...all) - 0.1, Math.max(...all) + 0.15],
    dtick: 1,
    exponentformat: 'power',
  };
  return {
    data: [
      ...byExponent(0, data.strong, ({ loss }) => loss, true),
      theory(0, '∝ 1/<i>m</i>', HIDDEN, HIDDEN.map((m) => 13 / m), 'dash'), // biome-ignore format: one curve
      ...byExponent(1, data.weak, ({ loss }) => loss),
      ...exponentTraces(data),
    ],
    layout: sheet(1240, 420, {
      ...panelAxes(0, panels[0], HIDDEN_AXIS, { ...up, title: { text: 'held-out loss' } }),
      ...panelAxes(1, panels[1], HIDDEN_AXIS, up),
      ...panelAxes(2, panels[2], { title: { text: 'α of <i>p<sub>i</sub></i> ∝ <i>i</i><sup>−α</sup>', standoff: 4 } }, { title: { text: 'exponent <i>a</i> of <i>L</i> ∝ <i>m</i><sup>−<i>a</i></sup>' }, rangemode: 'tozero' }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 0.005, y: 0.02, yanchor: 'bottom', font: { size: 11 } },
      legend2: { x: panels[2].x[0] + 0.005, y: 0.99, font: { size: 11 }, bgcolor: 'rgba(255,255,255,0.8)' },
      annotations: [
        panelTitle(panels[0], 'strong superposition, γ = −1'),
        panelTitle(panels[1], 'weak superposition, γ = 1'),
        panelTitle(panels[2], 'how fast the loss falls'),
      ],
    }),
  };
}

export function scalingIgnoredFigure({ models }: IgnoredData): Figure {
  const panels = panelGrid(1, 2, 0.1, 0);
  const alphas = [...new Set(models.map(({ exponent }) => exponent))];
  const seen = models.filter(({ ignored }) => ignored > 0);
  const ends = [...seen.map(({ ignored }) => ignored), ...seen.map(({ loss }) => loss)];
  const [low, high] = [Math.min(...ends) / 1.3, Math.max(...ends) * 1.3];
  const dots = alphas.map((alpha, k) => {
    const own = seen.filter(({ exponent }) => exponent === alpha);
    const marker = { color: CURVES[k % CURVES.length], size: 9, symbol: SYMBOLS[k] };
    const style = {
      mode: 'markers',
      marker,
      showlegend: true,
      text: own.map(({ hidden }) => `m = ${hidden}`),
    };
    return line(0, `α = ${alpha}`, own.map(({ ignored }) => ignored), own.map(({ loss }) => loss), style); // biome-ignore format: one curve
  });
  const logs = { type: 'log', dtick: 1, exponentformat: 'power', range: [Math.log10(low), Math.log10(high)] };
  return {
    data: [
      theory(0, 'equal', [low, high], [low, high], 'dash'),
      ...dots,
      ...byExponent(1, models, ({ kept }) => kept),
      line(1, 'm', HIDDEN, HIDDEN, { mode: 'lines', line: { color: THEORY, width: 1.5, dash: 'dot' } }),
    ],
    layout: sheet(960, 420, {
      ...panelAxes(0, panels[0], { ...logs, title: { text: '(4/3) Σ<sub><i>i</i> > φ½ <i>n</i></sub> <i>p<sub>i</sub></i>', standoff: 4 } }, { ...logs, title: { text: 'held-out loss' } }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], HIDDEN_AXIS, { type: 'log', dtick: 1, title: { text: 'features with ‖<i>W<sub>i</sub></i>‖ > ½' } }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 0.01, y: 0.98, font: { size: 12 } },
      annotations: [
        panelTitle(panels[0], 'loss over that of the ignored features'),
        panelTitle(panels[1], 'features that are kept; dotted: one for each dimension'),
      ],
    }),
  };
}

export function scalingOverlapsFigure({ models }: OverlapsData): Figure {
  const panels = panelGrid(1, 3, 0.085, 0);
  const share = ({ variance, hidden }: Overlapping) => variance / randomOverlap(hidden).variance;
  const equal = HIDDEN.map((m) => Math.min(FEATURES, m ** 2 / 2));
  return {
    data: [
      ...byExponent(0, models, ({ mean }) => mean, true),
      theory(0, '1/<i>m</i>', HIDDEN, HIDDEN.map((m) => 1 / m), 'dash'), // biome-ignore format: one curve
      theory(0, 'Welch’s bound', HIDDEN, HIDDEN.map((m) => welchBound(FEATURES, m)), 'dot'), // biome-ignore format: one curve
      ...byExponent(1, models, share),
      line(1, 'random', [HIDDEN[0], HIDDEN.at(-1)!], [1, 1], { mode: 'lines', line: { color: THEORY, width: 1.5, dash: 'dash' } }), // biome-ignore format: one curve
      ...byExponent(2, models, ({ long }) => long),
      line(2, 'm²/2', HIDDEN, equal, { mode: 'lines', line: { color: THEORY, width: 1.5, dash: 'dash' } }),
    ],
    layout: sheet(1240, 420, {
      ...panelAxes(0, panels[0], HIDDEN_AXIS, { type: 'log', tickvals: [0.01, 0.02, 0.05, 0.1], title: { text: 'mean of cos²' } }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], HIDDEN_AXIS, { title: { text: 'variance of cos² / that of random directions' }, rangemode: 'tozero' }), // biome-ignore format: one axis
      ...panelAxes(2, panels[2], HIDDEN_AXIS, { type: 'log', dtick: 1, title: { text: 'features with ‖<i>W<sub>i</sub></i>‖ > 1' } }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 0.005, y: 0.02, yanchor: 'bottom', font: { size: 11 } },
      annotations: [
        panelTitle(panels[0], 'squared cosine of two directions'),
        panelTitle(panels[1], 'how unequal overlaps are; dashed: random'),
        panelTitle(panels[2], 'long directions; dashed: m²/2, at most n'),
      ],
    }),
  };
}
