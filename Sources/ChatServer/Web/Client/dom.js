// Elements, made of values and never of markup: no text that came from somebody becomes HTML.

/**
 * h('button', {class: 'quiet', type: 'button', onclick: f}, 'Text', child, null)
 * A key that begins with "on" is a listener; true is an empty attribute; null, undefined and false leave it out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

function setAttributes(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'value') element.value = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
}

function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
}

const svgSpace = 'http://www.w3.org/2000/svg';

// Stroked outlines on a grid of 24.
const paths = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  code: 'M12 16a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM11 13l9-9M16.5 7.5l3 3',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  down: 'M12 5v14M6 13l6 6 6-6',
  gear: 'M4 7h9M19 7h1M4 17h1M11 17h9M13 7a3 3 0 1 0 6 0 3 3 0 1 0-6 0M5 17a3 3 0 1 0 6 0 3 3 0 1 0-6 0',
  hash: 'M9 4L7 20M17 4l-2 16M4 9h16M3.5 15h16',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.2a6.5 6.5 0 0 1 3.5 5.8',
  plus: 'M12 5v14M5 12h14',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
  send: 'M4 12l16-8-5 16-3.5-6.5z',
  trash: 'M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13',
};

/** Decoration beside a label; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgSpace, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon alone, with its name for everybody else. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h('button', {type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...attributes},
    icon(name));
}

/**
 * Makes the children of `parent` those of `items`, in order, and touches no element that stands right already.
 * `make(item)` makes an element, `update(element, item)` brings it up to date.
 */
export function reconcile(parent, items, make, update) {
  const known = parent.keyed ?? (parent.keyed = new Map());
  const wanted = new Set();
  let place = parent.firstChild;
  for (const item of items) {
    wanted.add(item.key);
    let element = known.get(item.key);
    if (!element) {
      element = make(item);
      known.set(item.key, element);
    }
    update?.(element, item);
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  }
  for (const [key, element] of known) {
    if (wanted.has(key)) continue;
    element.remove();
    known.delete(key);
  }
}

/** Sets a text only where it differs: an unchanged node keeps a reader's place in it. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const link = /\bhttps?:\/\/[^\s<>"'`]+/g;

/** A message's text as nodes: text, and links for what is plainly an http address. */
export function textWithLinks(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(link)) {
    // What ends a sentence, or closes a bracket that the address has not opened, is not the address's.
    let address = match[0].replace(/[.,;:!?…]+$/u, '');
    while (address.endsWith(')') && !address.includes('(')) address = address.slice(0, -1);
    let url;
    try {
      url = new URL(address);
    } catch {
      continue;
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') continue;
    nodes.push(text.slice(from, match.index),
      h('a', {href: url.href, target: '_blank', rel: 'noopener noreferrer nofollow'}, address));
    from = match.index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== '');
}

/** Copies a text; where the clipboard is not to be had (no TLS), by way of a selected field. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = h('textarea', {class: 'unseen', readonly: true, value: text});
    const host = document.querySelector('dialog[open]') ?? document.body;
    const before = document.activeElement;
    host.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    before?.focus();
    return done;
  }
}
