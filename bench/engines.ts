/** Measures one of our engines: `tsx bench/engines.ts <row> <engine>`. */
import type { EngineName } from '../sim/engine.ts';
import { chooseEngine } from '../sim/engines.ts';
import { expandGrid } from '../sim/grid.ts';
import { initParams } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';
import { BATCH, type Measurement, measure, type Row } from './row.ts';

const MANY_STEPS = 4_000_000;

async function measureDensity(row: Row, density: number, name: EngineName): Promise<Measurement> {
  const { features, hidden, instances, threads } = row;
  const spec = parseSpec({
    model: { features, hidden },
    input: { density },
    training: { batch: BATCH, steps: MANY_STEPS },
    replicas: instances,
  });
  const [{ problem, initStd }] = expandGrid(spec).groups;
  const { engine } = await chooseEngine(name);
  const options = { lossEvery: MANY_STEPS, threads };
  const session = await engine.open(problem, initParams(problem, initStd), options);
  let step = 0;
  const samplesPerSecond = await measure(row, (steps) => {
    step += steps;
    return session.run(step);
  });
  const note = session.report.device;
  await session.close();
  return { density, samplesPerSecond, note };
}

const [row, engine] = [JSON.parse(process.argv[2]) as Row, process.argv[3] as EngineName];
for (const density of row.densities) console.log(JSON.stringify(await measureDensity(row, density, engine)));
process.exit(0);
