/** Tests of what a machine may lack: skipped where it is absent, and never silently. */
import { test } from 'uvu';

/**
 * Registers a test, or, when `missing` says what this machine lacks, prints a SKIP line with the reason. With
 * SUPERPOSE_REQUIRE=all in the environment nothing may be missing: the test then fails.
 */
export function testUnless(missing: string | null, name: string, body: () => void | Promise<void>): void {
  if (missing === null) {
    test(name, body);
  } else if (process.env.SUPERPOSE_REQUIRE === 'all') {
    test(name, () => {
      throw new Error(`required here, but missing: ${missing}`);
    });
  } else {
    console.log(`SKIP ${name}: ${missing}`);
    test.skip(name);
  }
}
