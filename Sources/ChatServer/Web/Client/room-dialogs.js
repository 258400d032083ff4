// Making a room, joining one with a code, and what its owner can do with it.

import {choice, confirm, field, form, openDialog} from './dialogs.js';
import {copy, h, icon} from './dom.js';
import {toast} from './notify.js';
import {errorText, fullTime, t} from './strings.js';

const address = (hash) => `${location.origin}/${hash}`;

/** A field that shows an address, and a button that copies it. */
function copyable(label, text) {
  const {element, input} = field(label, {readonly: true, value: text, onfocus: () => input.select()});
  const button = h('button', {
    type: 'button', class: 'button', onclick: async () => {
      if (await copy(text)) toast(t('copied'));
      else toast(t('copyFailed'), 'bad');
    },
  }, icon('copy'), t('copyLink'));
  element.classList.add('copyable');
  element.append(button);
  return element;
}

/** public, by code, or by invitation; with the field of the code. `access()` gives {isPrivate, code}. */
function accessFields(kinds, selected) {
  const code = field(t('accessCode'), {name: 'code', autocomplete: 'off', maxlength: 64}, t('accessCodeHint'));
  const kind = h('fieldset', {class: 'kinds'}, h('legend', {}, t('access')), kinds.map((name) => h('label', {class: 'kind'},
    h('input', {type: 'radio', name: 'kind', value: name, checked: name === selected, onchange: update}),
    h('span', {}, h('strong', {}, t(`kind_${name}`)), h('span', {class: 'hint'}, t(`kindHint_${name}`))))));
  const chosen = () => kind.querySelector('input:checked')?.value;
  function update() {
    code.element.hidden = chosen() !== 'code';
  }
  update();
  return {
    elements: [kind, code.element],
    access: () => ({isPrivate: chosen() !== 'public', code: chosen() === 'code' ? code.input.value : null}),
  };
}

/** `go(room)` opens it. */
export function createRoomDialog(rooms, go) {
  const name = field(t('roomName'), {name: 'name', autocomplete: 'off', maxlength: 100, required: true, autofocus: true});
  const {elements, access} = accessFields(['public', 'code', 'invitation'], 'public');
  const dialog = openDialog(t('newRoom'), form([name.element, ...elements], t('create'), async () => {
    const {isPrivate, code} = access();
    const room = await rooms.create(name.input.value.trim(), isPrivate, code);
    dialog.close();
    go(room);
  }));
}

export function joinDialog(rooms, go) {
  const id = field(t('roomNumber'), {name: 'room', inputmode: 'numeric', autocomplete: 'off', required: true, autofocus: true});
  const code = field(t('accessCode'), {name: 'code', autocomplete: 'off', maxlength: 64});
  const dialog = openDialog(t('joinWithCode'), form([id.element, code.element], t('join'), async () => {
    // "Room 12" and "#12" are meant well.
    const room = await rooms.join(Number(id.input.value.replace(/\D/g, '')), code.input.value);
    dialog.close();
    go(room);
  }));
}

