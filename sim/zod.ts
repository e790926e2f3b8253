/** zod as every schema takes it, set up before the first schema is made: each one of an object looks once, as it is made. */
import { z } from 'zod';

z.config({ jitless: true }); // zod would try eval, which the policy of a web page forbids

export { z };
