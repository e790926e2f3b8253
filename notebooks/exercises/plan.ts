/** The exercises of the guide's ninety minutes. */

interface Planned {
  id: string;
  core: boolean; // for everyone; the others are for those who are quick
}

const core = (id: string): Planned => ({ id, core: true });
const extra = (id: string): Planned => ({ id, core: false });

/** In the order of the plan. */
export const PLAN: readonly Planned[] = [
  core('all-silent'),
  extra('linear-loss'),
  core('linear-and-density'),
  core('antipodal-output'),
  extra('pair-error'),
  core('five-in-two'),
  core('ignore-cost'),
  core('pair-cost'),
  core('lower-boundary'),
  extra('triple-point'),
  extra('polygon-share'),
  core('two-digons'),
  extra('pentagon-optimum'),
];

/** What an exercise is in the plan, in a mark and in words; null if it is not part of it. */
export function placeInPlan(id: string): { mark: string; words: string } | null {
  const planned = PLAN.find((own) => own.id === id);
  if (!planned) return null;
  return planned.core
    ? { mark: '★', words: 'in the 90-minute plan, for everyone' }
    : { mark: '☆', words: 'in the 90-minute plan, for those who are quick' };
}
