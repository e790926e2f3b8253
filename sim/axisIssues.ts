/** What can be wrong with axes and with the fields linked to them, beyond what a schema says. */
import { axisName, countPoints } from './curves.ts';
import type { Axis, LinkedField, Spec } from './spec.ts';
import { type SpecIssue, show } from './specError.ts';

/** A logarithmic axis needs ends above 0. `path` is where the axis stands. */
export function logIssues(axis: Axis, path: string): SpecIssue[] {
  if ('values' in axis || axis.scale !== 'log') return [];
  return (['from', 'to'] as const)
    .filter((end) => !(axis[end] > 0))
    .map((end) => ({
      path: `${path}.${end}`,
      expected: 'more than 0 on a logarithmic axis',
      got: show(axis[end]),
    }));
}

/** A linked field needs a number for each point of its axes. */
function linkedIssues({ along, values }: LinkedField, path: string, sweep: Axis[]): SpecIssue[] {
  const wrong = along.find((a, k) => a >= sweep.length || a <= (along[k - 1] ?? -1));
  if (wrong !== undefined) {
    const expected = `places in sweep, ascending, below ${sweep.length}`;
    return [{ path: `${path}.along`, expected, got: show(along) }];
  }
  const points = along.map((a) => countPoints(sweep[a]));
  const count = points.reduce((a, b) => a * b);
  if (values.length === count) return [];
  return [
    { path: `${path}.values`, expected: `${points.join(' × ')} numbers`, got: `${values.length} numbers` },
  ];
}

/** A name that no field follows would say that models differ where they do not. */
function unusedIssues({ sweep, linked = [] }: Spec): SpecIssue[] {
  const followed = new Set(linked.flatMap((field) => field.along));
  const unused = [...sweep.keys()].filter(
    (k) => 'name' in sweep[k] && countPoints(sweep[k]) > 1 && !followed.has(k),
  );
  return unused.map((k) => ({
    path: `sweep.${k}.name`,
    expected: 'an axis that a linked field follows',
    got: show(axisName(sweep[k])),
  }));
}

/** The fields that a path leads through, from the whole down to itself. */
function waysTo(path: string): string[] {
  const keys = path.split('.');
  return keys.map((_, k) => keys.slice(0, k + 1).join('.'));
}

/** Fields that are set, to be asked for one that is another one, or a part or the whole of it. */
function createTaken() {
  const whole = new Map<string, string>(); // path → itself
  const parts = new Map<string, string>(); // what leads to a path → the path
  return {
    other: (path: string) =>
      waysTo(path)
        .map((way) => whole.get(way))
        .find(Boolean) ?? parts.get(path),
    add(path: string) {
      whole.set(path, path);
      for (const way of waysTo(path)) parts.set(way, path);
    },
  };
}

/** A linked field has its numbers from nowhere else. */
function takenIssues({ sweep, linked = [] }: Spec): SpecIssue[] {
  const taken = createTaken();
  for (const axis of sweep) if ('path' in axis) taken.add(axis.path);
  return linked.flatMap(({ path }, k) => {
    const other = taken.other(path);
    taken.add(path);
    if (other === undefined) return [];
    return [
      { path: `linked.${k}.path`, expected: `a field that ${show(other)} does not set`, got: show(path) },
    ];
  });
}

/** Two axes of one name would be two columns of one name. */
function nameIssues({ sweep }: Spec): SpecIssue[] {
  const names = sweep.map(axisName);
  const again = [...names.keys()].filter((k) => names.indexOf(names[k]) < k);
  return again.map((k) => ({
    path: `sweep.${k}.${'name' in sweep[k] ? 'name' : 'path'}`,
    expected: 'another one than the axes before',
    got: show(names[k]),
  }));
}

/** All that is wrong with the axes of a spec whose fields are right one by one. */
export function axisIssues(spec: Spec): SpecIssue[] {
  const { sweep, linked = [] } = spec;
  return [
    ...sweep.flatMap((axis, k) => logIssues(axis, `sweep.${k}`)),
    ...linked.flatMap((field, k) => linkedIssues(field, `linked.${k}`, sweep)),
    ...nameIssues(spec),
    ...takenIssues(spec),
    ...unusedIssues(spec),
  ];
}
