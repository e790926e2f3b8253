/// <reference types="vite/client" />
/** The page's elements, by id. */
import type { EngineReport } from '../../sim/engine.ts';

document.documentElement.dataset.alive = ''; // scripts run: see still.ts

/** The element `id` of this page. Throws if the page has none. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id}: expected an element of the page, got none`);
  return found as T;
}

/** Shows `text` in the element `id`, or hides it when there is none. Text is never read as markup. */
export function tell(id: string, text: string | null): void {
  const target = element(id);
  target.textContent = text;
  target.hidden = !text;
}

/** Hides the controls that a link asks to hide. */
export function hideControls(hidden: readonly string[]): void {
  for (const control of document.querySelectorAll<HTMLElement>('[data-control]')) {
    control.hidden = hidden.includes(control.dataset.control!);
  }
}

/** Copies text, and says so in `status`. */
export async function copy(text: string, status: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(status, 'copied');
  } catch {
    tell(status, text); // no clipboard here: let the visitor take it by hand
  }
}

/** Says in the bar whether the pages will open without a network. */
function tellOffline(text: string, title: string): void {
  const place = document.getElementById('offline');
  if (!place) return;
  place.textContent = text;
  place.title = title;
}

/** Keeps the site for the time without network, once the page has nothing better to do, and says when that is done. */
export function keepOffline(): void {
  if (!import.meta.env.PROD) return;
  if (!('serviceWorker' in navigator)) {
    const why = isSecureContext ? 'This browser keeps no pages' : 'Browsers keep pages of https addresses and of localhost only'; // biome-ignore format: one choice
    tellOffline('online only', why);
    return;
  }
  const done = () => tellOffline('✓ ready for offline', 'All pages are kept in this browser');
  const failed = () => tellOffline('online only', 'The pages could not be kept');
  const keep = () => navigator.serviceWorker.register('./sw.js').then(() => navigator.serviceWorker.ready);
  setTimeout(() => keep().then(done, failed), 3_000);
}

/** Which engine runs, and why. */
export function describeEngine({ engine, device, why }: EngineReport): string {
  return `Runs on ${engine} (${device}): ${why}.`;
}

/** An error as a visitor may read it: its first line, not too long. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0].slice(0, 200);
}
