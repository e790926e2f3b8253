/** Every command that the project prints or documents: it exists, and it can fetch nobody else's package. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGES, readPage } from '../bench/pages.ts';
import { createProgram } from '../sim/cli/program.ts';
import { parseSpec } from '../sim/spec.ts';
import { kubernetesManifest } from '../sim/sweep/kubernetes.ts';

const ROOT = path.join(import.meta.dirname, '..');
const PACKAGE = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const OURS = new Set([
  ...Object.keys(PACKAGE.dependencies),
  ...Object.keys(PACKAGE.devDependencies),
  'typedoc',
]);

const program = createProgram();
const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];

/** What `--help` prints, examples included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

/** Text files of the checkout that people read or that print. The tests themselves are neither. */
function texts(): [string, string][] {
  const names = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const shown = names
    .split('\n')
    .filter(
      (name) => /\.(md|ts|js|json|html|py|sh)$|^\.ci\//.test(name) && !/^tests\/|package-lock/.test(name),
    )
    .filter((name) => fs.existsSync(path.join(ROOT, name)));
  return shown.map((name) => [name, fs.readFileSync(path.join(ROOT, name), 'utf8')]);
}

const help = everyCommand(program).map((command): [string, string] => [
  `${command.name()} --help`,
  helpOf(command),
]);
const all = [...texts(), ...help];

/** What a command line gives npx, npm exec or npm install to find by name on a registry. */
function namesFetched(text: string): string[] {
  const runners =
    /\b(?:npx|bunx|pnpx|npm exec|npm x|pnpm dlx|yarn dlx|npm (?:install|i|add)|yarn add|pnpm add)((?: +[^\s`'")|;&]+)+)/g;
  return [...text.matchAll(runners)].flatMap(([, rest]) => {
    const words = rest
      .trim()
      .replace(/--prefix \S+/, '')
      .split(/ +/);
    if (words.includes('--no')) return []; // npx then takes what is installed, or nothing
    const given = words.filter((word) => word.startsWith('--package=')).map((word) => word.slice(10));
    return given.length > 0
      ? given
      : words.filter((word) => word !== '' && !word.startsWith('-')).slice(0, 1);
  });
}

/** Whether a name is a file, an address, or a package that package.json pins. */
function isKnown(name: string): boolean {
  return /^(\.{0,2}\/|https:)|\.tgz$/.test(name) || OURS.has(name);
}

test('the words that fetch a package are found', () => {
  assert.equal(namesFetched('`npx superpose list`'), ['superpose']);
  assert.equal(namesFetched('npx --yes superpose@0.1.0 sweep'), ['superpose@0.1.0']);
  assert.equal(namesFetched('npm install -g superpose'), ['superpose']);
  assert.equal(namesFetched('npx --yes --package=/r/a.tgz -- superpose sweep'), ['/r/a.tgz']);
  assert.equal(namesFetched('npx --no superpose list'), []);
});

test('nothing that is printed or documented fetches a package by a name that is not pinned', () => {
  const wrong = all.flatMap(([where, text]) =>
    namesFetched(text)
      .filter((name) => !isKnown(name))
      .map((name) => `${where}: ${name}`),
  );
  assert.equal(wrong, []);
});

test('a script imports the package by its own name only', () => {
  const wrong = all.filter(([, text]) => /(?:from|import\(|require\() *['"]superpose['"/]/.test(text));
  assert.equal(
    wrong.map(([where]) => where),
    [],
  );
});

test('pods take the program from the image or the package file that the user names', () => {
  const options = {
    name: 'n',
    shards: 2,
    concurrent: 0,
    cpus: 1,
    memory: '1Gi',
    image: 'i',
    claim: 'c',
    arguments: [],
  };
  const spec = parseSpec({ model: { features: 2, hidden: 1 }, input: { density: 1 } });
  const started = (packageFile?: string) => {
    const text = JSON.stringify(kubernetesManifest(spec, { ...options, packageFile }));
    return (JSON.parse(text.match(/"command":(\[[^\]]*\])/)![1]) as string[]).join(' ');
  };
  assert.match(started(), /^superpose sweep \/spec/);
  assert.equal(namesFetched(started('/results/ours.tgz')), ['/results/ours.tgz']);
});

const commands = /(?<![\w/.-])superpose ((?:[a-z]+)(?: [^\n`'"|\\]*)?)/g;

/** Why a command line is none of this program, or null. */
function fault(line: string): string | null {
  const words = line.trim().split(/\s+/);
  let command: Command = program;
  while (command.commands.length > 0) {
    const own = command.commands.find((inner) => inner.name() === words[0]);
    if (!own) return `no command ${words[0]}`;
    command = own;
    words.shift();
  }
  const known = [...command.options.map((option) => option.long), '--help'];
  const wrong = words.find((word) => word.startsWith('--') && !known.includes(word));
  return wrong ? `no option ${wrong}` : null;
}

test('every command line in a help text or a page exists, options too', () => {
  const pages = Object.keys(PAGES).map(readPage).join('\n');
  const code = [...pages.matchAll(/`[^`\n]+`|```sh\n[\s\S]*?```/g)].map(([text]) => text).join('\n');
  const lines = [
    ...help.map(([, text]) => text.replace(/^Usage: .*/m, '')),
    code.replaceAll('npm run superpose --', 'superpose'),
  ].flatMap((text) => [
    ...text
      .replace(/(?: {2,}| #).*$/gm, (rest) => (/^ {2,}superpose/.test(rest) ? rest : ''))
      .matchAll(commands),
  ]);
  assert.ok(lines.length > 40, `${lines.length} lines`);
  const wrong = lines.map(([, line]) => line).filter((line) => fault(line) !== null);
  assert.equal(wrong, []);
  assert.is(fault('swep big.json'), 'no command swep');
  assert.is(fault('sweep big.json --paln'), 'no option --paln');
});

test('submit kubernetes refuses a name in place of a package file', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-commands-'));
  const file = path.join(folder, 'spec.json');
  fs.writeFileSync(file, '{"model":{"features":2,"hidden":1},"input":{"density":1},"replicas":4}');
  const submit = (...args: string[]) => {
    const fresh = createProgram();
    for (const command of everyCommand(fresh)) command.configureOutput({ writeErr: () => {} });
    const words = ['submit', 'kubernetes', file, '--shards', '2', '--block', '1', '--out', folder, ...args];
    return fresh.parseAsync(words, { from: 'user' }).then(
      () => 'accepted',
      (error) => error.message,
    );
  };
  try {
    assert.match(await submit(), /expected --image.* or --package/);
    for (const name of ['superpose', 'toy-superposition@0.1.0', 'a.tgz', 'http://x.org/a.tgz']) {
      assert.match(await submit('--package', name), /Expected the file that npm pack wrote/, name);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test.run();
