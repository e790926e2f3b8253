import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'uvu';
import { chromiumMissing, type OpenPage, openPage } from './chromium.ts';
import { testUnless } from './skip.ts';

/** What the report of each engine must name. */
const ENGINES: [string, RegExp][] = [
  ['webgl2', /gpu\.js 2\.24\.1 webgl2, generic, \w+ kernels/],
  ['webgpu', /gpu\.js 2\.24\.1 webgpu, fused-encoder, \w+ kernels/],
];

const opened: OpenPage | null = chromiumMissing
  ? null
  : await openPage(join(import.meta.dirname, 'conformancePage.ts'));

/** Runs one export of conformancePage.ts in the page. */
function inPage<Result>(call: string): Promise<Result> {
  return opened!.page.evaluate(`bundle.${call}`) as Promise<Result>;
}

for (const [mode, ran] of ENGINES) {
  const missing = chromiumMissing ?? (await inPage<string | null>(`unavailable('${mode}')`));
  testUnless(missing, `${mode} in Chromium reports what ran`, async () => {
    assert.match(await inPage<string>(`device('${mode}')`), ran);
  });
  testUnless(
    missing,
    `${mode} in Chromium agrees with the reference on every member of the family`,
    async () => {
      const count = await inPage<number>('caseCount');
      const found: string[] = [];
      for (let i = 0; i < count; i++) found.push(...(await inPage<string[]>(`check('${mode}', ${i})`)));
      assert.deepEqual(found, []);
    },
  );
}

const noWebGL2 = chromiumMissing ?? (await inPage<string | null>(`unavailable('webgl2')`));
testUnless(noWebGL2, 'more sessions than a page has WebGL contexts, one after the other', () =>
  inPage<void>(`soak('webgl2', 18)`),
);
testUnless(noWebGL2, 'a lost WebGL context is an error that names the step', async () => {
  assert.match(await inPage<string>('loseContext()'), /EngineLostError: webgl2 lost its device at step 3/);
});

test.after(() => opened?.close());
test.run();
