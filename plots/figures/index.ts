/** The picture of each experiment, by name. */
import type { Figure } from '../figure.ts';

export type Draw<Data = unknown> = { draw(data: Data): Figure }['draw'];

export const figures: Readonly<Record<string, Draw>> = {};
