/** sweep.json: what a sweep folder is of. Two folders with the same manifest hold the same bytes in the end. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ENGINE_NAMES, type EngineName } from '../engine.ts';
import { parseSpec, type Spec } from '../spec.ts';
import { DamageError, jsonBytes, replaceFile, StoreError } from '../store/files.ts';
import { PACKAGE_VERSION, SEED_RULE, specHash } from '../store/provenance.ts';
import type { Shard } from './blocks.ts';

const SWEEP_FORMAT = 2; // 1 had no checksums of its own, and blocks that did not name their engine
export const MANIFEST = 'sweep.json';

export const FORMATS = ['parquet', 'csv', 'npz'] as const;
/** Formats of the tables; npz is the weights as NumPy arrays. */
export type Format = (typeof FORMATS)[number];

const manifestSchema = z.strictObject({
  format: z.literal('superpose-sweep'),
  formatVersion: z.literal(SWEEP_FORMAT),
  superpose: z.string(), // package version
  engine: z.enum(ENGINE_NAMES),
  seedRule: z.string(),
  blockInstances: z.int().min(1).nullable(), // null: the usual size
  shard: z.strictObject({ index: z.int().min(0), of: z.int().min(1) }).nullable(),
  retry: z.number().nullable(), // factor on the learning rate of models that diverged
  formats: z.array(z.enum(FORMATS)),
  specHash: z.string(),
  spec: z.unknown().transform(parseSpec),
  checksum: z.string(), // SHA-256 of all the rest, as it is written
});

/** What sweep.json holds, beside its checksum. */
export type Manifest = Omit<z.output<typeof manifestSchema>, 'checksum'>;

/** What a user may choose about a sweep beside its spec. */
export interface SweepChoices {
  engine: EngineName;
  blockInstances: number | null;
  shard: Shard | null;
  retry: number | null;
  formats: Format[];
}

export function createManifest(spec: Spec, choices: SweepChoices): Manifest {
  const { engine, blockInstances, shard, retry, formats } = choices;
  return {
    format: 'superpose-sweep',
    formatVersion: SWEEP_FORMAT,
    superpose: PACKAGE_VERSION,
    engine,
    seedRule: SEED_RULE,
    blockInstances,
    shard,
    retry,
    formats: FORMATS.filter((format) => formats.includes(format)),
    specHash: specHash(spec),
    spec,
  };
}

/** sweep.json: a manifest and, last, the SHA-256 of the same text without that line. */
export function manifestBytes(manifest: Manifest): Uint8Array {
  const checksum = createHash('sha256').update(jsonBytes(manifest)).digest('hex');
  return jsonBytes({ ...manifest, checksum });
}

export function writeManifest(folder: string, manifest: Manifest, mayRename?: () => void): void {
  replaceFile(path.join(folder, MANIFEST), [manifestBytes(manifest)], mayRename);
}

/** The manifest that a text is. @throws an error that says what is wrong with it */
function parseManifest(text: string): Manifest {
  const value = JSON.parse(text);
  if (Number.isInteger(value?.formatVersion) && value.formatVersion !== SWEEP_FORMAT) {
    throw new Error(
      `begun by superpose ${value.superpose} in format ${value.formatVersion}, which this version (format ${SWEEP_FORMAT}) ` +
        'does not go on with: finish it with that version, or start a new folder',
    );
  }
  const { checksum: _checksum, ...manifest } = manifestSchema.parse(value);
  const hash = specHash(manifest.spec);
  if (hash !== manifest.specHash) throw new Error(`expected spec hash ${manifest.specHash}, got ${hash}`);
  if (Buffer.from(manifestBytes(manifest)).toString() !== text) {
    throw new Error(
      'it is not as it was written; delete it, and --resume with the same spec and options writes it again',
    );
  }
  return manifest;
}

/**
 * Reads the manifest of a sweep folder.
 * @throws StoreError if there is none or it is of another format version; DamageError if it is not as it was
 * written; the system's error if it cannot be read.
 */
export function readManifest(folder: string): Manifest {
  const file = path.join(folder, MANIFEST);
  if (!fs.existsSync(file)) throw new StoreError(`${folder} is no sweep folder: it has no ${MANIFEST}`);
  const text = fs.readFileSync(file, 'utf8');
  try {
    return parseManifest(text);
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new DamageError(`${file}: ${reason}`);
  }
}

const SHARED = ['superpose', 'engine', 'seedRule', 'blockInstances', 'specHash'] as const;
const OWN = [...SHARED, 'shard'] as const; // a folder with all its blocks can be finished with other formats
const ACROSS = [...SHARED, 'formats', 'retry'] as const;

const HINTS: Partial<Record<keyof Manifest, string>> = {
  superpose: 'another version may draw other numbers: finish it with that version, or start a new folder',
  engine: 'engines round differently: choose the same one with --engine',
  specHash: 'the spec was changed: go back to it, or start a new folder',
};

/**
 * Two manifests of one sweep must agree, shards aside when `across` folders.
 * @throws StoreError naming the first field that differs, with both values.
 */
export function checkSame(folder: string, expected: Manifest, got: Manifest, across = false): void {
  for (const field of across ? ACROSS : OWN) {
    const [a, b] = [JSON.stringify(expected[field]), JSON.stringify(got[field])];
    if (a === b) continue;
    const hint = HINTS[field] ? `; ${HINTS[field]}` : '';
    throw new StoreError(`${folder}: ${field}: expected ${a}, got ${b}${hint}`);
  }
}
