/** Prints the golden hashes of the Node that runs it, whichever that is: node --import tsx tests/golden.ts */
import { goldenHashes } from './goldenBytes.ts';

console.log(JSON.stringify({ node: process.versions.node, hashes: await goldenHashes() }, null, 1));
