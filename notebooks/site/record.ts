/** Records a picture while the model trains, as a film: the drawn picture, with its title and settings, frame by frame. */
import { element, tell } from './page.ts';
import { save } from './save.ts';

/** Frames a second, seconds at most, and the size of a picture's unit in pixels. */
const FILM = { rate: 25, longest: 60, scale: 2 } as const;
/** A GIF keeps every picture whole: fewer, smaller and for a shorter time. */
const GIF = { rate: 10, longest: 20, scale: 1 } as const;
const KINDS = ['video/webm;codecs=vp9', 'video/webm', 'video/mp4'];

/** What this browser can record, or null. */
const kindHere = () => (typeof MediaRecorder === 'undefined' ? null : (KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? null)); // biome-ignore format: one choice

type Drawing = () => string | null;

/** Draws an SVG onto a canvas, which takes the size of the first one. */
async function paint(canvas: HTMLCanvasElement, svg: string, scale: number): Promise<void> {
  const [, width, height] = svg.match(/viewBox="0 0 (\d+) (\d+)"/)!.map(Number);
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg.replace('<svg ', `<svg width="${width}" height="${height}" `)], { type: 'image/svg+xml' })); // biome-ignore format: one address
  await image.decode();
  if (canvas.dataset.sized === undefined) {
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.dataset.sized = '';
  }
  canvas.getContext('2d', { willReadFrequently: scale === GIF.scale })!.drawImage(image, 0, 0, canvas.width, canvas.height); // biome-ignore format: one call
  URL.revokeObjectURL(image.src);
}

/** Calls `act` so often, for so long at most; returns what ends it, and `ended` is called once then. */
function during(
  { rate, longest }: { rate: number; longest: number },
  act: () => void,
  ended: () => void,
): () => void {
  const timer = setInterval(act, 1000 / rate);
  const stop = () => {
    clearInterval(timer);
    clearTimeout(end);
    ended();
  };
  const end = setTimeout(stop, longest * 1000);
  return stop;
}

/** Records what `svg` gives until the function that it returns is called; then the film is saved as `name`. */
type Recorder = (name: string, svg: Drawing, over: () => void) => Promise<() => void>;

const film =
  (kind: string): Recorder =>
  async (name, svg, over) => {
    const canvas = document.createElement('canvas');
    await paint(canvas, svg()!, FILM.scale);
    const recorder = new MediaRecorder(canvas.captureStream(FILM.rate), { mimeType: kind });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      save(`${name}.${/mp4/.test(kind) ? 'mp4' : 'webm'}`, kind, new Blob(parts, { type: kind }));
      over();
    };
    const next = () => {
      const now = svg();
      if (now) void paint(canvas, now, FILM.scale);
    };
    recorder.start();
    return during(FILM, next, () => {
      if (recorder.state !== 'inactive') recorder.stop();
    });
  };

/** The encoder comes with the first GIF that somebody wants. */
const gif: Recorder = async (name, svg, over) => {
  const { startGif } = await import('./gif.ts');
  const canvas = document.createElement('canvas');
  await paint(canvas, svg()!, GIF.scale);
  const { width, height } = canvas;
  const file = startGif(width, height);
  const add = () =>
    file.add(canvas.getContext('2d')!.getImageData(0, 0, width, height).data, 1000 / GIF.rate);
  add();
  let painting: Promise<void> | null = null;
  const next = () => {
    const now = svg();
    if (!now || painting) return;
    painting = paint(canvas, now, GIF.scale)
      .then(add)
      .finally(() => {
        painting = null;
      });
  };
  return during(GIF, next, async () => {
    await painting;
    save(`${name}.gif`, 'image/gif', new Blob([file.finish()], { type: 'image/gif' }));
    over();
  });
};

/** The button that starts and ends a recording; it asks nobody while another one runs. */
function offer(id: string, text: string, recorder: Recorder | null, name: string, svg: Drawing): void {
  const button = element<HTMLButtonElement>(id);
  button.hidden = recorder === null;
  let stop: (() => void) | null = null;
  const show = () => {
    button.textContent = stop ? 'Stop' : text;
    button.setAttribute('aria-pressed', String(stop !== null));
  };
  const over = () => {
    stop = null;
    show();
    tell('share-note', `The ${text === 'GIF' ? text : 'film'} is saved.`);
  };
  let starting = false;
  button.addEventListener('click', async () => {
    if (stop) return stop();
    if (!recorder || !svg() || starting) return;
    starting = true;
    stop = await recorder(name, svg, over).finally(() => {
      starting = false;
    });
    show();
  });
}

/** The buttons that record a picture, as a film where the browser records one, and as a GIF. */
export function offerFilm(name: string, svg: Drawing): void {
  const kind = kindHere();
  offer('record', 'Film', kind === null ? null : film(kind), name, svg);
  offer('record-gif', 'GIF', gif, name, svg);
}
