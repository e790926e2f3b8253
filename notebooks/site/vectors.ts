/** Feature directions: the rows W_i of a model with one, two or three hidden dimensions, as arrows. */
import { featureColor, type Palette } from './palette.ts';
import { circle, label, line, picture, px } from './svg.ts';

/** How a model in three dimensions is turned before it is drawn, radians. */
export interface View {
  yaw: number;
  pitch: number;
}

/** A direction on the screen: right, up, and towards the eye. */
type Point = [x: number, y: number, z: number];

const SIZE = 420;
const REACH = 1.5; // length of W_i at the picture's edge

/** Where W_i points. One dimension lies on a line, features a little apart so that none hides another. */
function place(W: ArrayLike<number>, i: number, m: number, n: number, view: View): Point {
  if (m === 1) return [W[i], ((n - 1) / 2 - i) * Math.min(0.22, 1.6 / n), 0];
  if (m === 2) return [W[2 * i], W[2 * i + 1], 0];
  const [x, y, z] = [W[3 * i], W[3 * i + 1], W[3 * i + 2]];
  const across = x * Math.cos(view.yaw) + z * Math.sin(view.yaw);
  const depth = z * Math.cos(view.yaw) - x * Math.sin(view.yaw);
  return [
    across,
    y * Math.cos(view.pitch) - depth * Math.sin(view.pitch),
    depth * Math.cos(view.pitch) + y * Math.sin(view.pitch),
  ];
}

const across = (a: readonly number[], b: readonly number[]) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const minus = (a: readonly number[], b: readonly number[]) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Pairs of points that share a face of their convex hull: triples with all other points on one side. */
export function hullEdges(points: readonly Point[]): [number, number][] {
  const edges = new Map<string, [number, number]>();
  const count = points.length;
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      for (let c = b + 1; c < count; c++) {
        const normal = across(minus(points[b], points[a]), minus(points[c], points[a]));
        const sides = points.map((p) => dot(minus(p, points[a]), normal));
        if (Math.max(...sides) > 1e-9 && Math.min(...sides) < -1e-9) continue;
        for (const [i, j] of [[a, b], [a, c], [b, c]] as [number, number][]) edges.set(`${i},${j}`, [i, j]); // biome-ignore format: a list of pairs
      }
    }
  }
  return [...edges.values()];
}

/** Pixels from the tip of arrow i to its number: farther out for each tip before it that lies in the same place. */
function reachOf(points: Point[], i: number): number {
  const [x, y] = points[i];
  return 14 * (1 + points.slice(0, i).filter(([u, v]) => Math.hypot(u - x, v - y) < 0.1).length);
}

function arrow(palette: Palette, i: number, points: Point[], centre: number, scale: number): string {
  const [x, y, z] = points[i];
  const color = featureColor(palette, i);
  const [endX, endY] = [centre + x * scale, centre - y * scale];
  const near = 1 + 0.25 * Math.max(-1, Math.min(1, z));
  const start = line(
    centre,
    centre,
    endX,
    endY,
    color,
    `stroke-width="${px(3 * near)}" stroke-linecap="round" data-feature="${i + 1}"`,
  );
  const length = Math.hypot(x, y) || 1;
  const tag = label(
    endX + (reachOf(points, i) * x) / length,
    endY - (reachOf(points, i) * y) / length + 4,
    String(i + 1),
    palette.ink,
    `text-anchor="middle" font-weight="600" data-feature="${i + 1}"`,
  );
  return start + circle(endX, endY, 5 * near, `fill="${color}" data-feature="${i + 1}"`) + tag;
}

function lineArrow(palette: Palette, i: number, points: Point[], centre: number, scale: number): string {
  const [x, y] = points[i];
  const color = featureColor(palette, i);
  const own = `data-feature="${i + 1}"`;
  const at = centre - y * scale;
  const tag = label(
    centre + x * scale + (x < 0 ? -14 : 14),
    at + 4,
    String(i + 1),
    palette.ink,
    `text-anchor="middle" ${own}`,
  );
  return (
    line(centre, at, centre + x * scale, at, color, `stroke-width="3" ${own}`) +
    circle(centre + x * scale, at, 5, `fill="${color}" ${own}`) +
    tag
  );
}

