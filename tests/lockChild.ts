/** A process that takes the lock of a folder, says so, and does what it is told: renew, release. */
import readline from 'node:readline';
import { lockFolder } from '../sim/sweep/lock.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs an act and says its name or its error. */
function attempt<T>(name: string, act: () => T): T | undefined {
  try {
    const result = act();
    say(name);
    return result;
  } catch (error) {
    say(`error: ${(error as Error).message}`);
    return undefined;
  }
}

const lock = attempt('held', () => lockFolder(process.argv[2]));
for await (const order of readline.createInterface({ input: process.stdin })) {
  if (order === 'renew') attempt('renewed', () => lock?.renew());
  if (order === 'release') attempt('released', () => lock?.release());
}
