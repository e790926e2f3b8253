/** Plot's charts without the labels that it gives to groups: a group has no role, so no reader may say its label. */
import * as Plot from '@observablehq/plot';

/** A chart as Plot.plot makes it. */
export function plot(options: Parameters<typeof Plot.plot>[0]): ReturnType<typeof Plot.plot> {
  const chart = Plot.plot(options);
  for (const group of chart.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label');
  return chart;
}
