/** Pictures of a page as files of their own: what the browser drew, with the colours it drew them in. */
import { DARK, LIGHT, type Palette } from '../site/palette.ts';
import { label, picture, px } from '../site/svg.ts';

const darkMode = matchMedia('(prefers-color-scheme: dark)');

/** The palette of the page as it is now. */
export function pagePalette(): Palette {
  return darkMode.matches ? DARK : LIGHT;
}

const PAINTS = ['fill', 'stroke'] as const;

/** A copy of a drawing in which no colour or size of letters depends on the page. */
function painted(svg: SVGElement): SVGElement {
  const copy = svg.cloneNode(true) as SVGElement;
  const parts = copy.querySelectorAll('*');
  svg.querySelectorAll('*').forEach((part, k) => {
    freeze(part, parts[k]);
  });
  freeze(svg, copy);
  return copy;
}

function freeze(part: Element, copy: Element): void {
  const style = getComputedStyle(part);
  for (const paint of PAINTS) {
    if (/var\(|currentColor/.test(copy.getAttribute(paint) ?? '')) copy.setAttribute(paint, style[paint]);
  }
  if (part.tagName === 'text') copy.setAttribute('font-size', style.fontSize);
}

/** Something drawn, and the box it takes. */
interface Piece {
  box: DOMRect;
  draw(left: number, top: number): string; // with the corner of its box there
}

function drawing(svg: SVGElement): Piece {
  const box = svg.getBoundingClientRect();
  const copy = painted(svg);
  const draw = (x: number, y: number) => {
    const place = { x, y, width: box.width, height: box.height };
    for (const [name, value] of Object.entries(place)) copy.setAttribute(name, px(value));
    return new XMLSerializer().serializeToString(copy);
  };
  return { box, draw };
}

/** A text node as its lines. */
function lines(node: Text): Piece[] {
  const { color, fontSize } = getComputedStyle(node.parentElement!);
  const range = document.createRange();
  const found: { words: string; box: DOMRect }[] = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    const last = found.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) last.words += ` ${word}`;
    else found.push({ words: word, box });
  }
  return found.map(({ words, box }) => ({
    box,
    draw: (x, y) => label(x, y + 0.78 * box.height, words, color, `font-size="${fontSize}"`),
  }));
}

/** Text nodes that belong to the picture: captions and legends, not the names of controls. */
function textNodes(root: HTMLElement): Text[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (!node.parentElement!.closest('svg, label, button, style')) found.push(node);
  }
  return found;
}

/** All drawings below `root` and the text between them as one SVG, or null where there is no drawing yet. */
export function standalone(root: HTMLElement, name: string): string | null {
  const drawings = [...root.querySelectorAll('svg')].filter((svg) => !svg.parentElement!.closest('svg'));
  if (drawings.length === 0) return null;
  const pieces = [...drawings.map(drawing), ...textNodes(root).flatMap(lines)];
  const left = Math.min(...pieces.map(({ box }) => box.left));
  const top = Math.min(...pieces.map(({ box }) => box.top));
  const width = Math.max(...pieces.map(({ box }) => box.right)) - left;
  const height = Math.max(...pieces.map(({ box }) => box.bottom)) - top;
  const body = pieces.map(({ box, draw }) => draw(box.left - left, box.top - top)).join('');
  return picture(Math.ceil(width) + 8, Math.ceil(height) + 4, name, pagePalette(), body); // text may be wider there
}
