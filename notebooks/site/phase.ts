/** The phase diagram page: a sweep that trains while one looks, a cell to look into, a region to zoom into. */
import type { Region } from '../../sim/metrics/phaseRegion.ts';
import { captioned } from './caption.ts';
import { describeEngine, element, hideControls, keepOffline, tell } from './page.ts';
import { DARK, LIGHT, type Palette } from './palette.ts';
import { cellAt, type PhaseCell, strays } from './phaseCell.ts';
import { mirrored, PLOT, phaseCsv, phasePixels, phaseSvg } from './phaseMap.ts';
import {
  PHASE_BATCH,
  PHASE_STEPS,
  type PhaseState,
  phaseDefaults,
  phaseSchema,
  phaseSpec,
  zoomed,
} from './phaseState.ts';
import { type Sweep, sweeper } from './phaseTraining.ts';
import { allowSaving, linkTo, offerLinks, offerPicture } from './share.ts';
import { fromHash } from './url.ts';
import { vectorsSvg } from './vectors.ts';

const darkMode = matchMedia('(prefers-color-scheme: dark)');
const canvas = element<HTMLCanvasElement>('pixels');
const map = element('map');

let state: PhaseState = phaseDefaults;
let sweep: Sweep | null = null;
let chosen: [x: number, y: number] | null = null;
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
    chosen ??= [Math.floor(next.state.cells / 3), Math.floor(next.state.cells / 3)];
    requestAnimationFrame(draw);
    if (next.step === PHASE_STEPS) element('summary').textContent = 'The diagram is trained.';
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
  const { cells } = now.state;
  target.width = cells;
  target.height = cells;
  target.getContext('2d')!.putImageData(new ImageData(phasePixels(now, colors), cells), 0, 0);
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
  lost = sweep?.step === PHASE_STEPS ? strays(sweep) : [];
  const share = `${lost.length} of ${state.cells ** 2} cells`;
  tell('strays', lost.length > 0 ? `${share} are strays, dotted: the best of their ${state.replicas} models still costs over 10 % more than theory's best, since all of them stayed in a worse shape. More models in a cell make them fewer.` : null); // biome-ignore format: one sentence
}

function drawChoice(): void {
  element('axes').innerHTML = phaseSvg(state, palette(), { cell: chosen, strays: lost });
  showCell();
}

/** Nothing of the diagram before is left under the axes of the one that starts. */
function showStart(): void {
  canvas.width = state.cells; // empties it
  element<HTMLProgressElement>('progress').value = 0;
  element('counter').textContent = 'starting';
}

function showProgress({ report, step, seconds, loss, state: { cells, replicas, engine } }: Sweep): void {
  const models = cells ** 2 * replicas;
  const rate = (models * step * PHASE_BATCH) / Math.max(seconds, 1e-9) / 1e6;
  element<HTMLProgressElement>('progress').value = step / PHASE_STEPS;
  element('counter').textContent =
    `${loss.length.toLocaleString('en')} models, step ${step} of ${PHASE_STEPS}, ${seconds.toFixed(1)} s, ${rate.toFixed(0)} M samples/s`;
  const why = engine === state.engine ? report.why : `${state.engine} did not run`;
  tell('engine-report', describeEngine({ ...report, why }));
}

/** The regions in the words of the legend. */
const BECOMES: Record<Region, string> = {
  'not learned': 'is not learned',
  superposed: 'is superposed',
  dedicated: 'has a dimension of its own',
};

function cellText({ density, importance, region, loss, theory }: PhaseCell): string {
  return (
    `Density ${density.toPrecision(2)}, importance ${importance.toPrecision(2)}: feature ${state.features} ${BECOMES[region]}, ` +
    `loss ${loss.toPrecision(3)}. In theory it ${BECOMES[theory.region]} (${theory.solution}), loss ${theory.loss.toPrecision(3)}.`
  );
}

function showCell(): void {
  if (!sweep || !chosen) return;
  const cell = cellAt(sweep, ...chosen);
  const { features: n } = sweep.state;
  element('cell').innerHTML = vectorsSvg(cell.W, n, n - 1, palette(), { yaw: 0, pitch: 0 });
  tell('cell-text', cellText(cell));
  element('candidates').replaceChildren(
    ...[{ solution: 'this model', loss: cell.loss }, ...cell.candidates].map(({ solution, loss }) => {
      const row = document.createElement('tr');
      row.innerHTML = `<td>${solution}</td><td>${loss.toExponential(2)}</td>`; // names and numbers of our own
      if (solution === cell.theory.solution) row.className = 'best';
      return row;
    }),
  );
}

