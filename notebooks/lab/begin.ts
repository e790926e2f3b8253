/** What a page of a notebook needs that has no exercise: its style, and to be kept for the time without network. */
import { keepOffline } from '../site/page.ts';
import './lab.css';

export function begin(): void {
  keepOffline();
}
