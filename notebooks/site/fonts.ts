/**
 * Vite plugin: text does not jump when its font comes. Each page asks for its Latin letters at once, and draws with
 * what the system has if they are late (font-display: optional). The font of formulas may come late: nothing else
 * has its signs.
 */
import type { Plugin } from 'vite';

/** A face of a variable font as the build writes it. */
const FACE = /@font-face\{font-family:"?[\w ]+ Variable"?;[^}]*\}/g;

/** The address of a face's file, if it is the one of basic Latin. */
const latinIn = (face: string): string | undefined =>
  /unicode-range:U\+(\?\?|0000-00FF)/i.test(face) ? face.match(/url\((.*?)\)/)?.[1] : undefined;

const preload = (url: string) => `<link rel="preload" as="font" type="font/woff2" href="${url}" crossorigin>`;

/** A page whose faces are optional and whose Latin files are asked for in its head. */
export function withEarlyFonts(html: string): string {
  const files = [...html.matchAll(FACE)].flatMap(([face]) => latinIn(face) ?? []);
  const links = [...new Set(files)].map(preload).join('\n    ');
  return html
    .replace(FACE, (face) => face.replace('font-display:swap', 'font-display:optional'))
    .replace('<style', `${links && `${links}\n    `}<style`);
}

export function fonts(): Plugin {
  return {
    name: 'fonts',
    apply: 'build',
    transformIndexHtml: { order: 'post', handler: withEarlyFonts },
  };
}
