/** Saves pictures and numbers as files. */

/** Offers `content` as a download. */
export function save(name: string, type: string, content: string | Blob): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a busy browser may fetch it late
}

/** An SVG picture as a PNG of `scale` times its size. */
export async function png(svg: string, scale = 3): Promise<Blob> {
  const [, width, height] = svg.match(/viewBox="0 0 (\d+) (\d+)"/)!.map(Number);
  const image = new Image(width * scale, height * scale);
  image.src = URL.createObjectURL(
    new Blob([svg.replace('<svg ', `<svg width="${width}" height="${height}" `)], { type: 'image/svg+xml' }),
  );
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the browser made no PNG'))),
      'image/png',
    ),
  );
}

/** Rows of numbers and words as CSV with a header. */
export function csv(header: readonly string[], rows: readonly (readonly (number | string)[])[]): string {
  return [header, ...rows]
    .map((row) => row.join(','))
    .join('\n')
    .concat('\n');
}
