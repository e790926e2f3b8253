/** What the user sees while something trains: a live line, plain lines, JSON lines, or nothing. */
import { SingleBar } from 'cli-progress';
import type { Progress } from '../progress.ts';
import type { Finishing } from '../sweep/finish.ts';
import type { OutputOptions } from './options.ts';

export interface Reporter {
  progress(event: Progress): void;
  /** Work behind the training: tables, checksums, copies. */
  finishing(event: Finishing): void;
  /** A remark on the way. */
  note(text: string): void;
  /** The end of a piece of work: one text for people, the same as fields for programs. */
  done(text: string, fields: object): void;
  /** Clears a live line. Always call it, also after an error. */
  close(): void;
}

const PLAIN_EVERY = 5; // seconds between plain lines
const JSON_EVERY = 1;

/** 75 → "1m15s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  const hours = Math.floor(whole / 3600);
  return hours < 48
    ? `${hours}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`
    : `${Math.floor(hours / 24)}d${hours % 24}h`;
}

/** 12300000 → "12.3M". */
export function short(value: number): string {
  const at = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / (at[0] as number)).toPrecision(3))}${at[1]}`;
}

function describe(event: Progress): string {
  const loss = Number.isNaN(event.loss) ? '' : `, loss ${event.loss.toPrecision(3)}`;
  return `${event.instancesDone}/${event.instances} models, step ${event.step}/${event.steps}${loss}, ${short(event.samplesPerSecond)} samples/s`;
}

/** Time to go; open in the first second, which is compilation for the most part and says nothing of the rest. */
export function timeLeft({ seconds, etaSeconds }: Progress): string {
  return duration(seconds < 1 ? Number.NaN : etaSeconds);
}

/** Calls `act` at most once in so many seconds, for the first time that long after the first event if it `waits`. */
function throttled<Event>(
  seconds: number,
  act: (event: Event) => void,
  waits = false,
): (event: Event) => void {
  let next = waits ? Number.NaN : 0;
  return (event) => {
    const now = performance.now();
    if (Number.isNaN(next)) next = now + seconds * 1000;
    if (now < next) return;
    next = now + seconds * 1000;
    act(event);
  };
}

const FINISHING_EVERY = 2;

const counted = ({ what, done, of }: Finishing) => `${what}: ${done} of ${of}`;

function silent(): Reporter {
  return {
    progress: () => {},
    finishing: () => {},
    note: () => {},
    done: (text) => process.stdout.write(`${text}\n`),
    close: () => {},
  };
}

function jsonLines(): Reporter {
  const write = (fields: object) => process.stdout.write(`${JSON.stringify(fields)}\n`);
  return {
    progress: throttled(JSON_EVERY, ({ kind: _kind, ...event }: Progress) =>
      write({ event: 'progress', ...event }),
    ),
    finishing: throttled(
      FINISHING_EVERY,
      ({ kind, ...event }: Finishing) => write({ event: kind, ...event }),
      true,
    ),
    note: (text) => write({ event: 'note', text }),
    done: (_text, fields) => write({ event: 'done', ...fields }),
    close: () => {},
  };
}

function plainLines(): Reporter {
  const write = (text: string) => process.stderr.write(`${text}\n`);
  return {
    ...silent(),
    progress: throttled(PLAIN_EVERY, (event: Progress) =>
      write(`${Math.round(100 * event.fraction)}%  ${describe(event)}, ${timeLeft(event)} to go`),
    ),
    finishing: throttled(FINISHING_EVERY, (event: Finishing) => write(counted(event)), true),
    note: write,
  };
}

function liveLine(): Reporter {
  const bar = new SingleBar({
    format: '{bar} {percentage}% {text} · {left} to go',
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  let open = false;
  const close = () => {
    if (open) bar.stop();
    open = false;
  };
  const show = (fraction: number, shown: { text: string; left: string }) => {
    if (open) bar.update(fraction, shown);
    else bar.start(1, fraction, shown);
    open = true;
  };
  let began = Number.NaN;
  return {
    progress: (event) => show(event.fraction, { text: describe(event), left: timeLeft(event) }),
    finishing(event) {
      if (event.done === 0) began = performance.now();
      const left = ((performance.now() - began) / 1000) * (event.of / event.done - 1);
      show(event.done / event.of, { text: counted(event), left: duration(left) });
    },
    note(text) {
      close();
      process.stderr.write(`${text}\n`);
    },
    done(text) {
      close();
      process.stdout.write(`${text}\n`);
    },
    close,
  };
}

export function createReporter({ json, quiet }: OutputOptions): Reporter {
  if (json) return jsonLines();
  if (quiet) return silent();
  return process.stderr.isTTY ? liveLine() : plainLines();
}
