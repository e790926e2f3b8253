/** The front door: one model that learns while one reads, and the way for links that were made before it was here. */
import { LiveTraining } from './live.ts';
import { element, keepOffline, tell } from './page.ts';
import { DARK, LIGHT } from './palette.ts';
import type { Moment } from './run.ts';
import { defaults } from './state.ts';
import { vectorsSvg } from './vectors.ts';
import { keptInWords, shapesOf } from './words.ts';

if (location.hash.length > 1) location.replace(`./play.html${location.hash}`); // the playground was here once

const darkMode = matchMedia('(prefers-color-scheme: dark)');
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
/** The weights do not change visibly after so many updates, so the page rests. */
const REST = 12_000;
/** Frames between two pictures with reduced motion. */
const STILL = 40;

const state = { ...defaults, importance: 1 };
let moment: Moment | null = null;
let said = '';

const training = new LiveTraining(state, {
  opened() {},
  moved(next) {
    moment = next;
    if (next.step >= REST) training.playing = false;
  },
  paused() {},
  lost(reason, next) {
    tell('notice', next === 'stops' ? `The picture stopped: ${reason}. The pages behind the doors say more.` : null); // biome-ignore format: one sentence
  },
});

function showPlaying(): void {
  element('live-pause').textContent = training.playing ? 'Pause' : 'Go on';
}

function draw(): void {
  if (!moment) return;
  const { features: n, hidden: m } = state;
  const { params, step } = moment;
  element('live').innerHTML = vectorsSvg(params.W, n, m, darkMode.matches ? DARK : LIGHT, {
    yaw: 0,
    pitch: 0,
  });
  element('live-step').textContent = `step ${step.toLocaleString('en')}`;
  const words = `${keptInWords(shapesOf(params.W, n, m))}.`;
  if (words !== said) element('live-said').textContent = words;
  said = words;
}

let frames = 0;
function frame(): void {
  training.frame();
  if (!reducedMotion.matches || frames % STILL === 0) draw();
  if (frames++ % 30 === 0) showPlaying();
  requestAnimationFrame(frame);
}

element('live-again').addEventListener('click', () => {
  training.playing = true;
  training.restart({ ...state, seed: Math.floor(Math.random() * 1_000_000) });
  showPlaying();
});
element('live-pause').addEventListener('click', () => {
  training.playing = !training.playing;
  showPlaying();
});
requestAnimationFrame(frame);
keepOffline();
