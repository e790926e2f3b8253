/** The playground page: one live model, its pictures, its controls and its link. */
import { type Beside, openBeside } from './beside.ts';
import { listen, showControls } from './controls.ts';
import { answerInWords, respond } from './diagram.ts';
import { showEnds, stopEnds } from './endsPanel.ts';
import { anySeed } from './fields.ts';
import { LiveTraining } from './live.ts';
import { lossCurve } from './lossCurve.ts';
import { neuronsSvg } from './neurons.ts';
import { offerOwn } from './ownPanel.ts';
import { copy, describeEngine, element, hideControls, keepOffline, tell } from './page.ts';
import { DARK, LIGHT, type Palette } from './palette.ts';
import {
  drawsArrows,
  PANELS,
  panelCsv,
  panelFile,
  panelSvg,
  type Scene,
  summary,
  wiringOf,
} from './pictures.ts';
import { PRESETS, type Preset, presetState } from './presets.ts';
import { offerFilm } from './record.ts';
import type { Standing } from './rivals.ts';
import type { Run } from './run.ts';
import { allowSaving, linkTo, offerLinks, offerPicture } from './share.ts';
import { keyOf, standingWatcher } from './standing.ts';
import { defaults, MAX_EDITS, type State, specOf, stateSchema } from './state.ts';
import { baseOf, retold, storyState } from './story.ts';
import { offerStory, showStory } from './storyBar.ts';
import { lightUp, showSwitches, switchable } from './switches.ts';
import { fromHash } from './url.ts';
import { showTurnable, turnable, type View, vectorsSvg } from './vectors.ts';
import { verdictOf } from './verdict.ts';
import { offerViews, showView } from './view.ts';
import { shapesOf } from './words.ts';

const darkMode = matchMedia('(prefers-color-scheme: dark)');
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
const view: View = { yaw: 0.5, pitch: 0.4 };
/** Frames between two drawings of the directions and of the other panels; slower with reduced motion. */
const DRAW = { directions: 1, others: 6, still: 40 };

let scene: Scene | null = null;
let stale = true; // something changed since the last drawing
let standing: Standing | null = null; // beside the best known shapes; null while unknown
let standingKey = ''; // the settings it is of
let beside: Beside | null = null;
/** Frames between two looks at where the model stands. */
const VERDICT = 30;
const watcher = standingWatcher((told, key) => {
  standing = told;
  standingKey = key;
  showVerdict();
});

function linkedState(): State {
  const { state, problem } = fromHash(location.hash, stateSchema, defaults, ['question']);
  tell(
    'notice',
    problem && `This link cannot be read (${problem}). The playground starts with its defaults.`,
  );
  return state.story > 0 ? retold(state, location.hash) : state;
}

function palette(): Palette {
  return darkMode.matches ? DARK : LIGHT;
}

function showOpened({ report }: Run, { state, live }: LiveTraining): void {
  tell('engine-report', describeEngine(report));
  showControls(state, live);
  hideControls(state.hide);
  allowSaving(true);
  showView(state);
  tell('question', state.question);
  showStory(state.story);
  element('presets').hidden ||= state.story > 0;
  showSwitches(state.features, state.on, toggle);
  watcher.forget();
  showBeside();
  showTurnable(element('directions'), drawsArrows(state) && state.hidden === 3);
  const { features, hidden } = state;
  element('directions-title').textContent = drawsArrows(state)
    ? `${features} features in ${hidden} ${hidden === 1 ? 'dimension' : 'dimensions'}`
    : `${hidden} hidden units, and what each takes from ${features} features`;
  element('gram-title').textContent =
    state.model === 'abs' ? 'W₂W₁: |x| has no linear part' : 'Input to output';
}

/** What is said of a pause is cleared when the training goes on. */
function showPlaying(): void {
  element('play').textContent = training.playing ? 'Pause' : 'Play';
  if (training.playing) element('summary').textContent = '';
}

const AFTER_LOSS = {
  'goes on': 'It goes on from its last weights; Adam starts anew.',
  'starts again': 'It starts on the engine that auto chooses.',
  stops: 'Press Reset to try again.',
};

