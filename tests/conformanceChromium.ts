/** The conformance tests of one engine inside a page of Chromium. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'uvu';
import { chromiumMissing, openPage } from './chromium.ts';
import type { PageMode } from './conformancePage.ts';
import { testUnless } from './skip.ts';

/** Why the engine cannot be tested here, or null, and how to call an export of conformancePage.ts. */
export interface InChromium {
  missing: string | null;
  inPage<Result>(call: string): Promise<Result>;
}

/** Registers the tests of the engine `mode`, whose report must match `ran`. */
export async function testInChromium(mode: PageMode, ran: RegExp): Promise<InChromium> {
  const opened = chromiumMissing ? null : await openPage(join(import.meta.dirname, 'conformancePage.ts'));
  const inPage = <Result>(call: string) => opened!.page.evaluate(`bundle.${call}`) as Promise<Result>;
  const missing = chromiumMissing ?? (await inPage<string | null>(`unavailable('${mode}')`));
  testUnless(missing, `${mode} in Chromium reports what ran`, async () => {
    assert.match(await inPage<string>(`device('${mode}')`), ran);
  });
  testUnless(
    missing,
    `${mode} in Chromium agrees with the reference on every model that it takes`,
    async () => {
      const count = await inPage<number>('caseCount');
      const found: string[] = [];
      for (let i = 0; i < count; i++) found.push(...(await inPage<string[]>(`check('${mode}', ${i})`)));
      assert.deepEqual(found, []);
    },
  );
  test.after(() => opened?.close());
  return { missing, inPage };
}
