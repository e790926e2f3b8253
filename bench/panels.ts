/** Line charts on two logarithmic axes, side by side, as SVG. */

interface Line {
  name: string;
  points: [x: number, y: number][];
}

export interface Panel {
  title: string;
  x: string;
  y: string;
  lines: Line[];
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT] = [430, 300, 62, 34, 46, 14];
const COLORS = ['#1c5fa8', '#d9600a', '#009e73'];

/** Powers of ten that enclose the values, as exponents. */
function decades(values: number[]): [low: number, high: number] {
  const logs = values.map(Math.log10);
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return [low, Math.max(high, low + 1)];
}

const place = (value: number, [low, high]: [number, number], from: number, to: number) =>
  from + ((Math.log10(value) - low) / (high - low)) * (to - from);

const label = (exponent: number) =>
  exponent >= -2 && exponent <= 3
    ? String(10 ** exponent)
    : `10<tspan dy="-5" font-size="9">${exponent}</tspan>`;

const text = (x: number, y: number, content: string, more = '') =>
  `<text x="${x}" y="${y}" ${more}>${content}</text>`;

function drawAxes(xs: [number, number], ys: [number, number]): string {
  const parts: string[] = [];
  for (let e = xs[0]; e <= xs[1]; e++) {
    const x = place(10 ** e, xs, LEFT, WIDTH - RIGHT);
    parts.push(
      `<path d="M${x} ${TOP}V${HEIGHT - BOTTOM}"/>`,
      text(x, HEIGHT - BOTTOM + 16, label(e), 'text-anchor="middle"'),
    );
  }
  for (let e = ys[0]; e <= ys[1]; e++) {
    const y = place(10 ** e, ys, HEIGHT - BOTTOM, TOP);
    parts.push(
      `<path d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>`,
      text(LEFT - 6, y + 4, label(e), 'text-anchor="end"'),
    );
  }
  return `<g stroke="#e1e5ea" fill="none">${parts.filter((p) => p.startsWith('<path')).join('')}</g>${parts.filter((p) => p.startsWith('<text')).join('')}`;
}

function drawLine({ name, points }: Line, k: number, xs: [number, number], ys: [number, number]): string {
  const at = points.map(([x, y]) => [place(x, xs, LEFT, WIDTH - RIGHT), place(y, ys, HEIGHT - BOTTOM, TOP)]);
  const dots = at.map(
    ([x, y]) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${COLORS[k]}"/>`,
  );
  const path = at.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
  return `<path d="M${path}" stroke="${COLORS[k]}" stroke-width="2" fill="none"/>${dots.join('')}${text(LEFT + 10, TOP + 18 + 16 * k, name, `fill="${COLORS[k]}"`)}`;
}

function drawPanel({ title, x, y, lines }: Panel, index: number): string {
  const xs = decades(lines.flatMap(({ points }) => points.map((p) => p[0])));
  const ys = decades(lines.flatMap(({ points }) => points.map((p) => p[1])));
  return `<g transform="translate(${index * WIDTH} 0)">${drawAxes(xs, ys)}${lines.map((line, k) => drawLine(line, k, xs, ys)).join('')}
${text((LEFT + WIDTH - RIGHT) / 2, 20, title, 'text-anchor="middle" font-weight="600"')}
${text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x, 'text-anchor="middle"')}
${text(0, 0, y, `text-anchor="middle" transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)"`)}</g>`;
}

/** The panels as one SVG document. */
export function drawPanels(panels: Panel[]): string {
  const width = WIDTH * panels.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#1b2733"><title>${panels.map(({ title }) => title).join('; ')}</title><rect width="${width}" height="${HEIGHT}" fill="#fff"/>
${panels.map(drawPanel).join('\n')}
</svg>
`;
}
