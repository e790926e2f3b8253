/** Beside a notebook: its sections and exercises, what was passed, and a line to hand in. */
import { exercises } from '../exercises/index.ts';
import { placeInPlan } from '../exercises/plan.ts';
import { button, element } from './element.ts';
import { handInLine, onPassed, passed } from './progress.ts';
import './lab.css';

const place = document.getElementById('contents')!;
const wide = matchMedia('(min-width: 1260px)');
const all = Object.values(exercises).flat();
const titles = new Map(all.map(({ id, title }) => [id, title]));

/** A name for the address of a heading. */
const slug = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, ''); // biome-ignore format: one rule

function sectionItem(heading: HTMLElement): HTMLElement {
  heading.id ||= slug(heading.textContent!);
  return element('li', {}, element('a', { href: `#${heading.id}` }, heading.textContent!));
}

function exerciseItem({ id: anchor }: HTMLElement, done: ReadonlySet<string>): HTMLElement {
  const id = anchor.replace('exercise-', '');
  const planned = placeInPlan(id);
  const mark = element('span', { 'aria-hidden': 'true' }, done.has(id) ? '✓ ' : '○ ');
  const link = element('a', { href: `#${anchor}` }, titles.get(id) ?? id);
  const said = done.has(id) ? element('span', { class: 'unseen' }, ' (passed)') : '';
  const star = planned ? element('span', { title: planned.words }, ` ${planned.mark}`) : '';
  return element('li', { class: 'task' }, mark, link, said, star);
}

/** "3 of 5 passed here, 7 of 52 in all." */
function count(here: readonly HTMLElement[], done: ReadonlySet<string>): string {
  const own = here.filter(({ id }) => done.has(id.replace('exercise-', ''))).length;
  const total = all.filter(({ id }) => done.has(id)).length;
  const inAll = `${total} of ${all.length} in all`;
  return here.length > 0 ? `${own} of ${here.length} passed here, ${inAll}.` : `${inAll} passed.`;
}

/** The line that a participant hands the teacher, made when asked for. */
function handIn(): HTMLElement {
  const name = element('input', {
    type: 'text',
    maxlength: 60,
    autocomplete: 'off',
    'aria-label': 'Your name',
  });
  const line = element('textarea', {
    rows: 3,
    readonly: true,
    hidden: true,
    'aria-label': 'Line for the teacher',
  });
  const make = button('Make my line', async () => {
    line.value = handInLine({ name: name.value, ids: [...passed()].filter((id) => titles.has(id)) });
    line.hidden = false;
    line.select();
    await navigator.clipboard?.writeText(line.value).catch(() => {}); // it is selected, to be copied by hand
  });
  const why = element(
    'p',
    {},
    'A line of text with your name and what you passed. Nothing is sent: give it to your teacher.',
  );
  return element('details', { class: 'hand-in' }, element('summary', {}, 'Hand in'), why, name, make, line);
}

const progress = element('p', { class: 'progress', role: 'status' });
const list = element('ul');
const fold = element('details', {}, element('summary', {}, 'On this page'), list, progress, handIn());

/** Sections and exercises as the page has them now. */
function show(): void {
  const parts = [...document.querySelectorAll<HTMLElement>('main h2, main .exercise[id]')];
  const done = passed();
  list.replaceChildren(
    ...parts.map((part) => (part.tagName === 'H2' ? sectionItem(part) : exerciseItem(part, done))),
  );
  const told = count(
    parts.filter(({ tagName }) => tagName !== 'H2'),
    done,
  );
  if (progress.textContent !== told) progress.textContent = told;
  place.hidden = parts.length === 0;
}

let due: ReturnType<typeof setTimeout>;
/** Shows again once the page has come to rest: cells come one by one. */
function showSoon(): void {
  clearTimeout(due);
  due = setTimeout(show, 100);
}

const unfold = () => {
  fold.open = wide.matches;
};
place.append(fold);
unfold();
wide.addEventListener('change', unfold);
for (const cell of document.querySelectorAll('main > div')) {
  new MutationObserver(showSoon).observe(cell, { childList: true });
}
onPassed(show);
show();
