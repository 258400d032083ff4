// The start: who is signed in decides what is shown.

import {authView} from './auth-view.js';
import {Live} from './live.js';
import {mainView} from './main-view.js';
import {toast} from './notify.js';
import {Rooms} from './rooms.js';
import {Session} from './session.js';
import {applyTheme} from './settings.js';
import {Socket} from './socket.js';
import {t} from './strings.js';

applyTheme();

const host = document.getElementById('app');
const session = new Session();
/** What belongs to the user who is signed in. */
let inside = null;
let view = null;

const router = {
  /** {name: 'home'}, {name: 'room', id}, {name: 'invite', code} */
  current() {
    const room = /^#\/rooms\/(\d{1,16})$/.exec(location.hash);
    if (room) return {name: 'room', id: Number(room[1])};
    const invite = /^#\/invite\/([\w.~-]{1,200})$/.exec(location.hash);
    if (invite) return {name: 'invite', code: invite[1]};
    return {name: 'home'};
  },
  go(hash, replaces = false) {
    if (location.hash === hash) view?.route?.();
    else if (replaces) location.replace(hash);
    else location.hash = hash;
  },
};

function enter() {
  const rooms = new Rooms(session);
  const socket = new Socket(session, () => {
    const place = router.current();
    return place.name === 'room' ? place.id : null;
  });
  inside = {rooms, socket, live: new Live(session.user, socket, rooms)};
}

function leave() {
  inside?.live.end();
  inside?.socket.end();
  inside = null;
}

function show() {
  view?.end?.();
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  if (session.user) {
    view = mainView({session, ...inside, router, onlanguage: show});
    host.replaceChildren(view.element);
    view.route();
  } else {
    document.title = 'ChatBench';
    view = {element: authView(session, {isInvited: router.current().name === 'invite', onlanguage: show})};
    host.replaceChildren(view.element);
    host.querySelector('input')?.focus();
  }
}

session.on('changed', (user, why) => {
  leave();
  if (user) {
    enter();
    inside.socket.start();
  } else {
    if (router.current().name === 'room') history.replaceState(null, '', '#/');
    toast(why === 'expired' ? t('sessionEnded') : t('signedOut'));
  }
  show();
});
addEventListener('hashchange', () => {
  if (view?.route) view.route();
  else show();
});

if (session.user) {
  enter();
  inside.socket.start();
}
show();
