/** The phase diagram page: a sweep that trains while one looks, a cell to look into, a region to zoom into. */
import { captioned } from './caption.ts';
import { anySeed, explain } from './fields.ts';
import { neuronsSvg } from './neurons.ts';
import { describeEngine, element, hideControls, keepOffline, tell } from './page.ts';
import { DARK, LIGHT, type Palette } from './palette.ts';
import { QUANTITIES, sidesOf } from './phaseAxes.ts';
import { cellAt, type PhaseCell, strays, whyNoLines } from './phaseCell.ts';
import { offerAxes, showAxes } from './phaseControls.ts';
import { mirrored, PLOT, phaseCsv, phasePixels, phaseSvg } from './phaseMap.ts';
import { scaled, titleOf } from './phaseMetrics.ts';
import { type PhaseState, phaseDefaults, phaseSchema, phaseSpec, zoomed } from './phaseState.ts';
import { type Sweep, sweeper } from './phaseTraining.ts';
import { cellInWords, legendInWords } from './phaseWords.ts';
import { offerSelects, showSelects } from './selects.ts';
import { allowSaving, linkTo, offerLinks, offerPicture } from './share.ts';
import { fromHash } from './url.ts';
import { vectorsSvg } from './vectors.ts';

const darkMode = matchMedia('(prefers-color-scheme: dark)');
const canvas = element<HTMLCanvasElement>('pixels');
const map = element('map');

let state: PhaseState = phaseDefaults;
let sweep: Sweep | null = null;
let chosen: [x: number, y: number] | null = null;
const CELL_HINT = element('cell-text').textContent;
let lost: number[] = []; // cells in a local minimum, once trained
const before: PhaseState[] = []; // what to zoom out to

/** Trains what the address says. */
function openLink(): void {
  const { state, problem } = fromHash(location.hash, phaseSchema, phaseDefaults, ['question']);
  before.length = 0;
  start(state);
  tell('notice', problem && `This link cannot be read (${problem}). The diagram starts with its defaults.`);
}

function palette(): Palette {
  return darkMode.matches ? DARK : LIGHT;
}

const train = sweeper({
  moved(next) {
    sweep = next;
    chosen ??= sidesOf(next.state).map((side) => Math.floor(side / 3)) as [number, number];
    requestAnimationFrame(draw);
    if (next.share === 1) element('summary').textContent = 'The diagram is trained.';
  },
  lost(reason, goesOn) {
    if (!goesOn && !sweep) element('counter').textContent = 'stopped';
    tell(
      'notice',
      `Training was interrupted: ${reason}. ${goesOn ? 'It starts again on SIMD.' : 'Press Train again.'}`,
    );
  },
});

function drawPixels(target: HTMLCanvasElement, now: Sweep, colors: Palette): void {
  const [columns, rows] = sidesOf(now.state);
  target.width = columns;
  target.height = rows;
  target.getContext('2d')!.putImageData(new ImageData(phasePixels(now, state.metric, colors), columns), 0, 0);
}

function draw(): void {
  if (sweep) {
    drawPixels(canvas, sweep, palette());
    showProgress(sweep);
  } else showStart();
  showStrays();
  allowSaving(sweep !== null);
  requestAnimationFrame(drawChoice); // in a frame of its own, so that neither takes long
}

/** Says which cells are strays, once the training is over. */
function showStrays(): void {
  lost = sweep?.share === 1 ? strays(sweep) : [];
  const share = `${lost.length} of ${sweep?.models.length} cells`;
  tell('strays', lost.length > 0 ? `${share} are strays, dotted: the best of their ${state.replicas} models still costs over 10 % more than theory's best, since all of them stayed in a worse shape. More models in a cell make them fewer.` : null); // biome-ignore format: one sentence
}

function drawChoice(): void {
  const { metric } = state;
  const scale = metric === 'region' ? null : scaled({ models: sweep?.models ?? [] }, metric);
  element('axes').innerHTML = phaseSvg(state, palette(), { cell: chosen, strays: lost, scale });
  showCell();
}

/** Nothing of the diagram before is left under the axes of the one that starts. */
function showStart(): void {
  [canvas.width, canvas.height] = sidesOf(state); // empties it
  element<HTMLProgressElement>('progress').value = 0;
  element('counter').textContent = 'starting';
}

