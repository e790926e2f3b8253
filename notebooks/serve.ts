/**
 * Serves the built site: on this machine, or with --host to everyone on the network, with the address as a QR code to
 * show on the projector. npm run serve -- --help
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import basicSsl from '@vitejs/plugin-basic-ssl';
import { zipSync } from 'fflate';
import qrcode from 'qrcode-generator';
import { preview } from 'vite';

const ROOT = resolve(import.meta.dirname, '..');

const HELP = `npm run serve -- [options]

  --host         serve to everyone on this network; prints the address and a QR code
  --https        with a certificate made here: offline mode, clipboard and WebGPU then work on other machines too,
                 after each visitor has once confirmed the browser's warning
  --zip          write site.zip instead: each laptop unpacks it and serves itself, no network needed afterwards
  --port <n>     port, 4173 if not given
  --site <path>  folder of the built site, site/ if not given
  --help         this text
`;

/** What other machines do without over plain http, and the two ways round it. */
const PLAIN_HTTP = `Over plain http, browsers on other machines have no offline mode, no clipboard and no WebGPU; all else works.
With --https they have (each visitor confirms a warning once); with --zip each laptop serves itself.`;

/** A server of one folder for machines that have Python and nothing else; some Windows call scripts plain text. */
const SERVE_PY = `import http.server
http.server.SimpleHTTPRequestHandler.extensions_map.update({".js": "text/javascript", ".wasm": "application/wasm"})
print("open http://localhost:8000/ and leave this window open")
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

const README = `Toy models of superposition: the workshop, to serve on this machine.

1. Unpack this archive.
2. Open a terminal in the unpacked folder:
     Windows   in the folder's address bar type cmd and press Enter; then: py serve.py
     macOS     right-click the folder, Services, New Terminal at Folder; then: python3 serve.py
     Linux     python3 serve.py
   Any other web server on that folder does, too.
3. Open http://localhost:8000/ in a browser. Opening the files themselves does not work.
`;

/** A QR code of `text` for a terminal, dark on light. */
export function qrOf(text: string): string {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  return code.createASCII(1, 2);
}

/** The site, the two texts that say how to serve it, and the server, as one archive. */
export function zipOf(folder: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const named = files.map((file) => {
    const path = join(file.parentPath, file.name);
    return [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)] as const;
  });
  const text = (content: string) => new TextEncoder().encode(content);
  return zipSync({ ...Object.fromEntries(named), 'README.txt': text(README), 'serve.py': text(SERVE_PY) });
}

interface Options {
  site: string;
  port: number;
  host: boolean;
  https: boolean;
}

async function serve({ site, port, host, https }: Options): Promise<void> {
  const server = await preview({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    plugins: https ? [basicSsl({ name: 'superpose' })] : [],
    build: { outDir: site },
    preview: { port, host },
  });
  const { local, network } = server.resolvedUrls!;
  console.log(`on this machine: ${local[0]}`);
  if (!host) return console.log('for the room: npm run serve -- --host');
  if (network.length === 0) return console.log('no network: this machine has no address but its own');
  for (const url of network) console.log(`for the room:    ${url}`);
  console.log(`\n${qrOf(network[0])}\n`);
  if (!https) console.log(PLAIN_HTTP);
}

function optionsFrom(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: 'boolean', default: false },
      https: { type: 'boolean', default: false },
      zip: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      port: { type: 'string', default: '4173' },
      site: { type: 'string', default: join(ROOT, 'site') },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port: expected a whole number up to 65535, got "${values.port}"`);
  return { ...values, port };
}

async function main(args: string[]): Promise<void> {
  const options = optionsFrom(args);
  if (options.help) return console.log(HELP);
  if (!existsSync(join(options.site, 'index.html')))
    throw new Error(`${options.site}: expected the built site, got no index.html; npm run site builds it`);
  if (!options.zip) return serve(options);
  const archive = zipOf(options.site);
  writeFileSync('site.zip', archive);
  console.log(
    `site.zip: ${(archive.length / 1e6).toFixed(1)} MB; its README.txt says how each laptop serves it`,
  );
}

if (process.argv[1] === import.meta.filename) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
