/** The story's bar on the playground: where one is, what there is to see, and the way on. */
import { element, tell } from './page.ts';
import { STORY } from './story.ts';

/** Shows step `step`, counted from 1; 0 shows no story. */
export function showStory(step: number): void {
  element('story').hidden = step === 0;
  if (step === 0) return;
  const { title, text } = STORY[step - 1];
  tell('story-title', `${step} of ${STORY.length} · ${title}`);
  tell('story-text', text);
  element<HTMLButtonElement>('story-back').disabled = step === 1;
  element('story-next').textContent = step === STORY.length ? 'Play freely' : `Next: ${STORY[step].title}`;
}

/** Makes the bar's buttons work. `go` gets the step to show, 0 after the last. */
export function offerStory(now: () => number, go: (step: number) => void): void {
  element('story-back').addEventListener('click', () => go(now() - 1));
  element('story-next').addEventListener('click', () => go(now() === STORY.length ? 0 : now() + 1));
}
