/**
 * The four engines on gpu.js kernels. A session keeps all instances on the host between calls and advances
 * them block by block, K steps a call; within a call nothing leaves the device. The bytes of a model do not
 * depend on K, on the blocks or on the threads.
 */
import {
  type Engine,
  EngineLostError,
  type EngineReport,
  type Session,
  type SessionOptions,
  type Stretch,
} from '../engine.ts';
import { areRowsPulled, type Params, type Problem, ratesDiffer } from '../problem.ts';
import { type Device, deviceUnavailable, openDevice } from './device.ts';
import { blockInstances, bytesPerInstance, stepsPerCall } from './limits.ts';
import { createPlan, type Plan } from './pipeline.ts';
import { type GpuMode, shapeOf } from './shape.ts';
import { blockInputs, createState, type DeviceState, paramsOfState, storeOutputs } from './state.ts';

/** Lets timers, signals and the page run, without paying for it at every call. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 30) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}

/** Everything a session holds on to. */
interface Work {
  device: Device;
  state: DeviceState;
  plans: Map<number, Plan>;
  threads: boolean;
  report: EngineReport;
  closed: boolean;
}

function planOf(work: Work, steps: number): Plan {
  let plan = work.plans.get(steps);
  if (!plan) {
    plan = createPlan(work.device, work.state.shape, steps, work.threads);
    work.plans.set(steps, plan);
  }
  return plan;
}

/** Advances every block by `steps` steps; losses (steps, I) go to `out`. */
async function advance(work: Work, steps: number, out: Float32Array): Promise<void> {
  const { state } = work;
  const plan = planOf(work, steps);
  for (let from = 0; from < state.problem.instances; from += state.shape.instances) {
    if (work.closed) throw new Error('the session was closed during a run');
    const outputs = await plan.run(blockInputs(state, from, steps));
    storeOutputs(state, from, steps, outputs, out);
  }
  state.done += steps;
  work.report.device = describe(work, plan.executor());
  work.report.threads = plan.executor() === 'fused-threaded' ? work.device.cores : work.report.threads;
}

function describe({ device, state }: Work, executor: string): string {
  const { adapter, mode } = device;
  const kind = adapter.software && mode !== 'webasm' && mode !== 'cpu' ? ', software' : '';
  return `${adapter.description}${kind}; gpu.js ${mode}, ${executor}, ${state.shape.kind} kernels`;
}

/** A device that goes away shows itself as some error of gpu.js, or as a canary; it says so itself a turn later. */
async function lostError(work: Work, error: unknown): Promise<unknown> {
  await new Promise((resolve) => setTimeout(resolve));
  const reason = work.device.lost();
  return reason === null ? error : new EngineLostError(work.device.mode, work.state.done, reason);
}

async function run(work: Work, until: number, lossEvery: number): Promise<Stretch> {
  const { state } = work;
  const { instances, training } = state.problem;
  const largest = stepsPerCall(work.device, state.shape);
  const stretch = { lossSteps: [] as number[], rows: [] as Float32Array[] };
  const breathe = breather();
  while (state.done < until) {
    const first = state.done;
    const steps = until - first >= largest ? largest : 1;
    const losses = new Float32Array(steps * instances);
    await advance(work, steps, losses);
    for (let k = 0; k < steps; k++) {
      if ((first + k) % lossEvery !== 0 && first + k !== training.steps - 1) continue;
      stretch.lossSteps.push(first + k);
      stretch.rows.push(losses.subarray(k * instances, (k + 1) * instances));
    }
    await breathe();
  }
  const losses = new Float32Array(stretch.rows.length * instances);
  stretch.rows.forEach((row, r) => {
    losses.set(row, r * instances);
  });
  return { lossSteps: stretch.lossSteps, losses };
}

function session(work: Work, options: SessionOptions): Session {
  const alive = () => {
    if (work.closed) throw new Error('the session is closed');
  };
  const close = async () => {
    if (work.closed) return;
    work.closed = true;
    for (const plan of work.plans.values()) await plan.close();
    await work.device.close();
  };
  return {
    report: work.report,
    async run(until) {
      alive();
      try {
        return await run(work, until, options.lossEvery);
      } catch (error) {
        const cause = await lostError(work, error);
        await close(); // some blocks are ahead of others
        throw cause;
      }
    },
    async read() {
      alive();
      return paramsOfState(work.state);
    },
    diverged: async () => work.state.diverged.slice(),
    close,
  };
}

/** Opens a session on a device, which the session then owns. */
export function openOn(device: Device, problem: Problem, params: Params, options: SessionOptions): Session {
  const whole = shapeOf(device.mode, problem.family, problem.training, problem.instances);
  const shape = { ...whole, instances: blockInstances(device, whole) };
  const state = createState(problem, params, shape);
  const report: EngineReport = {
    engine: device.mode,
    why: '',
    device: '',
    threads: device.cores > 0 ? 1 : 0,
  };
  const threads = options.threads !== 1;
  const work: Work = { device, state, plans: new Map(), threads, report, closed: false };
  report.device = describe(work, 'not yet run');
  return session(work, options);
}

async function open(
  mode: GpuMode,
  problem: Problem,
  params: Params,
  options: SessionOptions,
): Promise<Session> {
  const device = await openDevice(mode);
  try {
    return openOn(device, problem, params, options);
  } catch (error) {
    await device.close();
    throw error;
  }
}

/** The kernels know the toy model with linear or ReLU layers, one rate and decay for all its tensors, and no clipping. */
function refuses(problem: Problem): string | null {
  const { family, training } = problem;
  if (problem.source) return 'fixed samples';
  if (family.kind !== 'toy') return `the model ${family.kind}`;
  if (family.hiddenBias) return 'a hidden bias';
  if (family.gating !== 'independent') return `gates that open by the rule ${family.gating}`;
  if (family.magnitude !== 'unit' && family.magnitude !== 'signed')
    return `the magnitude ${family.magnitude}`;
  for (const name of [family.hiddenActivation, family.outputActivation]) {
    if (name !== 'identity' && name !== 'relu') return `the activation ${name}`;
  }
  if (training.attack) return 'adversarial training';
  if (training.optimizer === 'sgld') return 'Langevin dynamics';
  if (training.clip > 0) return 'clipping of the gradient';
  if (areRowsPulled(problem)) return 'rows pulled to length 1';
  return ratesDiffer(problem) ? 'rates of single tensors' : null;
}

/** The engine that runs gpu.js kernels in `mode`. */
export function gpuEngine(mode: GpuMode): Engine {
  return {
    name: mode,
    unavailable: () => deviceUnavailable(mode),
    refuses,
    bytesPerInstance: (problem) => bytesPerInstance(shapeOf(mode, problem.family, problem.training, 1)),
    open: (problem, params, options) => open(mode, problem, params, options),
  };
}
