/** One piece of work at a time, and only the newest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newest } from '../notebooks/site/newest.ts';

test('pieces never overlap; those that a newer one overtakes never begin; a running one learns that it is stale', async () => {
  const log: string[] = [];
  let running = 0;
  const run = newest(async (isStale, name: string) => {
    assert.is(++running, 1);
    log.push(`begin ${name}`);
    await sleep(5);
    log.push(`${name} ${isStale() ? 'stale' : 'wanted'}`);
    running--;
  });
  await Promise.all([run('a'), run('b'), run('c')]);
  assert.equal(log, ['begin c', 'c wanted'], 'asked for in one go, only the last begins');
  log.length = 0;
  const first = run('d');
  await sleep(1);
  const [second, third] = [run('e'), run('f')];
  await Promise.all([first, second, third]);
  assert.equal(log, ['begin d', 'd stale', 'begin f', 'f wanted']);
});

test('a piece that fails tells its caller and holds up no other', async () => {
  const run = newest(async (_, fails: boolean) => {
    if (fails) throw new Error('no');
  });
  const failed = run(true);
  await failed.then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, 'no'),
  );
  await run(false);
});

test.run();
