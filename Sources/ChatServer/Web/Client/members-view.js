// Who belongs to the room, and who is here now.

import {confirm} from './dialogs.js';
import {h, iconButton, reconcile, setText} from './dom.js';
import {toast} from './notify.js';
import {avatar} from './rooms-view.js';
import {errorText, t} from './strings.js';

/** Returns {element, update(room)}. */
export function membersView({user, rooms, live, onclose}) {
  const online = h('ul', {class: 'member-list', 'aria-labelledby': 'online-head'});
  const offline = h('ul', {class: 'member-list', 'aria-labelledby': 'offline-head'});
  const onlineHead = h('h3', {class: 'list-head', id: 'online-head'});
  const offlineHead = h('h3', {class: 'list-head', id: 'offline-head'});
  const note = h('p', {class: 'hint empty'});
  const element = h('aside', {class: 'members', 'aria-label': t('members')},
    h('header', {class: 'members-head'}, h('h2', {}, t('members')), iconButton('close', t('close'), onclose)),
    h('div', {class: 'side-scroll'}, onlineHead, online, offlineHead, offline, note));

  function make({room, member}) {
    const canRemove = room.role === 'owner' && member.user_id !== user.id;
    return h('li', {class: 'member', 'data-user': member.user_id},
      avatar(member.user_id, member.username),
      h('span', {class: 'member-name'}, member.username,
        member.user_id === user.id && h('span', {class: 'hint'}, ` (${t('you')})`)),
      member.role === 'owner' && h('span', {class: 'tag'}, t('owner')),
      canRemove && iconButton('close', t('removeMember', {user: member.username}), () => remove(room, member)));
  }

  async function remove(room, member) {
    if (!await confirm(t('confirmRemove', {user: member.username, name: room.name}), t('remove'))) return;
    try {
      await rooms.removeMember(room.id, member.user_id);
      room.members = room.members?.filter((other) => other.user_id !== member.user_id) ?? null;
      live.emit('room', room);
    } catch (error) {
      toast(errorText(error), 'bad');
    }
  }

  return {
    element,
    update(room) {
      const members = [...room.members ?? []].sort((a, b) => a.username.localeCompare(b.username));
      const part = (isOnline) => members.filter((member) => Boolean(member.online) === isOnline)
        .map((member) => ({key: `${room.id}:${member.user_id}:${room.role}`, room, member}));
      const here = part(true);
      const away = part(false);
      reconcile(online, here, make);
      reconcile(offline, away, make);
      setText(onlineHead, `${t('online')} · ${here.length}`);
      setText(offlineHead, `${t('offlineMembers')} · ${away.length}`);
      offlineHead.hidden = away.length === 0;
      const text = room.membersError ? errorText(room.membersError)
        : room.members === null ? t('loading')
          : members.length >= 1_000 ? t('membersMore', {count: members.length}) : '';
      setText(note, text);
      note.hidden = text === '';
    },
  };
}