/** The room's settings: for its owner all of them, for members its link and the way out. */
export function roomDialog(room, rooms) {
  const isOwner = room.role === 'owner';
  const content = h('div', {class: 'sections'});
  const dialog = openDialog(isOwner ? t('roomDetails') : room.name, content);
  const done = (text) => toast(text);

  content.append(h('section', {},
    h('p', {class: 'hint'}, `${t('roomNumberIs', {id: room.id})} · ${t(room.isPrivate ? 'kind_private' : 'kind_public')}`),
    copyable(t('roomLink'), address(`#/rooms/${room.id}`))));
  if (!isOwner) {
    content.append(h('div', {class: 'dialog-actions'}, h('button', {
      type: 'button', class: 'button danger', onclick: async () => {
        if (!await confirm(t('confirmLeave', {name: room.name}), t('leave'))) return;
        try {
          await rooms.leave(room.id);
          dialog.close();
        } catch (error) {
          toast(errorText(error), 'bad');
        }
      },
    }, t('leave'))));
    return;
  }

  const name = field(t('roomName'), {name: 'name', value: room.name, maxlength: 100, autocomplete: 'off'});
  content.append(h('section', {}, form([name.element], t('change'), async () => {
    await rooms.change(room.id, {name: name.input.value.trim()});
    done(t('renamed'));
  })));
  if (room.isPrivate) {
    const {elements, access} = accessFields(['code', 'invitation'], null);
    content.append(h('section', {}, form(elements, t('change'), async () => {
      const {code} = access();
      await rooms.change(room.id, {access_code: code});
      done(t('accessChanged'));
    })));
  }
  content.append(invitations(room, rooms));
  content.append(h('section', {class: 'danger-zone'}, h('h3', {}, t('dangerZone')), h('button', {
    type: 'button', class: 'button danger', onclick: async () => {
      if (!await confirm(t('confirmDelete', {name: room.name}), t('deleteRoom'))) return;
      try {
        await rooms.remove(room.id);
        dialog.close();
      } catch (error) {
        toast(errorText(error), 'bad');
      }
    },
  }, icon('trash'), t('deleteRoom'))));
}

function invitations(room, rooms) {
  const uses = choice(t('uses'), [['', t('unlimited')], ...['1', '5', '25', '100'].map((n) => [n, n])], '1');
  const expires = choice(t('expires'),
    [['3600', t('inHour')], ['86400', t('inDay')], ['604800', t('inWeek')], ['', t('never')]], '604800');
  const fresh = h('div', {'aria-live': 'polite'});
  const list = h('ul', {class: 'invitations'});
  const element = h('section', {}, h('h3', {}, t('invitations')),
    form([h('div', {class: 'pair'}, uses.element, expires.element)], t('invite'), async () => {
      const invitation = await rooms.invite(room.id, Number(uses.input.value), Number(expires.input.value));
      fresh.replaceChildren(copyable(t('invitationLink'), address(`#/invite/${invitation.code}`)));
      show();
    }), fresh, list);

  async function show() {
    let all;
    try {
      all = await rooms.invitations(room.id);
    } catch (error) {
      // An older server cannot list them.
      list.replaceChildren(error.isUnsupported ? '' : h('li', {class: 'hint'}, errorText(error)));
      return;
    }
    if (all.length === 0) list.replaceChildren(h('li', {class: 'hint'}, t('noInvitations')));
    else list.replaceChildren(...all.map(line));
  }

  function line(invitation) {
    const used = invitation.max_uses === null ? t('usesSome', {count: invitation.uses})
      : t('usesOf', {uses: invitation.uses, max: invitation.max_uses});
    const until = invitation.expires_at && t('expiresAt', {time: fullTime(new Date(invitation.expires_at))});
    const link = address(`#/invite/${invitation.code}`);
    const name = invitation.code.slice(0, 6);
    return h('li', {class: 'invitation', 'data-code': invitation.code},
      h('span', {class: 'invitation-words'},
        h('code', {}, `${name}…`), h('span', {class: 'hint'}, [used, until].filter(Boolean).join(' · '))),
      h('button', {
        type: 'button', class: 'button small', 'aria-label': `${t('copyLink')} ${name}`, onclick: async () => {
          if (await copy(link)) toast(t('copied'));
          else toast(t('copyFailed'), 'bad');
        },
      }, t('copyLink')),
      h('button', {
        type: 'button', class: 'button small danger', 'aria-label': `${t('revoke')} ${name}`, onclick: async () => {
          try {
            await rooms.revoke(room.id, invitation.code);
            toast(t('revoked'));
            fresh.replaceChildren();
          } catch (error) {
            toast(errorText(error), 'bad');
          }
          show();
        },
      }, t('revoke')));
  }
  show();
  return element;
}
