/** A sweep as a Kubernetes Indexed Job: one index a shard, each of which is tried again where it was. */
import type { Spec } from '../spec.ts';
import { plainName } from './slurm.ts';

interface KubernetesOptions {
  name: string; // of the job, of its spec, and of the folder on the claim
  shards: number;
  concurrent: number; // pods at a time, 0 = all
  cpus: number; // of each pod
  memory: string; // of each pod, as Kubernetes writes it: 4Gi
  image: string; // with the command `superpose`, or with Node 20 or later and a package file
  packageFile?: string; // what `npm pack` wrote: its path in the pod, or its URL
  claim: string; // PersistentVolumeClaim that all pods can write
  arguments: string[]; // of `sweep`, without the shard
}

/** Times an index is tried before the job gives it up. */
const ATTEMPTS = 10;

function configMap(name: string, spec: Spec): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { 'spec.json': JSON.stringify(spec) },
  };
}

/** What starts this program in a pod: the image's own command, or the package file. Never a name on a registry. */
function program({ packageFile }: KubernetesOptions): string[] {
  return packageFile ? ['npx', '--yes', `--package=${packageFile}`, '--', 'superpose'] : ['superpose'];
}

function container(name: string, options: KubernetesOptions): object {
  const { image, shards, cpus, memory } = options;
  const sweep = [
    'sweep',
    '/spec/spec.json',
    '--shard',
    `task/${shards}`,
    '--resume',
    '--out',
    `/results/${name}`,
  ];
  return {
    name: 'sweep',
    image,
    command: [...program(options), ...sweep, '--threads', String(cpus), ...options.arguments],
    resources: { requests: { cpu: String(cpus), memory }, limits: { memory } },
    volumeMounts: [
      { name: 'spec', mountPath: '/spec', readOnly: true },
      { name: 'results', mountPath: '/results' },
    ],
  };
}

/**
 * A list of two objects for `kubectl apply`: the spec in a ConfigMap, and the job. Each pod finds its shard in
 * JOB_COMPLETION_INDEX, which an Indexed Job sets.
 */
export function kubernetesManifest(spec: Spec, options: KubernetesOptions): object {
  const name = `superpose-${plainName(options.name)}`;
  const { shards, concurrent, claim } = options;
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      completionMode: 'Indexed',
      completions: shards,
      parallelism: concurrent > 0 ? Math.min(concurrent, shards) : shards,
      backoffLimitPerIndex: ATTEMPTS,
      template: {
        spec: {
          restartPolicy: 'Never', // the job starts a new pod, on any node
          containers: [container(name, options)],
          volumes: [
            { name: 'spec', configMap: { name } },
            { name: 'results', persistentVolumeClaim: { claimName: claim } },
          ],
        },
      },
    },
  };
  return { apiVersion: 'v1', kind: 'List', items: [configMap(name, spec), job] };
}
