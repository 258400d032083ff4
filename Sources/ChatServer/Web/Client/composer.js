// The field in which a message is written.

import {h, iconButton, setText} from './dom.js';
import {t} from './strings.js';
import {toast} from './notify.js';

/** In Unicode scalars, as the server counts. */
const maxLength = 4_000;
/** From here on the rest is shown. */
const warnAt = 3_600;
const keptDrafts = 50;

/** Returns {element, update(room), focus()}. */
export function composer({live, onsent}) {
  const {drafts} = live;
  let room = null;
  const input = h('textarea', {
    id: 'composer', class: 'input', rows: 1, enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'counter',
  });
  const counter = h('span', {id: 'counter', class: 'counter'});
  const send = iconButton('send', t('send'), submit, {class: 'icon-button send', title: t('enterHint')});
  const element = h('div', {class: 'composer'}, h('div', {class: 'composer-box'}, input, counter, send));

  input.addEventListener('input', () => {
    changed();
    if (room && input.value.trim()) live.typed(room);
  });
  input.addEventListener('keydown', (event) => {
    // With a keyboard of glass there is no Shift: there Enter is a new line, and the button sends.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || matchMedia('(pointer: coarse)').matches) return;
    event.preventDefault();
    submit();
  });

  function text() {
    // A NUL is refused, and half a surrogate pair is no text.
    const value = input.value.replaceAll('\0', '').trim();
    return value.toWellFormed ? value.toWellFormed() : value;
  }

  function changed() {
    const length = [...text()].length;
    const isTooLong = length > maxLength;
    setText(counter, isTooLong ? t('tooLong', {count: length - maxLength}) : length >= warnAt ? String(maxLength - length) : '');
    counter.classList.toggle('over', isTooLong);
    input.setAttribute('aria-invalid', String(isTooLong));
    send.disabled = length === 0 || isTooLong;
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight + 2, 200)}px`;
    if (room) keepDraft();
  }

  function keepDraft() {
    drafts.delete(room.id);
    if (input.value) drafts.set(room.id, input.value);
    if (drafts.size > keptDrafts) drafts.delete(drafts.keys().next().value);
  }

  function submit() {
    const content = text();
    const length = [...content].length;
    if (!room || length === 0 || length > maxLength) return;
    if (!live.send(room, content)) {
      toast(t('outboxFull'), 'bad');
      return;
    }
    input.value = '';
    changed();
    input.focus();
    onsent();
  }

  return {
    element,
    update(next) {
      if (next !== room) {
        room = next;
        input.value = drafts.get(room.id) ?? '';
        changed();
      }
      const label = t('messageTo', {name: room.name});
      if (input.placeholder !== label) {
        input.placeholder = label;
        input.setAttribute('aria-label', label);
      }
    },
    focus: () => input.focus(),
  };
}
