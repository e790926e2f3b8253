/** A page that shows a running sweep's grid filling in. It listens on 127.0.0.1 only and answers nobody else. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { countRows } from '../axes.ts';
import { axisName, axisPoints } from '../curves.ts';
import type { Spec } from '../spec.ts';
import type { BlockStored } from './sweep.ts';

export interface SweepServer {
  url: string;
  /** Fills in the cells of a stored block. */
  update(block: BlockStored): void;
  close(): void;
}

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>superpose sweep</title>
<style>
  body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #1b2733 }
  canvas { width: min(80vmin, 90vw); height: min(80vmin, 90vw); image-rendering: pixelated; border: 1px solid #c9ced6 }
</style>
<h1></h1><p id="state" role="status"></p><canvas role="img" aria-label="held-out loss of each cell"></canvas><p id="axes"></p>
<script type="module">
const canvas = document.querySelector('canvas');
const paint = ({ name, axes, width, height, best }) => {
  const known = best.filter((loss) => loss !== null).map(Math.log10).filter(Number.isFinite);
  const low = known.reduce((a, b) => Math.min(a, b), Infinity);
  const high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  document.querySelector('h1').textContent = name;
  document.querySelector('#state').textContent = best.filter((x) => x !== null).length + ' of ' + best.length + ' cells';
  document.querySelector('#axes').textContent = axes + '. Colour: best held-out loss, dark low, light high; grey: to come.';
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  best.forEach((loss, cell) => {
    const t = high > low ? (Math.log10(loss) - low) / (high - low) : 0;
    context.fillStyle = loss === null ? '#e6e9ed' : 'hsl(211 60% ' + (20 + 70 * t) + '%)';
    context.fillRect(Math.floor(cell / height), height - 1 - (cell % height), 1, 1);
  });
};
for (;;) {
  paint(await (await fetch('cells')).json());
  await new Promise((next) => setTimeout(next, 1000));
}
</script></html>`;

/** Cells along the first axis, and along all others together. */
function shapeOf(spec: Spec, cells: number): { width: number; height: number; axes: string } {
  const [first, ...others] = spec.sweep;
  const width = first ? axisPoints(first).length : 1;
  const up = others.length > 0 ? `, up: ${others.map(axisName).join(', then ')}` : '';
  return { width, height: cells / width, axes: first ? `Right: ${axisName(first)}${up}` : 'One cell' };
}

/** A page of another site must not read along through a name that leads here. */
function isLocal(request: http.IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
}

/** Starts the page. Port 0 takes any free one. @throws the system's error if the port is taken. */
export async function serveSweep(spec: Spec, port: number): Promise<SweepServer> {
  const cells = countRows(spec) / spec.replicas;
  const best = new Float64Array(cells).fill(Number.NaN); // lowest held-out loss so far
  const { name } = spec;
  const shape = shapeOf(spec, cells);
  const server = http.createServer((request, response) => {
    if (!isLocal(request)) {
      response.writeHead(403).end();
    } else if (request.url === '/cells') {
      const text = JSON.stringify({ name, ...shape, best: [...best] }); // NaN becomes null
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    update({ rows, heldOut }) {
      rows.forEach((row, i) => {
        const cell = Math.floor(row / spec.replicas);
        if (Number.isNaN(best[cell]) || heldOut[i] < best[cell]) best[cell] = heldOut[i];
      });
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