/** Where the hidden layer stands: a ring with its name. */
function hiddenMark([x, y]: Point, centre: number, scale: number, palette: Palette): string {
  const [left, top] = [centre + x * scale, centre - y * scale];
  const italic = 'font-style="italic" font-weight="700" font-size="15"';
  return (
    circle(left, top, 9, `fill="none" stroke="${palette.ink}" stroke-width="2.5"`) +
    label(left + 12, top - 9, 'h', palette.ink, italic)
  );
}

/** What a screen reader says of the picture. */
function describe(W: ArrayLike<number>, n: number, m: number): string {
  const norms = Array.from({ length: n }, (_, i) => {
    let square = 0;
    for (let k = 0; k < m; k++) square += W[i * m + k] ** 2;
    return Math.sqrt(square).toFixed(1);
  });
  return `Directions of ${n} features in ${m} hidden ${m === 1 ? 'dimension' : 'dimensions'}; lengths ${norms.join(', ')}`;
}

/** Rows of W (n, m), m ≤ 3, as arrows. */
export function vectorsSvg(
  W: ArrayLike<number>,
  n: number,
  m: number,
  palette: Palette,
  view: View,
  h: ArrayLike<number> | null = null, // (m) marked, where features are switched on
): string {
  const centre = SIZE / 2;
  const scale = centre / REACH;
  const points = Array.from({ length: n }, (_, i) => place(W, i, m, n, view));
  const order = points.map((_, i) => i).sort((a, b) => points[a][2] - points[b][2]); // far ones first
  const present = points.filter(([x, y, z]) => Math.hypot(x, y, z) > 0.3);
  const edges = m === 3 ? hullEdges(present) : [];
  const draw = m === 1 ? lineArrow : arrow;
  return picture(
    SIZE,
    SIZE,
    describe(W, n, m),
    palette,
    line(0, centre, SIZE, centre, palette.faint) +
      line(centre, 0, centre, SIZE, palette.faint) +
      (m === 1
        ? ''
        : circle(centre, centre, scale, `fill="none" stroke="${palette.faint}" stroke-dasharray="3 4"`)) +
      edges
        .map(([i, j]) => {
          const [p, q] = [present[i], present[j]];
          return line(
            centre + p[0] * scale,
            centre - p[1] * scale,
            centre + q[0] * scale,
            centre - q[1] * scale,
            palette.faint,
          );
        })
        .join('') +
      order.map((i) => draw(palette, i, points, centre, scale)).join('') +
      (h ? hiddenMark(place(h, 0, m, 1, view), centre, scale, palette) : ''),
  );
}

const TURNABLE = {
  class: 'turnable',
  tabindex: '0',
  role: 'group',
  'aria-label': 'Turn with the arrow keys',
};

/** Tells mouse, keyboard and screen reader whether there is something to turn in `target`. */
export function showTurnable(target: HTMLElement, turns: boolean): void {
  target.classList.toggle(TURNABLE.class, turns);
  for (const name of ['tabindex', 'role', 'aria-label'] as const) {
    if (turns) target.setAttribute(name, TURNABLE[name]);
    else target.removeAttribute(name);
  }
}

const TURNS: Record<string, [yaw: number, pitch: number]> = {
  ArrowLeft: [-0.1, 0],
  ArrowRight: [0.1, 0],
  ArrowUp: [0, -0.1],
  ArrowDown: [0, 0.1],
};

/** Lets a visitor turn a picture in three dimensions, by dragging or with the arrow keys. */
export function turnable(target: HTMLElement, view: View, changed: () => void): void {
  const turn = (yaw: number, pitch: number) => {
    view.yaw += yaw;
    view.pitch = Math.max(-1.5, Math.min(1.5, view.pitch + pitch));
    changed();
  };
  target.addEventListener('pointermove', (event) => {
    if (event.buttons & 1) turn(event.movementX / 120, event.movementY / 120);
  });
  target.addEventListener('keydown', (event) => {
    const by = TURNS[event.key];
    if (!by) return;
    event.preventDefault(); // the page would scroll
    turn(...by);
  });
}
