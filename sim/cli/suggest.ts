/** What the user may have meant. */

/** Least number of letters to insert, delete or replace that turns one word into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

/** Names that begin with the text, or else those nearest to it, if any is near. */
function nearest(text: string, names: readonly string[]): string[] {
  const begun = names.filter((name) => text !== '' && name.startsWith(text));
  if (begun.length > 0) return begun;
  const distances = names.map((name) => editDistance(text, name));
  const least = Math.min(...distances, Math.ceil(text.length / 3));
  return names.filter((_, k) => distances[k] === least);
}

/** " (did you mean intro?)", or nothing. */
export function suggestion(text: string, names: readonly string[]): string {
  const near = nearest(text, names);
  return near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : '';
}
