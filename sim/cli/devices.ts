import { Command } from 'commander';
import { ENGINE_NAMES, type EngineName } from '../engine.ts';
import { chooseEngine } from '../engines.ts';

interface Availability {
  engine: EngineName;
  available: boolean;
  reason: string; // why not, or what it is
}

const WHAT: Record<EngineName, string> = {
  simd: 'WebAssembly SIMD generated for each shape, all CPU threads',
  webgpu: 'gpu.js kernels on WebGPU',
  webgl2: 'gpu.js kernels on WebGL2',
  webasm: 'gpu.js kernels on WebAssembly',
  cpu: 'gpu.js kernels in JavaScript',
  reference: 'float64 loops, the definition of all the others',
};

async function availabilityOf(engine: EngineName): Promise<Availability> {
  try {
    await chooseEngine(engine);
    return { engine, available: true, reason: WHAT[engine] };
  } catch (error) {
    return { engine, available: false, reason: (error as Error).message };
  }
}

async function devices() {
  const engines: Availability[] = [];
  for (const name of ENGINE_NAMES) engines.push(await availabilityOf(name));
  const { probeAdapter } = await import('../gpu/probe.ts');
  const adapter = await probeAdapter();
  const { engine, why } = await chooseEngine('auto');
  return { engines, adapter, auto: { engine: engine.name, why } };
}

function print({ engines, adapter, auto }: Awaited<ReturnType<typeof devices>>): void {
  const lines = engines.map(
    ({ engine, available, reason }) => `${available ? 'yes' : 'no '}  ${engine.padEnd(10)} ${reason}`,
  );
  lines.push(
    '',
    `WebGPU adapter: ${adapter ? `${adapter.description}${adapter.software ? ' (software)' : ''}` : 'none'}`,
    `auto takes ${auto.engine} (${auto.why.replace(/^auto: /, '')})`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `superpose devices`: which engines can run here. */
export function devicesCommand(): Command {
  return new Command('devices')
    .description('which engines can run here, why others cannot, and which one auto takes')
    .option('--json', 'as one JSON object', false)
    .action(async ({ json }: { json: boolean }) => {
      const found = await devices();
      if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
      else print(found);
    });
}
