// The open room: its head, its messages, who is typing, and the field to write in. For a stranger: the way in.

import {composer} from './composer.js';
import {field, form} from './dialogs.js';
import {h, icon, iconButton, setText} from './dom.js';
import {messagesView} from './messages-view.js';
import {t} from './strings.js';

/** `actions`: {back(), details(room), members(), join(room)}. Returns {element, update(room), focus()}. */
export function roomView({user, live, actions}) {
  const title = h('h2', {class: 'room-title', dir: 'auto', tabindex: -1});
  const kind = h('span', {class: 'room-kind'});
  const presence = h('span', {class: 'room-presence'});
  const membersButton = iconButton('people', t('members'), actions.members, {id: 'members-button', 'aria-expanded': 'false'});
  const details = iconButton('gear', t('roomDetails'), () => actions.details(shown), {id: 'room-details'});
  const head = h('header', {class: 'room-head'},
    iconButton('back', t('back'), actions.back, {class: 'icon-button back'}),
    kind, h('div', {class: 'room-words'}, title, presence),
    membersButton, details);
  const messages = messagesView({user, live});
  const typing = h('p', {class: 'typing', 'aria-live': 'off'});
  const field = composer({live, onsent: () => messages.toLatest()});
  const inside = h('div', {class: 'room-inside'}, messages.element, typing, field.element);
  const gate = h('div', {class: 'gate', hidden: true});
  const element = h('div', {class: 'room'}, head, inside, gate);
  let shown = null;
  let shape = '';

  function update(room) {
    const isOther = room !== shown;
    shown = room;
    setText(title, room.name);
    const shapeNow = `${room.id} ${room.isPrivate} ${room.isMember}`;
    if (shapeNow !== shape) {
      shape = shapeNow;
      kind.replaceChildren(icon(room.isPrivate ? 'lock' : 'hash'));
      inside.hidden = !room.isMember;
      gate.hidden = room.isMember;
      membersButton.hidden = details.hidden = !room.isMember;
      if (!room.isMember) gate.replaceChildren(publicGate(room));
    }
    setText(presence, room.isMember && room.online !== null ? t('onlineCount', {count: room.online}) : '');
    if (!room.isMember) return;
    field.update(room);
    messages.update(room);
    setText(typing, typingText(room));
    typing.classList.toggle('active', typing.textContent !== '');
    // Where typing brings up a keyboard of glass, it is not brought up unasked.
    if (isOther && !matchMedia('(pointer: coarse)').matches) field.focus();
  }

  function publicGate(room) {
    return h('div', {class: 'card'}, h('h3', {}, room.name), h('p', {}, t('joinPublic')),
      form([], t('join'), () => actions.join(room)));
  }

  return {element, update, focus: () => (shown?.isMember ? field.focus() : title.focus())};
}

function typingText(room) {
  const names = [...room.typing.values()].map(({username}) => username);
  if (names.length === 0) return '';
  if (names.length === 1) return t('typingOne', {user: names[0]});
  if (names.length === 2) return t('typingTwo', {user: names[0], other: names[1]});
  return t('typingMany');
}

/** What is shown in the place of a room that is not to be seen; a private one may open to its code. */
export function closedRoomView({id, back, join}) {
  const code = field(t('accessCode'), {name: 'code', autocomplete: 'off', maxlength: 64});
  return h('div', {class: 'room'},
    h('header', {class: 'room-head'},
      iconButton('back', t('back'), back, {class: 'icon-button back'}),
      h('div', {class: 'room-words'}, h('h2', {class: 'room-title'}, t('roomNumberIs', {id})))),
    h('div', {class: 'gate'}, h('div', {class: 'card'}, h('h3', {}, t('roomNotThere')), h('p', {}, t('roomNotThereHint')),
      form([code.element], t('join'), () => join(code.input.value)))));
}
