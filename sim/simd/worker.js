// @ts-check
/**
 * One thread of the simd engine: a WebAssembly memory with a block of instances, and four things to do with
 * it; or a helper in the memory of another thread, which joins it and helps with its steps. Plain JavaScript without imports for a page's Worker; in Node, host.ts gives it what it uses of a page.
 *
 * @typedef {{ id: number, type: 'open', module: WebAssembly.Module, pages: number, scratch: ArrayBuffer,
 *   records: ArrayBuffer, instances: number, memory?: WebAssembly.Memory }} OpenMessage
 * @typedef {{ id: number, type: 'join', module: WebAssembly.Module, memory: WebAssembly.Memory }} JoinMessage
 * @typedef {{ id: number, type: 'help' }} HelpMessage
 * @typedef {{ id: number, type: 'run', table: ArrayBuffer, tableAt: number, steps: number, step: number,
 *   word: number, slots: number }} RunMessage
 * @typedef {{ id: number, type: 'gather', at: number, words: number, size: number }} GatherMessage
 * @typedef {{ id: number, type: 'scatter', at: number, words: number, size: number, bytes: ArrayBuffer }} ScatterMessage
 * @typedef {OpenMessage | JoinMessage | HelpMessage | RunMessage | GatherMessage | ScatterMessage} Message
 */

const PAGE = 65536;
/** @type {WebAssembly.Memory} */ let memory;
/** @type {(...args: number[]) => void} */ let train;
/** @type {(() => void) | undefined} */ let help;
/** @type {(() => void) | undefined} */ let release;
let instances = 0;
let recordsAt = 0;
let lossesAt = 0;

/** @param {ArrayBuffer} bytes @param {number} at */
const write = (bytes, at) => new Uint8Array(memory.buffer).set(new Uint8Array(bytes), at);

/** The memory that this thread had last, emptied, if it is its own and large enough. @param {number} pages */
function ownMemory(pages) {
  const isOwn = memory && memory.buffer instanceof ArrayBuffer;
  if (!isOwn || memory.buffer.byteLength < pages * PAGE) return new WebAssembly.Memory({ initial: pages });
  new Uint8Array(memory.buffer).fill(0);
  return memory;
}

/** @param {WebAssembly.Module} module */
async function enter(module) {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  train = /** @type {typeof train} */ (exports.train);
  help = /** @type {typeof help} */ (exports.help);
  release = /** @type {typeof release} */ (exports.release);
}

/** @param {OpenMessage} message */
async function open(message) {
  memory = message.memory ?? ownMemory(message.pages);
  write(message.scratch, 0);
  write(message.records, message.scratch.byteLength);
  await enter(message.module);
  instances = message.instances;
  recordsAt = message.scratch.byteLength;
  lossesAt = recordsAt + message.records.byteLength;
  return new ArrayBuffer(0);
}

/** Goes into the memory of another thread. @param {JoinMessage} message */
async function join(message) {
  memory = message.memory;
  await enter(message.module);
  return new ArrayBuffer(0);
}

/** Works along until the run that the other thread is asked for is over. */
function assist() {
  help?.();
  return new ArrayBuffer(0);
}

/** Advances all instances; answers with the recorded losses (slots, instances). @param {RunMessage} message */
function run({ table, tableAt, steps, step, word, slots }) {
  write(table, tableAt);
  const losses = new Float32Array(memory.buffer, lossesAt, slots * instances).fill(Number.NaN);
  try {
    train(instances, steps, step, word, lossesAt);
  } finally {
    release?.();
  }
  return losses.slice().buffer;
}

/** Copies `words` 32-bit words at offset `at` of each record of `size` bytes. @param {GatherMessage} message */
function gather({ at, words, size }) {
  const out = new Int32Array(instances * words);
  for (let i = 0; i < instances; i++) {
    out.set(new Int32Array(memory.buffer, recordsAt + i * size + at, words), i * words);
  }
  return out.buffer;
}

/** Sets `words` 32-bit words at offset `at` of each record of `size` bytes. @param {ScatterMessage} message */
function scatter({ at, words, size, bytes }) {
  const values = new Int32Array(bytes);
  for (let i = 0; i < instances; i++) {
    const own = values.subarray(i * words, (i + 1) * words);
    new Int32Array(memory.buffer, recordsAt + i * size + at, words).set(own);
  }
  return new ArrayBuffer(0);
}

/** @param {Message} message */
async function answer(message) {
  switch (message.type) {
    case 'open':
      return open(message);
    case 'join':
      return join(message);
    case 'help':
      return assist();
    case 'run':
      return run(message);
    case 'gather':
      return gather(message);
    case 'scatter':
      return scatter(message);
  }
}

/** Longest that a lock may keep a first answer waiting: a page whose locks are busy trains without it. */
const LOCK_PATIENCE = 2_000; // ms
/** Whether this thread holds its lock. */
let held = false;

/** Takes a lock for life, so that the page sees the end of this thread. Resolves once it is held, or not to be had soon. */
function takeLock() {
  if (!self.name || !navigator.locks) return Promise.resolve();
  return new Promise((resolve) => {
    const hold = () => {
      held = true;
      resolve(undefined);
      return new Promise(() => {});
    };
    navigator.locks.request(self.name, hold).catch(resolve);
    setTimeout(resolve, LOCK_PATIENCE);
  });
}

const locked = takeLock();

/** @param {Message} message */
async function receive(message) {
  await locked; // the page asks for the lock at the first answer that says so, and must not be first
  try {
    const bytes = await answer(message);
    self.postMessage({ id: message.id, held, bytes }, [bytes]);
  } catch (error) {
    self.postMessage({ id: message.id, held, error: String(error) });
  }
}

self.onmessage = (event) => receive(event.data);
