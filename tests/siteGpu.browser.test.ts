/** The built site on each engine of a browser, on hosts of each kind, and when the graphics device is lost. */
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumMissing, type Host, openSite, type Site, stepOf, trainedTo, until } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);

/** Step of the sweep that the phase diagram shows. */
const sweepStep = "Number(document.getElementById('counter').textContent.match(/step (\\d+)/)?.[1] ?? 0)";

async function report(page: Page): Promise<string> {
  return (await page.textContent('#engine-report'))!;
}

for (const engine of ['simd', 'webgl2', 'webgpu']) {
  for (const host of ['plain', 'strict'] as Host[]) {
    visiting(`${engine} trains the phase diagram on a ${host} host`, async () => {
      const { page, complaints } = await site.visit(`phase.html#engine=${engine}&cells=8&replicas=1`, {
        host,
        gpu: engine !== 'simd',
      });
      await until(page, `${sweepStep} > 5`);
      assert.match(await report(page), new RegExp(`^Runs on ${engine} .*: ${engine} was asked for\\.$`));
      assert.is(await page.evaluate('crossOriginIsolated'), host === 'strict');
      assert.equal(complaints, []);
      await page.context().close();
    });
  }
}

visiting('auto leaves a software adapter alone, and says so', async () => {
  const { page } = await site.visit('phase.html#cells=8', { gpu: true });
  await until(page, `${sweepStep} > 0`);
  assert.match(await report(page), /^Runs on simd .*the only WebGPU adapter is software/);
  await page.context().close();
});

visiting('an engine that is absent gives its reason, and SIMD takes over', async () => {
  const { page } = await site.visit('play.html#engine=webgpu');
  await trainedTo(page, 0);
  assert.match((await page.textContent('#notice'))!, /engine "webgpu" cannot run here/);
  assert.match(await report(page), /^Runs on simd /);
  await page.context().close();
});

for (const engine of ['webgl2', 'webgpu']) {
  visiting(`a lost ${engine} device is told of, and training goes on`, async () => {
    const { page } = await site.visit(`play.html#engine=${engine}&speed=slow`, { gpu: true });
    await trainedTo(page, 0);
    const browser = await page.context().browser()!.newBrowserCDPSession();
    await browser.send('Browser.crashGpuProcess').catch(() => {}); // answers only if it fails
    await until(page, '!document.getElementById("notice").hidden');
    assert.match(
      (await page.textContent('#notice'))!,
      /^Training was interrupted: .+ It goes on from its last weights/,
    );
    await trainedTo(page, await stepOf(page)); // a step that was under way before the loss does not count
    await page.context().close();
  });
}

test.run();
