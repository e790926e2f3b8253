import { quantileSeq } from 'mathjs/number';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { averageRows, bestReplicas, median, replicaQuantiles } from '../sim/metrics/replicas.ts';
import { instanceKey, normals } from '../sim/random.ts';

const loss = [3, 1, 2, Number.NaN, 5, 4]; // two cells of three replicas

test('the best replicas of each cell come first, a diverged one last', () => {
  assert.equal([...bestReplicas(loss, 3, 1)], [1, 5]);
  assert.equal([...bestReplicas(loss, 3, 3)], [1, 2, 0, 5, 4, 3]);
});

test('of equal replicas the first in the grid comes first, and a cell of diverged ones has infinite quantiles', () => {
  assert.equal([...bestReplicas([2, 1, 1, Number.NaN, Number.NaN, Number.NaN], 3, 3)], [1, 2, 0, 3, 4, 5]);
  assert.equal([...replicaQuantiles([Number.NaN, Number.NaN], 2, [0.5])], [Number.POSITIVE_INFINITY]);
});

test('dropping the worst and averaging the rest leaves the outlier out', () => {
  const colors = [9, 90, 1, 10, 3, 30, 7, 70, 2, 20, 4, 40]; // (6, 2)
  assert.equal([...averageRows(colors, 2, bestReplicas(loss, 3, 2), 2)], [2, 20, 3, 30]);
});

test('quantiles interpolate between sorted replicas', () => {
  const values = [4, 1, 3, 2, 10, 10, 10, 30];
  assert.equal([...replicaQuantiles(values, 4, [0, 0.5, 1])], [1, 2.5, 4, 10, 10, 30]);
});

test('quantiles are those of mathjs', () => {
  const probabilities = [0, 0.07, 0.25, 0.5, 0.9, 1];
  for (const replicas of [1, 2, 5, 8, 101]) {
    const values = Array.from(normals(instanceKey(replicas, 0), 0, 3 * replicas));
    const ours = replicaQuantiles(values, replicas, probabilities);
    const theirs = [0, 1, 2].flatMap(
      (cell) =>
        quantileSeq(
          values.slice(cell * replicas, (cell + 1) * replicas),
          probabilities,
        ) as unknown as number[],
    );
    theirs.forEach((quantile, at) => {
      assert.ok(Math.abs(ours[at] - quantile) < 1e-14, `${replicas} replicas: ${ours[at]} and ${quantile}`);
    });
  }
});

test('the median of an even count is the mean of the middle two, and nothing is moved', () => {
  const values = [9, 1, 4, 2];
  assert.is(median(values), 3);
  assert.equal(values, [9, 1, 4, 2]);
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([1, Number.NaN, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});

test('rows that do not fill whole cells are refused with the numbers', () => {
  assert.throws(() => bestReplicas([1, 2, 3], 2, 1), /multiple of 2 replicas, got 3/);
});

test.run();
