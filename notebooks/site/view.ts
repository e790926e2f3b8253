/** How the playground is shown: as a page, to a room, or in a frame of someone else's slides. */
import { copy, element } from './page.ts';
import { PICTURES, type State } from './state.ts';

/** Lays the page out as a state asks; style.css does the rest. */
export function showView({ view, picture, slider }: State): void {
  const { dataset } = document.body;
  dataset.view = view;
  dataset.picture = picture;
  dataset.slider = slider;
  element('leave').hidden = view === 'page';
  element('leave').textContent = view === 'embed' ? 'Open in the playground' : 'Show all';
}

/** The link to the same state in the page's own view. */
const pageLink = (link: string) => link.replace(/([#&])view=\w+&?/, '$1').replace(/[#&]$/, '');

/** What goes into the source of a page or of slides to show a state. */
function embedCode(link: string): string {
  const whole = link.includes('#') ? `${link}&view=embed` : `${link}#view=embed`;
  const src = whole.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<iframe src="${src}" title="A toy model of superposition, training" width="720" height="540"></iframe>`;
}

/** Makes the buttons work: to the room and back, by Escape too, and the code of a frame. */
export function offerViews(
  state: () => State,
  link: () => string,
  change: (part: Partial<State>) => void,
): void {
  const leave = () => {
    if (state().view === 'embed') open(pageLink(link()), '_blank', 'noopener');
    else change({ view: 'page' });
  };
  element('leave').addEventListener('click', leave);
  element('present').addEventListener('click', () => change({ view: 'present' }));
  element('embed').addEventListener('click', () => copy(embedCode(pageLink(link())), 'share-note'));
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && state().view === 'present') change({ view: 'page' });
  });
  const choice = element<HTMLSelectElement>('picture-choice');
  choice.value = state().picture;
  choice.addEventListener('change', () =>
    change({ picture: PICTURES.find((name) => name === choice.value)! }),
  );
}