const training: LiveTraining = new LiveTraining(linkedState(), {
  opened(run) {
    showOpened(run, training);
    showPlaying();
  },
  moved(moment) {
    const { state } = training;
    const curve = scene && moment.step > 0 ? scene.curve : lossCurve();
    scene = { state, moment, view, curve, references: moment.references };
    for (const { step, loss } of moment.losses) scene.curve.add(step, loss);
    if (moment.diverged)
      tell('notice', `Diverged at step ${moment.step}: lower the learning rate, then Reset.`);
    stale = true;
  },
  paused() {
    showPlaying();
    if (!training.playing) announce();
  },
  lost(reason, next) {
    tell('notice', `Training was interrupted: ${reason}. ${AFTER_LOSS[next]}`);
    showPlaying();
  },
});

/** Says what the model is doing, when that has changed. */
function showVerdict(): void {
  if (!scene) return;
  const { state, moment } = scene;
  const shapes = shapesOf(moment.params.W, state.features, state.hidden);
  const edited = training.state.edits.length > 0;
  const { text, held } = verdictOf(
    shapes,
    standingKey === keyOf(specOf(state, moment.live, 1)) ? standing : null,
    edited,
  );
  if (element('said').textContent !== text) element('said').textContent = text;
  element('restart-here').hidden = !held;
  element('show-beside').hidden = !held || beside !== null;
}

/** The settings in force as those of a fresh start. */
function freshState(): State {
  const { density, importance, rate } = training.live;
  return { ...training.state, density, importance, rate, edits: [], stop: 0 };
}

/** Opens or closes the second model, as the state asks. */
function showBeside(): void {
  beside?.close();
  beside = training.state.beside ? openBeside(freshState()) : null;
  element('beside-figure').hidden = beside === null;
  element('gram').closest('figure')!.hidden = beside !== null || training.state.hide.includes('gram');
}

function toggle(feature: number): void {
  const { on, features } = training.state;
  const next = on.includes(feature) ? on.filter((other) => other !== feature) : [...on, feature];
  training.note({ on: next });
  if (scene) scene = { ...scene, state: { ...scene.state, on: next } };
  showSwitches(features, next, toggle);
  showAnswer(true);
  stale = true;
  updateLink();
}

/** The answer of the model in words, for everyone; a screen reader says it when asked for and when training rests. */
function showAnswer(aloud = !training.playing): void {
  if (!scene) return;
  element('answer').ariaLive = aloud ? 'polite' : 'off';
  const wiring = wiringOf(scene);
  const text = answerInWords(wiring, respond(wiring));
  if (element('answer').textContent !== text) element('answer').textContent = text;
}

function announce(): void {
  if (scene) element('summary').textContent = summary(scene);
}

function draw(frame: number): void {
  if (!scene || !stale) return;
  const due = (every: number) =>
    frame % (reducedMotion.matches ? DRAW.still : every) === 0 || !training.playing;
  for (const panel of PANELS) {
    if (!due(panel === 'directions' ? DRAW.directions : DRAW.others)) continue;
    element(panel).innerHTML = panelSvg(panel, scene, palette()); // numbers and names of our own, nothing typed
  }
  if (due(VERDICT)) showVerdict();
  if (due(DRAW.others)) showAnswer();
  element('loss-now').textContent = scene.curve.points().at(-1)?.loss.toPrecision(3) ?? '';
  element('counter').textContent = `step ${scene.moment.step.toLocaleString('en')}`;
  stale = training.playing;
}

let frames = 0;
function frame(): void {
  requestAnimationFrame(frame); // first: a drawing that fails must not be the last
  training.frame();
  draw(frames++);
  beside?.frame();
  if (frames % DRAW.others === 0) beside?.draw(palette(), view);
  if (scene && frames % VERDICT === 0 && scene.moment.step > 0)
    watcher.ask(specOf(scene.state, scene.moment.live, 1), scene.moment);
}

let linkTimer: ReturnType<typeof setTimeout>;
/** Keeps the address bar on the present state, a while after the last change. */
function updateLink(): void {
  clearTimeout(linkTimer);
  linkTimer = setTimeout(() => {
    if (!training.replayable)
      tell('share-note', `After ${MAX_EDITS} edits a link starts from the settings alone.`);
    history.replaceState(null, '', linkTo(shared(), baseOf(shared())));
  }, 400);
}

