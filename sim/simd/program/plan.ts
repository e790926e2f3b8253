/** What the kernel of a program is generated for. */
import type { Family, Training } from '../../family.ts';
import { isSummed, type Node, sourcesOf } from '../../program/ops.ts';
import type { Source } from '../../table.ts';
import type { Layout } from '../layout.ts';
import type { AttackPlan } from './attack.ts';
import { keptNames } from './least.ts';
import type { Placement } from './placement.ts';
import { listEnd } from './row.ts';
import { PLACES } from './sources.ts';

/** What the kernel is generated for. */
export interface ProgramPlan {
  family: Family;
  training: Training;
  layout: Layout;
  placement: Placement;
  warmsUp: boolean; // λ rises over the first steps
  attack: AttackPlan | null; // in adversarial training
  source: Source | null; // of tables; null: samples are drawn
  defect: number; // where what a misfit leaves stands, float32
}

export const tensorsOf = ({ program }: Placement): Node[] => program.nodes.filter(({ op }) => op === 'param');

/** What slopes are summed over samples: of tensors, and of what is made of them alone. */
export const summedOf = ({ program }: Placement): Node[] => program.nodes.filter(isSummed);

export const normsOf = ({ program }: Placement): Node[] => program.nodes.filter(({ op }) => op === 'norms');

export const inputsOf = ({ program }: Placement): Node[] => program.nodes.filter(({ op }) => op === 'input');

export const uniformOf = ({ program }: Placement): Node[] =>
  program.nodes.filter(({ op }) => op === 'uniform');

export const inputOf = (placement: Placement): Node | undefined =>
  inputsOf(placement).find(({ name }) => name === '');

/** Float at which a tensor stands among the weights. */
export const floatOf = ({ layout }: ProgramPlan, { name }: Node): number =>
  layout.places.find((place) => place.name === name)!.at;

/** i32 locals of the functions that run groups of samples. */
export const scalarsOf = ({ placement }: ProgramPlan): string[] => [
  ...['group', 'until', 'tile', 'sums', 'at', 'row', 'own', 'k', 'to', 'from', 'zeros', 'left'],
  ...keptNames(placement),
  ...(sourcesOf(placement.program).length > 0 ? PLACES : []),
  ...[...placement.lists.keys()].map((node) => listEnd(placement, node)),
];
