/** A picture as plain data: what plotly draws. */

/** One plotly trace. */
export type Trace = { type: string } & Record<string, unknown>;

/** width and height are in CSS pixels; a figure has one size, on paper as on a screen. */
export type Layout = { width: number; height: number } & Record<string, unknown>;

/** `frames` are for figures with a slider. */
export interface Figure {
  data: Trace[];
  layout: Layout;
  frames?: { name: string; data: Partial<Trace>[]; traces?: number[] }[];
}
