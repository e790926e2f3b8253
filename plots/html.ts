/** HTML from templates: whatever is put into one is text and escaped, unless it is HTML itself. */

/** A piece of HTML. Only `html` and `scriptJson` make one, so that no text of a data file becomes markup. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly (Html | string)[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function partText(part: Part): string {
  if (Array.isArray(part)) return part.map(partText).join('\n');
  if (typeof part === 'object') return (part as Html).html;
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A template of HTML. Attributes stand in double quotes; of a list, each entry has a line. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: String.raw({ raw: strings }, ...parts.map(partText)) };
}

/** A value as JSON that can stand inside a script element. */
export function scriptJson(value: unknown): Html {
  return { html: JSON.stringify(value).replaceAll('<', '\\u003c') };
}
