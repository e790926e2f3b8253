/** A sweep as a Slurm job array: one task a shard, each of which continues where it was when it is requeued. */

export interface SlurmOptions {
  name: string;
  command: string[]; // what starts this program, e.g. ["node", "…/cli.js"]
  arguments: string[]; // of `sweep`, without the shard
  folder: string; // absolute; logs and shards go there
  shards: number;
  concurrent: number; // tasks at a time, 0 = as many as the site allows
  cpus: number; // of each task
  memory?: string; // of each task, as Slurm writes it: 4G
  time?: string; // limit of each task, as Slurm writes it: 12:00:00
  partition?: string;
}

/** Times a task goes again by itself after it was killed. */
const RESTARTS = 10;

/** A word for the shell, whatever is in it. */
export function shellQuote(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** At most 40 letters, digits and dashes of a name, none of the dashes at an end, as Kubernetes wants it. */
export function plainName(name: string): string {
  const dashed = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return dashed.replace(/^-/, '').slice(0, 40).replace(/-$/, '') || 'sweep';
}

/** The batch script. A task that is killed (memory, time, by hand) puts itself back into the queue. */
export function slurmScript(options: SlurmOptions): string {
  const { name, command, folder, shards, concurrent, cpus, memory, time, partition } = options;
  const settings = [
    `--job-name=superpose-${plainName(name)}`,
    `--array=0-${shards - 1}${concurrent > 0 ? `%${concurrent}` : ''}`,
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    '--requeue',
    '--open-mode=append',
    `--output="${folder}/task-%a.log"`,
    memory && `--mem=${memory}`,
    time && `--time=${time}`,
    partition && `--partition=${partition}`,
  ].filter(Boolean);
  const words = [...command, 'sweep', ...options.arguments, '--resume', '--out', folder];
  return `#!/bin/bash
${settings.map((setting) => `#SBATCH ${setting}`).join('\n')}

status=0
${words.map(shellQuote).join(' ')} \\
  --shard "task/${shards}" --threads "$SLURM_CPUS_PER_TASK" || status=$?
if [ "$status" -gt 128 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${RESTARTS} ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
`;
}
