/** A session by the clock. */
import type { Session } from '../sim/engine.ts';

/** Runs a session so many steps further, and says how many milliseconds that took. */
export function clockOf(session: Session): (steps: number) => Promise<number> {
  let done = 0;
  return async (steps) => {
    const started = performance.now();
    done += steps;
    await session.run(done);
    return performance.now() - started;
  };
}
