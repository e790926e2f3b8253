/** Comparison of numeric arrays. */

/**
 * Asserts |actual − expected| ≤ absolute + relative · |expected| at every index. NaN equals only NaN.
 * @throws with the number of wrong entries and the worst of them.
 */
export function allClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: { relative?: number; absolute?: number },
  what = 'arrays',
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: expected ${expected.length} values, got ${actual.length}`);
  }
  let wrong = 0;
  let worst = 0;
  let worstAt = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    const excess = Math.abs(actual[i] - expected[i]) / (absolute + relative * Math.abs(expected[i]));
    if (excess <= 1) continue;
    wrong++;
    if (excess <= worst) continue;
    worst = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
    worstAt = i;
  }
  if (wrong === 0) return;
  const difference = Math.abs(actual[worstAt] - expected[worstAt]);
  throw new Error(
    `${what}: ${wrong} of ${expected.length} values differ; worst at ${worstAt}: expected ${expected[worstAt]}, ` +
      `got ${actual[worstAt]}, ${difference} apart`,
  );
}
