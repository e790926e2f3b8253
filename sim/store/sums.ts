/**
 * SHA256SUMS: a line for each file of a finished folder, as `sha256sum -c` reads it, and a last one that says how
 * many they are and what their own checksum is, so that a list that was cut or edited is not believed.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const CHECKSUMS = 'SHA256SUMS';

/** SHA-256 in hexadecimal by the name of the file, from its folder on. */
export type Sums = Record<string, string>;

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The list as it is written: by name, then the line over them all, which readers of the format skip. */
export function sumsBytes(sums: Sums): Uint8Array {
  const names = Object.keys(sums).sort();
  const lines = names.map((name) => `${sums[name]}  ${name}\n`).join('');
  return Buffer.from(`${lines}# ${names.length} files; the lines above have the SHA-256 ${sha256(lines)}\n`);
}

const LINE = /^([0-9a-f]{64}) {2}([\w][\w./-]*)$/;

/** The entries of a list; null if it is not one that was written whole. */
export function parseSums(text: string): Sums | null {
  const lines = text.split('\n');
  const entries = lines.slice(0, -2).map((line) => line.match(LINE));
  const sums: Sums = {};
  for (const entry of entries) if (entry && !entry[2].split('/').includes('..')) sums[entry[2]] = entry[1];
  return Buffer.from(sumsBytes(sums)).toString('latin1') === text ? sums : null;
}

/**
 * The list of a folder: null if there is none, 'damaged' if it is not as it was written.
 * @throws the system's error if it is there and cannot be read.
 */
export function readSums(folder: string): Sums | null | 'damaged' {
  try {
    return parseSums(fs.readFileSync(path.join(folder, CHECKSUMS), 'latin1')) ?? 'damaged';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** SHA-256 of a file, read in pieces; null if it is not there. @throws the system's error if it cannot be read. */
export function hashFile(file: string): string | null {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(2 ** 20);
  let open: number;
  try {
    open = fs.openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    for (let read = 1; read > 0; ) {
      read = fs.readSync(open, buffer);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    fs.closeSync(open);
  }
  return hash.digest('hex');
}