/** The state that a link carries: replayable, or else the settings in force from the start. */
function shared(): State {
  const { state, live, replayable } = training;
  return replayable ? state : { ...state, ...live, edits: [] };
}

function restart(change: Partial<State>): void {
  const { state, live } = training;
  const { density, importance, rate } = live;
  tell('notice', null);
  tell('share-note', null);
  stopEnds();
  training.playing = true;
  training.restart({ ...state, density, importance, rate, edits: [], stop: 0, ...change });
  showPlaying();
  updateLink();
}

function offerPresets(): void {
  element('presets').replaceChildren();
  for (const preset of PRESETS) {
    const button = document.createElement('button');
    button.type = 'button';
    button.innerHTML = presetSvg(preset);
    button.firstElementChild!.setAttribute('aria-hidden', 'true'); // its name says what it shows
    button.title = preset.note ?? '';
    button.append(preset.name);
    button.addEventListener('click', () => restart(presetState(preset, training.state)));
    element('presets').append(button);
  }
}

function presetSvg({ picture: { W, m, stacks } }: Preset): string {
  const draw = stacks ? neuronsSvg : vectorsSvg;
  return draw(W, W.length / m, m, palette(), view);
}

function offerControls(): void {
  listen(
    (change) => {
      training.edit(change);
      showControls(training.state, training.live);
      updateLink();
    },
    (change) => {
      if (change.speed) training.note({ speed: change.speed });
      else restart(change);
      updateLink();
    },
    () => showControls(training.state, training.live),
  );
  element('play').addEventListener('click', () => {
    if (training.playing) training.pause();
    else training.playing = true;
    showPlaying();
  });
  element('reset').addEventListener('click', () => restart({}));
  element('single').addEventListener('click', () => {
    training.playing = false;
    showPlaying();
    training.step();
  });
  element('reseed').addEventListener('click', () => restart({ seed: anySeed() }));
}

/** A fresh start here; where that has been tried, one from another seed. */
function restartHere(): void {
  const { edits, seed } = training.state;
  restart(edits.length > 0 ? {} : { seed: (seed + 1) % 1_000_000 });
}

function offerVerdict(): void {
  element('show-ends').addEventListener('click', () => void showEnds(freshState(), palette));
  const both = (beside: 0 | 1) => () => {
    training.note({ beside });
    showBeside();
    showVerdict();
    updateLink();
  };
  element('restart-here').addEventListener('click', restartHere);
  element('show-beside').addEventListener('click', both(1));
  element('hide-beside').addEventListener('click', both(0));
  offerStory(
    () => training.state.story,
    (step) => restart(step === 0 ? { story: 0 } : storyState(step, training.state)),
  );
  switchable(element('diagram'), toggle);
  lightUp(document.querySelector('main')!);
}

function offerSharing(): void {
  for (const panel of PANELS) {
    offerPicture(panel, {
      svg: () => scene && panelFile(panel, scene, LIGHT),
      csv: () => scene && panelCsv(panel, scene),
    });
  }
  offerFilm('directions', () => scene && panelFile('directions', scene, LIGHT));
  offerLinks(
    'playground.json',
    () => linkTo(shared(), baseOf(shared())),
    () => scene && specOf(scene.state, scene.moment.live, Math.max(1, scene.moment.step)),
  );
  element('spec').addEventListener('click', () => {
    if (shared().edits.length > 0)
      tell('share-note', 'The spec trains from scratch with the settings in force.');
  });
  element('moment').addEventListener('click', () => {
    const stop = scene?.moment.step ?? 0;
    const edits = shared().edits.filter(([step]) => step < stop);
    copy(linkTo({ ...shared(), edits, stop }, baseOf(shared())), 'share-note');
  });
}

offerPresets();
offerControls();
offerVerdict();
offerSharing();
offerOwn(palette, view);
offerViews(
  () => training.state,
  () => linkTo(shared(), baseOf(shared())),
  (part) => {
    training.note(part);
    showView(training.state);
    updateLink();
  },
);
allowSaving(false);
turnable(element('directions'), view, () => {
  stale = true;
});
addEventListener('hashchange', () => {
  training.playing = true; // as when the link is opened in a page of its own
  training.restart(linkedState());
});
darkMode.addEventListener('change', () => {
  offerPresets();
  stale = true;
});
requestAnimationFrame(frame);
keepOffline();
