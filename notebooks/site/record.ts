/** Records a picture while the model trains, as a film: the drawn picture, with its title and settings, frame by frame. */
import { element, tell } from './page.ts';
import { save } from './save.ts';

/** Frames a second, seconds at most, and the size of a picture's unit in pixels. */
const FILM = { rate: 25, longest: 60, scale: 2 } as const;
const KINDS = ['video/webm;codecs=vp9', 'video/webm', 'video/mp4'];

/** What this browser can record, or null. */
const kindHere = () => (typeof MediaRecorder === 'undefined' ? null : (KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? null)); // biome-ignore format: one choice

/** Draws an SVG onto a canvas, which takes the size of the first one. */
async function paint(canvas: HTMLCanvasElement, svg: string): Promise<void> {
  const [, width, height] = svg.match(/viewBox="0 0 (\d+) (\d+)"/)!.map(Number);
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg.replace('<svg ', `<svg width="${width}" height="${height}" `)], { type: 'image/svg+xml' })); // biome-ignore format: one address
  await image.decode();
  if (canvas.width !== width * FILM.scale) {
    canvas.width = width * FILM.scale;
    canvas.height = height * FILM.scale;
  }
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
}

/** Records what `svg` gives until the function that it returns is called; then the film is saved as `name`. */
async function record(
  name: string,
  kind: string,
  svg: () => string | null,
  over: () => void,
): Promise<() => void> {
  const canvas = document.createElement('canvas');
  await paint(canvas, svg()!);
  const recorder = new MediaRecorder(canvas.captureStream(FILM.rate), { mimeType: kind });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = () => {
    save(`${name}.${/mp4/.test(kind) ? 'mp4' : 'webm'}`, kind, new Blob(parts, { type: kind }));
    over();
  };
  const stop = () => {
    clearInterval(timer);
    clearTimeout(end);
    if (recorder.state !== 'inactive') recorder.stop();
  };
  const timer = setInterval(() => {
    const now = svg();
    if (now) void paint(canvas, now);
  }, 1000 / FILM.rate);
  const end = setTimeout(stop, FILM.longest * 1000);
  recorder.start();
  return stop;
}

/** The button that starts and ends a film of a picture; hidden where the browser records none. */
export function offerFilm(name: string, svg: () => string | null): void {
  const kind = kindHere();
  const button = element<HTMLButtonElement>('record');
  button.hidden = kind === null;
  let stop: (() => void) | null = null;
  const show = () => {
    button.textContent = stop ? 'Stop' : 'Film';
    button.setAttribute('aria-pressed', String(stop !== null));
  };
  const over = () => {
    stop = null;
    show();
    tell('share-note', 'The film is saved.');
  };
  button.addEventListener('click', async () => {
    if (stop) return stop();
    if (!kind || !svg()) return;
    stop = await record(name, kind, svg, over);
    show();
  });
}