function showProgress({ report, models, step, steps, share, samples, seconds, state: own }: Sweep): void {
  const count = (models.length * own.replicas).toLocaleString('en');
  const rate = samples / Math.max(seconds, 1e-9) / 1e6;
  element<HTMLProgressElement>('progress').value = share;
  element('counter').textContent =
    `${count} models, step ${step} of ${steps}, ${seconds.toFixed(1)} s, ${rate.toFixed(0)} M samples/s`;
  const why = own.engine === state.engine ? report.why : `${state.engine} did not run`;
  tell('engine-report', describeEngine({ ...report, why }));
}

function showCell(): void {
  const cell = sweep && chosen && cellAt(sweep, ...chosen);
  element('candidates').closest('table')!.hidden = !cell?.theory;
  if (cell) showCellOf(cell);
  else showNoCell();
}

/** The picture, the words and theory's candidates for a cell. */
function showCellOf(cell: PhaseCell): void {
  const { features: n, hidden: m, W } = cell.model;
  element('cell').innerHTML =
    m <= 3 ? vectorsSvg(W, n, m, palette(), { yaw: 0.5, pitch: 0.4 }) : neuronsSvg(W, n, m, palette());
  tell('cell-text', cellInWords(state, cell));
  const rows = [{ solution: 'this model', loss: cell.scores.loss }, ...(cell.theory?.candidates ?? [])];
  element('candidates').replaceChildren(
    ...rows.map(({ solution, loss }) => {
      const row = document.createElement('tr');
      row.innerHTML = `<td>${solution}</td><td>${loss.toExponential(2)}</td>`; // names and numbers of our own
      if (solution === cell.theory?.solution) row.className = 'best';
      return row;
    }),
  );
}

function showNoCell(): void {
  element('cell').replaceChildren();
  tell('cell-text', sweep ? 'The models of this cell have not begun.' : CELL_HINT);
}

const inside = (k: number, side: number) => Math.min(side - 1, Math.max(0, k));

/** The cell in the middle. */
const middle = (): [x: number, y: number] => sidesOf(state).map((side) => side >> 1) as [number, number];

/** The cell under a point of the page. */
function cellUnder({ clientX, clientY }: PointerEvent): [x: number, y: number] {
  const box = canvas.getBoundingClientRect();
  const [columns, rows] = sidesOf(state);
  const at = (t: number, side: number) => inside(Math.floor(t * side), side);
  const across = at((clientX - box.left) / box.width, columns);
  return [mirrored(state, across), at(1 - (clientY - box.top) / box.height, rows)];
}

function choose(cell: [x: number, y: number]): void {
  chosen = cell;
  drawChoice();
}

/** Trains `next` in place of what is shown. */
function start(next: PhaseState): void {
  state = next;
  sweep = null;
  chosen = null;
  tell('notice', null);
  showState();
  draw();
  train(state);
}

/** Trains `next`, and keeps it in the address bar. */
function go(next: PhaseState): void {
  start(next);
  showLink();
}

function showLink(): void {
  history.replaceState(null, '', linkTo(state, phaseDefaults));
}

function zoom(x0: number, x1: number, y0: number, y1: number): void {
  const next = zoomed(state, x0, x1, y0, y1);
  if (phaseSchema.safeParse(next).success) {
    before.push(state);
    go(next);
  } else tell('notice', 'Too small to zoom into.');
}

/** Zooms to a third of the diagram around the chosen cell. */
function zoomIn(): void {
  const [x, y] = chosen ?? middle();
  const [across, up] = sidesOf(state).map((side) => Math.floor(side / 6));
  zoom(x - across, x + across, y - up, y + up);
}

function zoomOut(): void {
  const next = before.pop() ?? { ...state, ...wholeAxes() };
  const ends = (own: PhaseState) => String([own[own.x], own[own.y]]);
  if (ends(next) === ends(state)) tell('notice', 'This is the whole diagram.');
  else go({ ...state, [state.x]: next[state.x], [state.y]: next[state.y] });
}

/** The axes of the diagram from their usual lower to their usual higher ends. */
function wholeAxes(): Partial<PhaseState> {
  return { [state.x]: [...QUANTITIES[state.x].ends], [state.y]: [...QUANTITIES[state.y].ends] };
}

