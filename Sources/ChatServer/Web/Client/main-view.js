// Everything behind the door: the side with the rooms, the open room, its members.

import {preferences} from './auth-view.js';
import {confirm, openDialog} from './dialogs.js';
import {h} from './dom.js';
import {membersView} from './members-view.js';
import {announce, toast} from './notify.js';
import {createRoomDialog, joinDialog, roomDialog} from './room-dialogs.js';
import {closedRoomView, roomView} from './room-view.js';
import {roomsView} from './rooms-view.js';
import {errorText, t} from './strings.js';

/** The list is read again when the reader comes back after this long. */
const staleMs = 60_000;
/** And about so often while somebody looks at it. */
const reloadMs = 5 * 60_000;

/** Returns {element, route(), end()}. `router`: {current(), go(hash)}. */
export function mainView({session, socket, rooms, live, router, onlanguage}) {
  const user = session.user;
  const go = (room) => router.go(`#/rooms/${room.id}`);
  let wanted = 0;
  let isShowingMembers = false;
  let frame = null;
  let loadedAt = 0;
  let midnight = null;
  let reloading = null;

  const actions = {
    create: () => createRoomDialog(rooms, go),
    joinWithCode: () => joinDialog(rooms, go),
    settings: () => settingsDialog(session, live, onlanguage),
    back: () => router.go('#/'),
    details: (room) => roomDialog(room, rooms),
    members: () => showMembers(!isShowingMembers),
    join: async (room) => {
      const joined = await rooms.join(room.id);
      toast(t('joined', {name: joined.name}));
      live.open(joined);
    },
  };
  const side = roomsView({user, socket, rooms, live, actions});
  const room = roomView({user, live, actions});
  const members = membersView({user, rooms, live, onclose: () => showMembers(false, true)});
  const main = h('main', {class: 'main'});
  const shell = h('div', {class: 'shell', 'data-pane': 'rooms'},
    h('button', {type: 'button', class: 'skip', onclick: () => room.focus()}, t('skip')),
    side.element, main, members.element);
  members.element.hidden = true;
  const welcome = h('div', {class: 'welcome'},
    h('img', {src: '/assets/icon.svg', alt: '', width: 72, height: 72}), h('h2', {}, t('pickRoom')), h('p', {}, t('pickRoomHint')),
    h('button', {type: 'button', class: 'button primary', onclick: actions.create}, t('newRoom')));

  /** However much happens, the page is brought up to date once a frame. */
  function invalidate() {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      side.update();
      const current = live.current;
      if (!current || room.element.parentNode !== main) return;
      room.update(current);
      if (isShowingMembers) members.update(current);
    });
  }

  /** "Today" is "Yesterday" from then on. */
  function awaitMidnight() {
    const now = new Date();
    const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    midnight = setTimeout(() => {
      invalidate();
      awaitMidnight();
    }, next - now + 500);
  }

  function show(content) {
    if (main.firstChild !== content) main.replaceChildren(content);
    shell.dataset.pane = content === welcome ? 'rooms' : 'room';
    if (!live.current?.isMember) showMembers(false);
  }

  function showMembers(isShown, givesFocusBack = false) {
    isShowingMembers = isShown && Boolean(live.current?.isMember);
    members.element.hidden = !isShowingMembers;
    shell.classList.toggle('with-members', isShowingMembers);
    const button = document.getElementById('members-button');
    button?.setAttribute('aria-expanded', String(isShowingMembers));
    if (givesFocusBack) button?.focus();
    if (isShowingMembers) live.loadMembers(live.current);
    invalidate();
  }

  async function route() {
    const mine = (wanted += 1);
    const place = router.current();
    if (place.name === 'invite') {
      await accept(place.code);
      return;
    }
    if (place.name !== 'room') {
      live.open(null);
      show(welcome);
      invalidate();
      return;
    }
    try {
      const next = rooms.get(place.id) ?? await rooms.fetch(place.id);
      if (mine !== wanted) return;
      live.open(next);
      show(room.element);
      room.update(next);
      if (isShowingMembers) live.loadMembers(next);
    } catch (error) {
      if (mine !== wanted) return;
      live.open(null);
      if (error.status === 404) {
        show(closedRoomView({
          id: place.id, back: actions.back, join: async (code) => {
            await rooms.join(place.id, code);
            route();
          },
        }));
      } else {
        toast(errorText(error), 'bad');
        show(welcome);
      }
    }
    invalidate();
  }

  async function accept(code) {
    try {
      const joined = await rooms.accept(code);
      toast(t('joined', {name: joined.name}));
      router.go(`#/rooms/${joined.id}`, true);
    } catch (error) {
      toast(error.status === 404 ? t('invitationUnknown') : errorText(error), 'bad');
      router.go('#/', true);
    }
  }

  async function load(isQuiet = false) {
    loadedAt = Date.now();
    try {
      await rooms.load();
    } catch (error) {
      if (error.status !== 401 && !isQuiet) toast(errorText(error), 'bad');
    }
    live.preview(rooms.own());
  }

  function reloadLater() {
    reloading = setTimeout(() => {
      if (document.visibilityState === 'visible' && socket.isOpen) load(true);
      reloadLater();
    }, reloadMs * (0.75 + Math.random() / 2));
  }

  const onVisible = () => {
    if (document.visibilityState === 'visible' && Date.now() - loadedAt > staleMs) load();
  };
  const onKey = (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      if (shell.dataset.pane === 'room' && matchMedia('(max-width: 760px)').matches) router.go('#/');
      side.focusSearch();
    } else if (event.key === 'Escape' && isShowingMembers && !document.querySelector('dialog[open]')) {
      showMembers(false, true);
    }
  };
  const onUnload = (event) => {
    if (live.hasUnsent) event.preventDefault();
  };
  document.addEventListener('visibilitychange', onVisible);
  document.addEventListener('keydown', onKey);
  addEventListener('beforeunload', onUnload);

  const ends = [
    socket.on('state', () => {
      side.updateState();
      invalidate();
    }),
    rooms.on('changed', invalidate),
    rooms.on('closed', (closed, reason) => {
      const place = router.current();
      toast(t(`roomClosed_${reason}`, {name: closed.name}));
      if (place.name === 'room' && place.id === closed.id) router.go('#/');
    }),
    live.on('room', invalidate),
    live.on('message', (where, message) => {
      if (where === live.current) announce(`${message.username}: ${message.content.slice(0, 200)}`);
    }),
  ];

  load();
  reloadLater();
  awaitMidnight();
  return {
    element: shell,
    route,
    end() {
      for (const end of ends) end();
      side.end();
      cancelAnimationFrame(frame);
      clearTimeout(midnight);
      clearTimeout(reloading);
      document.removeEventListener('visibilitychange', onVisible);
      document.removeEventListener('keydown', onKey);
      removeEventListener('beforeunload', onUnload);
    },
  };
}

function settingsDialog(session, live, onlanguage) {
  const dialog = openDialog(t('settings'), h('div', {class: 'sections'},
    h('section', {}, preferences(() => {
      dialog.close();
      onlanguage();
    })),
    h('section', {}, h('p', {}, t('user', {user: session.user.username})),
      h('button', {
        type: 'button', class: 'button', id: 'sign-out', onclick: () => {
          dialog.close();
          session.signOut();
        },
      }, t('signOut')))));
}