/** The cell under a point of the page. */
function cellUnder({ clientX, clientY }: PointerEvent): [x: number, y: number] {
  const box = canvas.getBoundingClientRect();
  const at = (t: number) => Math.min(state.cells - 1, Math.max(0, Math.floor(t * state.cells)));
  return [at(1 - (clientX - box.left) / box.width), at(1 - (clientY - box.top) / box.height)];
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
  const [x, y] = chosen ?? [state.cells >> 1, state.cells >> 1];
  const reach = Math.floor(state.cells / 6);
  zoom(x - reach, x + reach, y - reach, y + reach);
}

function zoomOut(): void {
  const { density, importance } = before.pop() ?? phaseDefaults;
  const same = String([density, importance]) === String([state.density, state.importance]);
  if (same) tell('notice', 'This is the whole diagram.');
  else go({ ...state, density, importance });
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
    if (!from || Math.abs(from[0] - to[0]) < 3 || Math.abs(from[1] - to[1]) < 3) return;
    zoom(
      Math.min(from[0], to[0]),
      Math.max(from[0], to[0]),
      Math.min(from[1], to[1]),
      Math.max(from[1], to[1]),
    );
  });
  map.addEventListener('keydown', offerKeys);
}

/** The rectangle being dragged, over the map. */
function boxSvg(from: [number, number], to: [number, number]): string {
  const size = PLOT.side / state.cells;
  const [x, y] = [mirrored(state.cells, Math.max(from[0], to[0])), Math.max(from[1], to[1])];
  const [w, h] = [Math.abs(from[0] - to[0]) + 1, Math.abs(from[1] - to[1]) + 1];
  return (
    `<svg viewBox="0 0 ${PLOT.width} ${PLOT.height}"><rect x="${PLOT.left + x * size}" y="${PLOT.top + PLOT.side - (y + 1) * size}"` +
    ` width="${w * size}" height="${h * size}" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="4 3"/></svg>`
  );
}

const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [1, 0], // to the dense end
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function offerKeys(event: KeyboardEvent): void {
  const move = MOVES[event.key];
  if (event.key === '+') zoomIn();
  if (event.key === '-') zoomOut();
  if (!move) return;
  event.preventDefault();
  const [x, y] = chosen ?? [state.cells >> 1, state.cells >> 1];
  const inside = (k: number) => Math.min(state.cells - 1, Math.max(0, k));
  choose([inside(x + move[0]), inside(y + move[1])]);
  element('summary').textContent = element('cell-text').textContent; // said once, not with every picture
}

const SELECTS = ['features', 'cells', 'replicas', 'engine', 'theory'] as const;

function showState(): void {
  for (const id of SELECTS) {
    const select = element<HTMLSelectElement>(id);
    const value = String(state[id]);
    if (![...select.options].some((option) => option.value === value)) select.add(new Option(value, value));
    select.value = value;
  }
  hideControls(state.hide);
  tell('question', state.question);
}

function offerControls(): void {
  for (const id of SELECTS) {
    const select = element<HTMLSelectElement>(id);
    select.addEventListener('change', () => {
      const value = Number.isNaN(Number(select.value)) ? select.value : Number(select.value);
      const next = phaseSchema.parse({ ...state, [id]: value });
      if (id !== 'theory') return go(next);
      state = next;
      showLink();
      draw();
    });
  }
  element('again').addEventListener('click', () =>
    go({ ...state, seed: Math.floor(Math.random() * 1_000_000) }),
  );
  element('zoom-in').addEventListener('click', zoomIn);
  element('zoom-out').addEventListener('click', zoomOut);
}

/** The diagram as a picture that stands alone. */
function wholeSvg(): string | null {
  if (!sweep) return null;
  const own = document.createElement('canvas');
  drawPixels(own, sweep, LIGHT);
  const title = `What becomes of feature ${state.features} of ${state.features} in ${state.features - 1} dimension${state.features > 2 ? 's' : ''}`;
  const legend = `White: not learned; blue: a dimension of its own; orange: superposed${state.theory === 'shown' ? '; dashed: theory' : ''}; dots: strays. Best of ${state.replicas} models in each of ${state.cells} × ${state.cells} cells, step ${sweep.step} of ${PHASE_STEPS}, batch ${PHASE_BATCH}`;
  return captioned(
    phaseSvg(state, LIGHT, { cell: null, strays: lost }, own.toDataURL()),
    title,
    legend,
    LIGHT,
  );
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
