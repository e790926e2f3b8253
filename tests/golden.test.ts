/** The same bytes on every engine of JavaScript: here, on other Nodes, and in Chromium. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumMissing, openPage } from './chromium.ts';
import { goldenHashes } from './goldenBytes.ts';
import { testUnless } from './skip.ts';

/**
 * Hashes of package version 0.2. They change when the drawing of samples, the arithmetic of training or the points of
 * an axis change; then the package version does, too, so that old sweep folders are not continued.
 */
const GOLDEN = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/golden.json'), 'utf8'));

/** A folder with the npm packages node22 and node24, as .ci/run installs them. */
const NODES = process.env.SUPERPOSE_NODES ?? join(tmpdir(), 'superpose-nodes');

test(`Node ${process.versions.node} makes the bytes that are kept`, async () => {
  assert.equal(await goldenHashes(), GOLDEN);
});

for (const version of [22, 24]) {
  const node = join(NODES, `node_modules/node${version}/bin/node`);
  const missing = existsSync(node)
    ? null
    : `no ${node}; .ci/run installs it (SUPERPOSE_NODES names the folder)`;
  testUnless(missing, `Node ${version} makes the bytes that are kept`, () => {
    const script = join(import.meta.dirname, 'golden.ts');
    const { stdout, stderr } = spawnSync(node, ['--import', 'tsx', script], { encoding: 'utf8' });
    assert.not.equal(stdout, '', stderr);
    const { node: ran, hashes } = JSON.parse(stdout);
    assert.is(Number.parseInt(ran, 10), version);
    assert.equal(hashes, GOLDEN);
  });
}

testUnless(chromiumMissing, 'Chromium makes the bytes that are kept', async () => {
  const { page, close } = await openPage(join(import.meta.dirname, 'goldenBytes.ts'));
  try {
    assert.equal(await page.evaluate('bundle.goldenHashes()'), GOLDEN);
  } finally {
    await close();
  }
});

test.run();
