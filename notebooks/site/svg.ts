/** SVG as text: pictures are pure functions from numbers to these strings, on the page and in a saved file alike. */
import type { Palette } from './palette.ts';

/** A coordinate with two decimals; what is not finite stands at 0. */
export function px(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100) : '0';
}

/** Text without markup. */
function plain(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${stroke}" ${more}/>`;
}

export function circle(x: number, y: number, radius: number, more: string): string {
  return `<circle cx="${px(x)}" cy="${px(y)}" r="${px(radius)}" ${more}/>`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}" ${more}/>`;
}

export function label(x: number, y: number, text: string, fill: string, more = ''): string {
  return `<text x="${px(x)}" y="${px(y)}" fill="${fill}" ${more}>${plain(text)}</text>`;
}

/** A letter with a raised one, which needs no glyph of its own: ᵀ is missing from many fonts. */
export function superscript(
  x: number,
  y: number,
  base: string,
  raised: string,
  fill: string,
  more = '',
): string {
  const up = `<tspan dy="-5" font-size="10">${plain(raised)}</tspan>`;
  return `<text x="${px(x)}" y="${px(y)}" fill="${fill}" ${more}>${plain(base)}${up}</text>`;
}

/** A picture of the given size, named for screen readers. */
export function picture(width: number, height: number, name: string, palette: Palette, body: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${plain(name)}"` +
    ` font-family="system-ui, sans-serif" font-size="12">${rect(0, 0, width, height, palette.paper)}${body}</svg>`
  );
}
