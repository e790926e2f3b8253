import { Command } from 'commander';
import { specJsonSchema } from '../spec.ts';

/** `superpose schema`: the JSON Schema of a spec. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('the JSON Schema of a spec, for editors')
    .addHelpText('after', '\nExample:\n  superpose schema > spec.schema.json')
    .action(() => {
      process.stdout.write(`${JSON.stringify(specJsonSchema(), null, 2)}\n`);
    });
}
