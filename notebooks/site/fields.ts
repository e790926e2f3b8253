/** Fields that the states of all pages are made of, and the words in which a bad one is told. */
import * as z from 'zod/mini';

z.config({ ...z.locales.en(), jitless: true }); // words for its errors; no eval, which the pages' policy forbids

/** A number of an interval, its ends included. */
export const within = (min: number, max: number) => z.number().check(z.gte(min), z.lte(max));

/** A whole number of an interval, its ends included. */
export const whole = (min: number, max: number) => z.int().check(z.gte(min), z.lte(max));

const SEEDS = 1_000_000;
/** What keys the random numbers of a page. */
export const seed = () => z._default(whole(0, SEEDS - 1), 1);
/** A seed that nobody chose. */
export const anySeed = () => Math.floor(Math.random() * SEEDS);

/** What a teacher asks above the page. */
export const question = () => z._default(z.string().check(z.maxLength(500)), '');

/** Parts of the page that a link hides, some of `names`. */
export const hide = <T extends string>(names: readonly [T, ...T[]]) =>
  z._default(z.array(z.enum(names)).check(z.maxLength(names.length)), []);

/** What is wrong with a state, by field; at most three things. */
export function explain(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'link'}: ${message}`)
    .join('; ');
}
