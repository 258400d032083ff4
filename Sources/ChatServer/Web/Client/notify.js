// Short words to the reader: toasts for all to see, and announcements for screen readers alone.

import {h} from './dom.js';

const shownMs = 5_000;
const atOnce = 3;

export function toast(text, kind = 'info') {
  const host = document.getElementById('toasts');
  while (host.children.length >= atOnce) host.firstChild.remove();
  const element = h('p', {class: `toast ${kind}`}, text);
  host.append(element);
  setTimeout(() => element.remove(), shownMs);
}

let clearing = null;

/** Says it once; several in a row are said together. */
export function announce(text) {
  const host = document.getElementById('announcer');
  while (host.children.length >= 5) host.firstChild.remove();
  host.append(h('p', {}, text));
  clearTimeout(clearing);
  clearing = setTimeout(() => host.replaceChildren(), 10_000);
}
