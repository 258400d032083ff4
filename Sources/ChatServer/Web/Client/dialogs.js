// Dialogs: the platform's own, which keep the focus inside, close with Escape and give the focus back.

import {h, iconButton} from './dom.js';
import {errorText, t} from './strings.js';

let count = 0;

/** Opens a dialog around `content`. Returns {element, close}. */
export function openDialog(title, content, {onclose} = {}) {
  const id = `dialog-${(count += 1)}`;
  const element = h('dialog', {'aria-labelledby': id, class: 'dialog'},
    h('div', {class: 'dialog-head'},
      h('h2', {id}, title),
      iconButton('close', t('close'), () => element.close())),
    h('div', {class: 'dialog-body'}, content));
  // A press outside closes it, as Escape does; one that began inside does not.
  let pressedOutside = false;
  element.addEventListener('pointerdown', (event) => {
    pressedOutside = event.target === element;
  });
  element.addEventListener('click', (event) => {
    if (event.target === element && pressedOutside) element.close();
  });
  element.addEventListener('close', () => {
    element.remove();
    onclose?.();
  });
  document.body.append(element);
  element.showModal();
  return {element, close: () => element.close()};
}

/** Asks; resolves to true or false. */
export function confirm(question, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = openDialog(question, h('div', {class: 'dialog-actions'},
      h('button', {type: 'button', class: 'button', autofocus: true, onclick: () => dialog.close()}, t('cancel')),
      h('button', {
        type: 'button', class: 'button danger', onclick: () => {
          answer = true;
          dialog.close();
        },
      }, yes)), {onclose: () => resolve(answer)});
  });
}

/** A labelled input: {element, input}. */
export function field(label, attributes = {}, hint = null) {
  const id = `field-${(count += 1)}`;
  const input = h('input', {id, class: 'input', 'aria-describedby': hint ? `${id}-hint` : null, ...attributes});
  const element = h('div', {class: 'field'},
    h('label', {for: id}, label), input, hint && h('p', {id: `${id}-hint`, class: 'hint'}, hint));
  return {element, input};
}

/** A labelled select; `options` are [value, text] pairs. */
export function choice(label, options, value, onchange = null) {
  const id = `field-${(count += 1)}`;
  const input = h('select', {id, class: 'input', onchange: onchange && (() => onchange(input.value))},
    options.map(([key, text]) => h('option', {value: key, selected: key === value}, text)));
  return {element: h('div', {class: 'field'}, h('label', {for: id}, label), input), input};
}

/** A form whose submission is `action`; while it runs nothing can be sent twice, and what went wrong is said in it. */
export function form(contents, submitLabel, action, extra = null) {
  const problem = h('p', {class: 'problem', role: 'alert'});
  const submit = h('button', {type: 'submit', class: 'button primary'}, submitLabel);
  return h('form', {
    class: 'form',
    novalidate: true,
    onsubmit: async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      submit.disabled = true;
      problem.textContent = '';
      try {
        await action();
      } catch (error) {
        problem.textContent = errorText(error);
      } finally {
        submit.disabled = false;
      }
    },
  }, contents, problem, h('div', {class: 'dialog-actions'}, extra, submit));
}
