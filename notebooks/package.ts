/** Finishes dist/ after the compiler: what it does not copy, and the page's worker as text. Part of `npm run build`. */
import fs from 'node:fs';
import path from 'node:path';

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

fs.copyFileSync(at('sim/simd/worker.js'), at('dist/sim/simd/worker.js'));
fs.cpSync(at('plots/assets'), at('dist/plots/assets'), { recursive: true });
fs.writeFileSync(
  at('dist/sim/simd/pageWorker.js'),
  pageWorkerWith(fs.readFileSync(at('sim/simd/worker.js'), 'utf8')),
);
