/** The page of dictionaries: a model trains, then sparse autoencoders on it, and a map of λ × size forms cell by cell. */
import { captioned } from './caption.ts';
import { arrowsSvg, cellAtPoint, MAP, mapCsv, mapSvg, SHOWN } from './dictionariesMap.ts';
import {
  DICTIONARY_STEPS,
  type DictionariesState,
  dictionariesDefaults,
  dictionariesSchema,
  LAMBDAS,
  mapSpec,
  sizesOf,
} from './dictionariesState.ts';
import { type DictionaryCell, mapper, type Progressed } from './dictionariesTraining.ts';
import { anySeed } from './fields.ts';
import { describeEngine, element, hideControls, keepOffline, tell } from './page.ts';
import { DARK, LIGHT, type Palette } from './palette.ts';
import { offerSelects, showSelects } from './selects.ts';
import { allowSaving, linkTo, offerLinks, offerPicture } from './share.ts';
import { fromHash } from './url.ts';

const darkMode = matchMedia('(prefers-color-scheme: dark)');
const map = element('map');

let state: DictionariesState = dictionariesDefaults;
let now: Progressed | null = null;
let chosen: [x: number, y: number] = [5, 2];

const palette = (): Palette => (darkMode.matches ? DARK : LIGHT);

const train = mapper({
  moved(next) {
    now = next;
    requestAnimationFrame(draw);
    if (next.share === 1) element('summary').textContent = 'The map is trained.';
  },
  lost: (reason) => tell('notice', `Training was interrupted: ${reason}. Press Train again.`),
});

function draw(): void {
  const cells = now?.cells ?? new Array(sizesOf(state).length * LAMBDAS.length).fill(null);
  element('map-picture').innerHTML = mapSvg(state, cells, palette(), chosen);
  allowSaving(now !== null);
  element<HTMLProgressElement>('progress').value = now?.share ?? 0;
  tell('counter', now ? counted(now) : 'the model trains');
  if (now) tell('engine-report', describeEngine(now.report));
  drawCell();
}

function counted({ trained, cells }: Progressed): string {
  return `${trained} of ${cells.length * state.seeds} dictionaries, ${DICTIONARY_STEPS.toLocaleString('en')} steps each`;
}

const chosenCell = (): DictionaryCell | null => now?.cells[chosen[1] * LAMBDAS.length + chosen[0]] ?? null;

function cellText({ latents, sparsity, scores }: DictionaryCell): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return (
    `${latents} latents, λ ${sparsity}: ${percent(scores.found)} of the features found, MMCS ${scores.mmcs.toFixed(3)}; ` +
    `variance explained ${percent(scores.r2)}; ${scores.l0.toFixed(2)} latents fire where ${scores.true_l0.toFixed(2)} features are active.`
  );
}

function drawCell(): void {
  if (!now) return;
  const cell = chosenCell();
  element('cell').innerHTML = arrowsSvg(now.W, cell?.decoder ?? [], palette());
  tell('cell-text', cell ? cellText(cell) : 'This cell has not been trained yet.');
}

function choose(cell: [number, number]): void {
  chosen = cell;
  draw();
}

/** Trains `next` in place of what is shown. */
function start(next: DictionariesState): void {
  state = next;
  now = null;
  tell('notice', null);
  showState();
  draw();
  train(state);
}

function go(next: DictionariesState): void {
  start(next);
  showLink();
}

const showLink = () => history.replaceState(null, '', linkTo(state, dictionariesDefaults));

/** Trains what the address says. */
function openLink(): void {
  const linked = fromHash(location.hash, dictionariesSchema, dictionariesDefaults, ['question']);
  start(linked.state);
  tell(
    'notice',
    linked.problem && `This link cannot be read (${linked.problem}). The map starts with its defaults.`,
  );
}

const SELECTS = ['features', 'density', 'start', 'seeds', 'measure'] as const;

function showState(): void {
  showSelects(SELECTS, state);
  hideControls(state.hide);
  tell('question', state.question);
}

function offerControls(): void {
  offerSelects(SELECTS, (id, value) => {
    const next = dictionariesSchema.parse({ ...state, [id]: value });
    if (id !== 'measure') return go(next);
    state = next;
    showLink();
    draw();
  });
  element('again').addEventListener('click', () => go({ ...state, seed: anySeed() }));
}

const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function offerMap(): void {
  map.addEventListener('pointerdown', ({ clientX, clientY }) => {
    const box = map.getBoundingClientRect();
    const scale = MAP.width / box.width;
    const cell = cellAtPoint(state, (clientX - box.left) * scale, (clientY - box.top) * scale);
    if (cell) choose(cell);
  });
  map.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const inside = (k: number, count: number) => Math.min(count - 1, Math.max(0, k));
    choose([inside(chosen[0] + move[0], LAMBDAS.length), inside(chosen[1] + move[1], sizesOf(state).length)]);
    element('summary').textContent = element('cell-text').textContent;
  });
}

/** The map as a picture that stands alone. */
function wholeSvg(): string | null {
  if (!now) return null;
  const title = `Dictionaries of ${state.features} features in 2 dimensions: ${SHOWN[state.measure].name}`;
  const legend = `Density ${state.density}; ${state.seeds} sparse autoencoders in a cell, directions at length 1, encoder and decoder ${state.start}, ${DICTIONARY_STEPS} steps of 128 samples, seed ${state.seed}`;
  return captioned(mapSvg(state, now.cells, LIGHT, null), title, legend, LIGHT);
}

offerMap();
offerControls();
offerPicture('map', { svg: wholeSvg, csv: () => now && mapCsv(now) });
offerLinks(
  'dictionaries.json',
  () => linkTo(state, dictionariesDefaults),
  () => mapSpec(state),
);
addEventListener('hashchange', openLink);
darkMode.addEventListener('change', draw);
openLink();
keepOffline();
