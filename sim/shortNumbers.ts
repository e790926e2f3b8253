/** Numbers as people type them, for JSON. */

/** JSON text in which numbers may be written .5, 5. and +5; strings stay as they are. */
export function spellOut(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi, (token) =>
    token.startsWith('"')
      ? token
      : token
          .replace(/^\+/, '')
          .replace(/^(-?)\./, '$10.')
          .replace(/\.(?=e|$)/i, ''),
  );
}
