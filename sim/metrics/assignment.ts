/** The assignment problem: the cheapest one-to-one matching of rows to columns. */

/** Column of least slack outside the tree, after relaxing the edges of `row`; the state of one Dijkstra step. */
interface Search {
  slack: Float64Array; // (k) reduced cost of reaching each column
  parent: Int32Array; // (k) column before it on the way, −1 for the start
  reached: Uint8Array; // (k)
}

function relax(
  search: Search,
  reduced: (column: number) => number,
  through: number,
  distance: number,
): number {
  let nearest = -1;
  for (let column = 0; column < search.slack.length; column++) {
    if (search.reached[column]) continue;
    const slack = distance + reduced(column);
    if (slack < search.slack[column]) {
      search.slack[column] = slack;
      search.parent[column] = through;
    }
    if (nearest < 0 || search.slack[column] < search.slack[nearest]) nearest = column;
  }
  return nearest;
}

/**
 * Permutation of least total cost: column assigned to each row of `cost` (k, k). Shape (k). Shortest augmenting
 * paths with dual prices, O(k³) (Jonker & Volgenant 1987).
 */
export function assign(cost: Float64Array, k: number): Int32Array {
  const rowPrice = new Float64Array(k);
  const columnPrice = new Float64Array(k);
  const rowOf = new Int32Array(k).fill(-1); // row matched to each column
  for (let start = 0; start < k; start++) {
    const search: Search = {
      slack: new Float64Array(k).fill(Number.POSITIVE_INFINITY),
      parent: new Int32Array(k).fill(-1),
      reached: new Uint8Array(k),
    };
    let row = start;
    let column = -1;
    let distance = 0;
    while (row >= 0) {
      const from = row;
      const reduced = (c: number) => cost[from * k + c] - rowPrice[from] - columnPrice[c];
      column = relax(search, reduced, column, distance);
      distance = search.slack[column];
      search.reached[column] = 1;
      row = rowOf[column];
    }
    reprice(search, distance, start, rowOf, rowPrice, columnPrice);
    augment(search.parent, column, start, rowOf);
  }
  const columnOf = new Int32Array(k);
  rowOf.forEach((row, column) => {
    columnOf[row] = column;
  });
  return columnOf;
}

/** Moves the prices so that reduced costs stay ≥ 0 and are 0 along the shortest path. */
function reprice(
  { slack, reached }: Search,
  distance: number,
  start: number,
  rowOf: Int32Array,
  rowPrice: Float64Array,
  columnPrice: Float64Array,
): void {
  rowPrice[start] += distance;
  for (let column = 0; column < slack.length; column++) {
    if (!reached[column] || slack[column] >= distance) continue;
    columnPrice[column] -= distance - slack[column];
    rowPrice[rowOf[column]] += distance - slack[column];
  }
}

/** Shifts the matching along the path that ends in `column`. */
function augment(parent: Int32Array, column: number, start: number, rowOf: Int32Array): void {
  let at = column;
  while (parent[at] >= 0) {
    rowOf[at] = rowOf[parent[at]];
    at = parent[at];
  }
  rowOf[at] = start;
}
