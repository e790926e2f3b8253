/** The guide's tally: lines that participants hand in, counted for each exercise. It stays on this page. */
import { exercises } from '../exercises/index.ts';
import { placeInPlan } from '../exercises/plan.ts';
import { element } from './element.ts';
import { type HandedIn, readLines } from './progress.ts';

const KNOWN = new Set(
  Object.values(exercises)
    .flat()
    .map(({ id }) => id),
);

/** One line of the table: an exercise and how many have passed it. */
function row(id: string, title: string, people: readonly HandedIn[]): HTMLElement {
  const count = people.filter(({ ids }) => ids.includes(id)).length;
  const bar = element('meter', { min: 0, max: people.length, value: count, 'aria-label': title });
  const mark = placeInPlan(id)?.mark ?? '';
  return element('tr', {}, element('td', {}, mark), element('td', {}, title), element('td', {}, bar), element('td', {}, String(count))); // biome-ignore format: one line of a table
}

/** Exercises that anyone has passed or that the plan has, by notebook. */
function table(people: readonly HandedIn[]): HTMLElement {
  const told = new Set(people.flatMap(({ ids }) => ids));
  const rows = Object.values(exercises)
    .flat()
    .filter(({ id }) => told.has(id) || placeInPlan(id))
    .map(({ id, title }) => row(id, title, people));
  const head = element('tr', {}, ...['plan', 'exercise', 'share', 'passed'].map((name) => element('th', {}, name))); // biome-ignore format: one line of a table
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
}

/** Who handed in how much, the one with least first: whom to visit. */
const perPerson = (people: readonly HandedIn[]) =>
  [...people]
    .sort((a, b) => a.ids.length - b.ids.length)
    .map(({ name, ids }) => `${name} ${ids.length}`)
    .join(', ');

/** A box for the lines of a room, and what they come to. */
export function tally(): HTMLElement {
  const box = element('textarea', { rows: 4, spellcheck: 'false', 'aria-label': 'Lines of the participants', placeholder: 'superpose: Ada: all-silent five-in-two' }); // biome-ignore format: one box
  const said = element('p', { role: 'status' });
  const place = element('div');
  box.addEventListener('input', () => {
    const { people, problems } = readLines(box.value, KNOWN);
    const who = people.length > 0 ? `${people.length} handed in: ${perPerson(people)}.` : '';
    said.textContent = [who, ...problems].filter(Boolean).join(' ');
    place.replaceChildren(...(people.length > 0 ? [table(people)] : []));
  });
  return element('div', { class: 'tally' }, box, said, place);
}