function offerMap(): void {
  let start: [x: number, y: number] | null = null;
  map.addEventListener('pointerdown', (event) => {
    start = event.pointerType === 'mouse' ? cellUnder(event) : null;
    choose(cellUnder(event));
  });
  map.addEventListener('pointermove', (event) => {
    if (start) element('zoom-box').innerHTML = boxSvg(start, cellUnder(event));
    else if (event.pointerType === 'mouse') choose(cellUnder(event));
  });
  addEventListener('pointerup', (event) => {
    const [from, to] = [start, cellUnder(event)];
    start = null;
    element('zoom-box').innerHTML = '';
    if (!from || isClick(from, to)) return;
    zoom(
      Math.min(from[0], to[0]),
      Math.max(from[0], to[0]),
      Math.min(from[1], to[1]),
      Math.max(from[1], to[1]),
    );
  });
  map.addEventListener('keydown', offerKeys);
}

/** Whether a drag is too short to mean a rectangle: less than three cells, or two where there are few. */
function isClick(from: [number, number], to: [number, number]): boolean {
  return sidesOf(state).some((side, axis) => Math.abs(from[axis] - to[axis]) < (side < 16 ? 1 : 3));
}

/** The rectangle being dragged, over the map. */
function boxSvg(from: [number, number], to: [number, number]): string {
  const [width, height] = sidesOf(state).map((side) => PLOT.side / side);
  const [a, b] = [mirrored(state, from[0]), mirrored(state, to[0])];
  const [x, y] = [Math.min(a, b), Math.max(from[1], to[1])];
  const [w, h] = [Math.abs(a - b) + 1, Math.abs(from[1] - to[1]) + 1];
  return (
    `<svg viewBox="0 0 ${PLOT.width} ${PLOT.height}"><rect x="${PLOT.left + x * width}" y="${PLOT.top + PLOT.side - (y + 1) * height}"` +
    ` width="${w * width}" height="${h * height}" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="4 3"/></svg>`
  );
}

const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function offerKeys(event: KeyboardEvent): void {
  const move = MOVES[event.key];
  if (event.key === '+') zoomIn();
  if (event.key === '-') zoomOut();
  if (!move) return;
  event.preventDefault();
  const [[x, y], [columns, rows]] = [chosen ?? middle(), sidesOf(state)];
  const across = inside(mirrored(state, x) + move[0], columns);
  choose([mirrored(state, across), inside(y + move[1], rows)]);
  element('summary').textContent = element('cell-text').textContent; // said once, not with every picture
}

const SELECTS = ['cells', 'replicas', 'metric', 'engine', 'theory'] as const;
/** Settings that change what is seen and train nothing. */
const SEEN: readonly string[] = ['metric', 'theory'];

function showState(): void {
  showSelects(SELECTS, state);
  showAxes(state);
  element('diagram-title').textContent = titleOf(state);
  tell('theory-note', whyNoLines(state));
  element<HTMLSelectElement>('theory').disabled = whyNoLines(state) !== null;
  hideControls(state.hide);
  tell('question', state.question);
}

/** Takes a change, or says what is wrong with it and shows what is in force. */
function change(next: unknown, trains: boolean): void {
  const { data, error } = phaseSchema.safeParse(next);
  if (error) {
    showState();
    tell('notice', `This cannot be trained: ${explain(error)}.`);
  } else if (trains) {
    before.length = 0;
    go(data);
  } else show(data);
}

/** Shows `next`, for which what is trained need not be trained anew. */
function show(next: PhaseState): void {
  state = next;
  showState();
  showLink();
  draw();
}

function offerControls(): void {
  offerSelects(SELECTS, (id, value) => change({ ...state, [id]: value }, !SEEN.includes(id)));
  offerAxes(
    () => state,
    (next) => change(next, true),
  );
  element('again').addEventListener('click', () => go({ ...state, seed: anySeed() }));
  element('zoom-in').addEventListener('click', zoomIn);
  element('zoom-out').addEventListener('click', zoomOut);
}

/** The diagram as a picture that stands alone. */
function wholeSvg(): string | null {
  if (!sweep) return null;
  const own = document.createElement('canvas');
  drawPixels(own, sweep, LIGHT);
  const { metric } = state;
  const scale = metric === 'region' ? null : scaled(sweep, metric);
  const svg = phaseSvg(state, LIGHT, { cell: null, strays: lost, scale }, own.toDataURL());
  return captioned(svg, titleOf(state), legendInWords(sweep, state.metric), LIGHT);
}

offerMap();
offerControls();
offerPicture('diagram', { svg: wholeSvg, csv: () => sweep && phaseCsv(sweep) });
offerLinks(
  'phase-diagram.json',
  () => linkTo(state, phaseDefaults),
  () => phaseSpec(state),
);
addEventListener('hashchange', openLink);
darkMode.addEventListener('change', draw);
openLink();
keepOffline();
