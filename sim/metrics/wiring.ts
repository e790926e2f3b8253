/** What heads look at on skip trigrams, and what that does to the logit of the token that should follow. */
import { type Heads, headOutputs, type Sequence, sharesOf } from './attention.ts';

/** Mean over sequences of one last token k, with a source and without, of what a head adds to the logit of K + k. */
export interface HeadPull {
  withSource: number; // above the mean of what it adds to all logits
  without: number;
}

/** A line of a wiring diagram: head `head` looks from the last token at token `from`, and writes to token `to`. */
export interface HeadEdge {
  head: number;
  from: number; // 0 the source, or the last token
  to: number; // K + k
  logit: number; // OV[from, to] above the mean of its row
  withSource: number; // mean share of attention
  without: number;
}

const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Sequences of a last token, those with a source and those without. */
function split(sequences: Sequence[], last: number): [Sequence[], Sequence[]] {
  const own = sequences.filter((one) => one.last === last);
  return [own.filter(({ counts }) => counts[0] > 0), own.filter(({ counts }) => counts[0] === 0)];
}

/** Pulls of every head on the token that follows `last` behind a source, (H). */
export function headPulls(own: Heads, sequences: Sequence[], last: number, destinations: number): HeadPull[] {
  const [withSource, without] = split(sequences, last).map((part) => {
    const outputs = part.map((one) => headOutputs(own, one));
    return own.heads.map((_, h) =>
      meanOf(outputs.map((out) => out[h][last + destinations] - meanOf(out[h]))),
    );
  });
  return withSource.map((pull, h) => ({ withSource: pull, without: without[h] }));
}

/** Lines from the source and from the last token of each trigram, for every head. */
export function headEdges(own: Heads, sequences: Sequence[], destinations: number): HeadEdge[] {
  const V = own.tokens;
  return Array.from({ length: destinations }, (_, k) => k + 1).flatMap((last) => {
    const [withSource, without] = split(sequences, last).map((part) => part.map((one) => sharesOf(own, one)));
    return own.heads.flatMap(({ OV }, head) =>
      [0, last].map((from) => {
        const row = Array.from({ length: V }, (_, o) => OV[from * V + o]);
        const share = (of: Float64Array[][]) => meanOf(of.map((shares) => shares[head][from]));
        return {
          head,
          from,
          to: last + destinations,
          logit: row[last + destinations] - meanOf(row),
          withSource: share(withSource),
          without: share(without),
        };
      }),
    );
  });
}
