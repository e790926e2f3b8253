/** The grid of a sweep, with word of how far it is: millions of different cells take half a minute. */
import { countRows } from '../axes.ts';
import { expanding, type Grid } from '../grid.ts';
import type { Spec } from '../spec.ts';
import { type Finishing, pause } from './finish.ts';

/**
 * Expands a spec and yields how many of its models stand, where that takes long. `renew` is called on the way.
 * @throws SpecError; the signal's reason when aborted.
 */
export async function* layOut(
  spec: Spec,
  signal?: AbortSignal,
  renew: () => void = () => {},
): AsyncGenerator<Finishing, Grid> {
  const [steps, of] = [expanding(spec), countRows(spec)];
  const event = (done: number) => ({ kind: 'finishing', what: 'models laid out', done, of }) as const;
  let begun = false;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (!begun) yield event(0);
    begun = true;
    yield event(value);
    await pause({ renew, signal });
  }
}
