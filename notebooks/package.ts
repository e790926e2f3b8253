/** Finishes dist/ after the compiler: what it does not copy, and the page's worker as text. Part of `npm run build`. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(import.meta.dirname, '..');
const at = (...names: string[]) => path.join(ROOT, ...names);

/** pageWorker.js of the packed package: any bundler takes it as it is, and it needs no file beside it. */
function pageWorkerWith(text: string): string {
  return `/** worker.js as text, so that bundlers need not find its file. A page's policy must allow worker-src blob:. */
const TEXT = ${JSON.stringify(text)};
let url = '';

export function startPageWorker(name) {
  url ||= URL.createObjectURL(new Blob([TEXT], { type: 'text/javascript' }));
  return new Worker(url, { name });
}
`;
}

/** Puts into a folder of compiled code what the compiler leaves out. */
export function finishPackage(dist: string): void {
  const worker = at('sim/simd/worker.js');
  fs.copyFileSync(worker, path.join(dist, 'sim/simd/worker.js'));
  fs.cpSync(at('plots/assets'), path.join(dist, 'plots/assets'), { recursive: true });
  const text = fs.readFileSync(worker, 'utf8');
  fs.writeFileSync(path.join(dist, 'sim/simd/pageWorker.js'), pageWorkerWith(text));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) finishPackage(at('dist'));
