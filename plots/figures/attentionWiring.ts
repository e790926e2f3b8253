/** AT3: a row of small diagrams for each model, a diagram for each head. */
import type { WiringData } from '../../sim/experiments/attentionWiring.ts';
import type { HeadEdge } from '../../sim/metrics/wiring.ts';
import type { Figure, Trace } from '../figure.ts';
import { colorAt, FAINT, INK, mix, SIGNED } from '../palette.ts';
import { BARE, inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

/** Logits of the darkest lines and of those that say nothing, pixels of the widest, and the least attention that is drawn. */
const [DARKEST, NOTHING, WIDEST, LEAST] = [6, 0.2, 12, 0.03];

/** Height of token `from` on the left and of `to` on the right: the source on top, then the destinations. */
const heightOf = (token: number): number => -token;

const colorOf = (logit: number): string =>
  Math.abs(logit) < NOTHING ? FAINT : colorAt(SIGNED, 0.5 + (0.5 * logit) / DARKEST);

/** A line of so much attention. */
function line(
  k: number,
  { head, from, to, logit, withSource, without }: HeadEdge,
  K: number,
  pale: boolean,
): Trace[] {
  const share = pale ? without : withSource;
  if (share < LEAST) return [];
  const color = colorOf(logit);
  return [
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: [0, 1],
      y: [heightOf(from), heightOf(to - K)],
      line: { width: WIDEST * share, color: pale ? fade(logit) : color },
      showlegend: false,
      hovertemplate:
        `head ${head}, ${from === 0 ? 'source' : `token ${from}`} → ${to}: logit ${logit.toFixed(2)}, attention ` +
        `${withSource.toFixed(2)} with a source, ${without.toFixed(2)} without<extra></extra>`,
    }),
  ];
}

/** The colour of a line's sign, pale. */
const fade = (logit: number): string => mix(logit > 0 ? '#154f8f' : '#b2470a', '#ffffff', 0.72);

/** Names of the tokens on both sides. */
function tokens(k: number, K: number): Trace[] {
  const left = Array.from({ length: K + 1 }, (_, v) => v);
  const side = (x: number, own: number[], text: string[], textposition: string) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'markers+text',
      x: own.map(() => x),
      y: own.map(heightOf),
      text,
      textposition,
      textfont: { size: 11 },
      marker: { size: 6, color: INK },
      hoverinfo: 'skip',
      showlegend: false,
    });
  return [
    side(
      0,
      left,
      left.map((v) => (v === 0 ? 'source' : String(v))),
      'middle left',
    ),
    side(
      1,
      left.slice(1),
      left.slice(1).map((v) => String(K + v)),
      'middle right',
    ),
  ];
}

function diagram(k: number, edges: readonly HeadEdge[], K: number): Trace[] {
  return [
    ...edges.flatMap((edge) => line(k, edge, K, true)),
    ...[...edges]
      .sort((p, q) => Math.abs(p.logit) - Math.abs(q.logit))
      .flatMap((edge) => line(k, edge, K, false)),
    ...tokens(k, K),
  ];
}

const rowTitle = (panel: Panel, text: string): object => ({
  text,
  showarrow: false,
  textangle: -90,
  yanchor: 'middle',
  xref: 'paper',
  yref: 'paper',
  x: 0,
  y: (panel.y[0] + panel.y[1]) / 2,
  xanchor: 'right',
  xshift: -18,
  font: { size: 12 },
});

/** What widths and colours mean, as lines beside the diagrams. */
function legend(): Trace[] {
  const entry = (name: string, color: string, width: number): Trace => ({
    type: 'scatter',
    mode: 'lines',
    name,
    x: [null],
    y: [null],
    line: { color, width },
    showlegend: true,
  });
  return [
    entry('adds 6 or more to the logit', colorOf(DARKEST), 8),
    entry('adds 3', colorOf(DARKEST / 2), 8),
    entry('adds nothing', colorOf(0), 8),
    entry('takes 3 away', colorOf(-DARKEST / 2), 8),
    entry('takes 6 away or more', colorOf(-DARKEST), 8),
    entry('all attention, with a source', '#8c96a5', WIDEST),
    entry('a quarter of it', '#8c96a5', WIDEST / 4),
    entry('without a source: adds', fade(1), WIDEST),
    entry('without a source: takes', fade(-1), WIDEST),
  ];
}

export function attentionWiringFigure({ destinations: K, models }: WiringData): Figure {
  const columns = Math.max(...models.map(({ heads }) => heads));
  const panels = panelGrid(models.length, columns, 0.06, 0.06);
  const cells = models.flatMap((model, row) =>
    Array.from({ length: model.heads }, (_, head) => ({ model, head, panel: panels[row * columns + head] })),
  );
  const bare = (range: number[]) => ({ ...BARE, range });
  return {
    data: [
      ...cells.flatMap(({ model, head }, k) =>
        diagram(
          k,
          model.edges.filter((edge) => edge.head === head),
          K,
        ),
      ),
      ...legend(),
    ],
    layout: sheet(940, 190 * models.length + 80, {
      margin: { l: 60, r: 210, t: 48, b: 16 },
      ...Object.assign(
        {},
        ...cells.map(({ panel }, k) => panelAxes(k, panel, bare([-0.35, 1.2]), bare([-K - 0.6, 0.6]))),
      ),
      showlegend: true,
      legend: { x: 1.01, y: 1, font: { size: 11 } },
      annotations: [
        ...cells.map(({ head, panel }) => panelTitle(panel, `head ${head}`, 11)),
        ...models.map(({ name, missed }, row) =>
          rowTitle(
            panels[row * columns],
            missed === null ? name : `${name}<br>misses ${(100 * missed).toFixed(1)} %`,
          ),
        ),
      ],
    }),
  };
}
