/** Numbers of a spec that are carried out as they are written, to float32's seven digits. */
import { z } from 'zod';

/** Every schema of a spec is made after this: zod would try eval as soon as one is, which the policy of a page forbids. */
z.config({ jitless: true });

const LEAST = 1e-30;
const MOST = 1e30;

/** A number above 0. */
export const positive = z.number().min(LEAST).max(MOST);

/** 0, or a number above it. */
export const nonNegative = z
  .number()
  .min(0)
  .max(MOST)
  .refine((value) => value <= 0 || value >= LEAST, `0, or at least ${LEAST}: float32 loses what is smaller`);

/** A weight beside others, which may fall to nothing along a curve: float32 takes what is below 1e-38 for 0. */
export const weight = z.number().min(0).max(MOST);

/** Share that an average keeps of itself: float32 tells 1 − β from 0 to 6 % at 1e-6, and not beyond. */
export const kept = z.number().min(0).max(0.999999);
