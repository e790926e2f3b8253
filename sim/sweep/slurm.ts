/** A sweep as a Slurm job array: one task a shard, each of which continues where it was when it is requeued. */

interface SlurmOptions {
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

/** Seconds before the time limit at which a task stops; Slurm may be half a minute early. */
const WARNING = 20;

/** What the sweep ends with when it was asked to stop. */
const INTERRUPTED = 130;

/** A word for the shell, whatever is in it. */
export function shellQuote(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** At most 40 letters, digits and dashes of a name, none of the dashes at an end, as Kubernetes wants it. */
export function plainName(name: string): string {
  const dashed = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return dashed.replace(/^-/, '').slice(0, 40).replace(/-$/, '') || 'sweep';
}

/**
 * The batch script. A task that is killed (memory, by hand) or comes near its time limit puts itself back into the
 * queue; one that is cancelled, or asked by a signal to stop, does not. The work runs in the background, for bash answers
 * a signal only between two commands, and waits for none but its own.
 */
export function slurmScript(options: SlurmOptions): string {
  const { name, command, folder, shards, concurrent, cpus, memory, time, partition } = options;
  const settings = [
    `--job-name=superpose-${plainName(name)}`,
    `--array=0-${shards - 1}${concurrent > 0 ? `%${concurrent}` : ''}`,
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    '--requeue',
    `--signal=B:USR1@${WARNING}`,
    '--open-mode=append',
    `--output="${folder}/task-%a.log"`,
    memory && `--mem=${memory}`,
    time && `--time=${time}`,
    partition && `--partition=${partition}`,
  ].filter(Boolean);
  const words = [...command, 'sweep', ...options.arguments, '--resume', '--out', folder];
  return `#!/bin/bash
${settings.map((setting) => `#SBATCH ${setting}`).join('\n')}

limit= cancelled= work=
trap 'limit=1; [ -n "$work" ] && kill -TERM "$work"' USR1
trap 'cancelled=1; [ -n "$work" ] && kill -TERM "$work"' TERM
${words.map(shellQuote).join(' ')} \\
  --shard "task/${shards}" --threads "$SLURM_CPUS_PER_TASK" &
work=$!
wait "$work"
status=$?
if [ -n "$limit$cancelled" ]; then # the signal ended the wait, and the work ends now
  wait "$work"
  status=$?
fi

again=
[ -n "$limit" ] && [ "$status" -ne 0 ] && again="near the time limit"
[ "$status" -gt 128 ] && [ "$status" -ne ${INTERRUPTED} ] && again="killed, status $status"
[ -n "$cancelled" ] && again=
if [ -n "$again" ] && [ "\${SLURM_RESTART_COUNT:-0}" -ge ${RESTARTS} ]; then
  echo "task \${SLURM_ARRAY_TASK_ID}: $again; it has been started again ${RESTARTS} times and is not once more" >&2
elif [ -n "$again" ]; then
  echo "task \${SLURM_ARRAY_TASK_ID}: $again; back into the queue" >&2
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
`;
}
