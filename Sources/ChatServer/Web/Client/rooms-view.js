// The side: the connection's state, the rooms with what is unread, and what there is to discover.

import {h, icon, iconButton, reconcile, setText} from './dom.js';
import {day, number, t, time} from './strings.js';

/** Public rooms shown before "show more". */
const discoverStep = 30;

/** `actions`: {create(), joinWithCode(), settings()}. Returns {element, update(), focusSearch()}. */
export function roomsView({user, socket, rooms, live, actions}) {
  let shown = discoverStep;
  const search = h('input', {
    class: 'input search', type: 'search', placeholder: t('search'), 'aria-label': t('search'), autocomplete: 'off',
    oninput: () => {
      shown = discoverStep;
      update();
    },
  });
  const own = h('ul', {class: 'room-list'});
  const ownEmpty = h('p', {class: 'hint empty'});
  const discover = h('ul', {class: 'room-list'});
  const discoverHead = h('h2', {class: 'list-head', id: 'discover-head'}, t('discover'));
  const more = h('button', {
    type: 'button', class: 'button quiet wide', onclick: () => {
      if (rooms.toDiscover().length > shown) shown += discoverStep;
      else rooms.more().catch(() => {});
      update();
    },
  });
  const state = connectionView(socket);

  const element = h('nav', {class: 'side', 'aria-label': t('rooms')},
    h('header', {class: 'side-head'},
      h('h1', {class: 'brand'}, h('img', {src: '/assets/icon.svg', alt: '', width: 28, height: 28}), 'ChatBench'),
      iconButton('code', t('joinWithCode'), actions.joinWithCode),
      iconButton('plus', t('newRoom'), actions.create, {id: 'new-room'})),
    state.element,
    h('div', {class: 'search-row'}, icon('search'), search),
    h('div', {class: 'side-scroll'},
      h('h2', {class: 'list-head', id: 'own-head'}, t('yourRooms')), ownEmpty, own,
      discoverHead, discover, more),
    h('footer', {class: 'side-foot'},
      avatar(user.id, user.username),
      h('span', {class: 'me', title: t('user', {user: user.username})}, user.username),
      iconButton('gear', t('settings'), actions.settings, {id: 'settings'})));
  own.setAttribute('aria-labelledby', 'own-head');
  discover.setAttribute('aria-labelledby', 'discover-head');

  function update() {
    const wanted = search.value.trim().toLocaleLowerCase();
    const matches = (room) => !wanted || room.name.toLocaleLowerCase().includes(wanted) || String(room.id) === wanted;
    const mine = rooms.own().filter(matches);
    const others = rooms.toDiscover().filter(matches);
    reconcile(own, mine.map(item), makeRoom, updateRoom);
    reconcile(discover, others.slice(0, shown).map(item), makeRoom, updateRoom);
    const isEmpty = mine.length === 0 && !rooms.isLoading;
    ownEmpty.hidden = !isEmpty;
    setText(ownEmpty, wanted ? t('noMatch') : t('noRooms'));
    discoverHead.hidden = others.length === 0 && !rooms.hasMore;
    more.hidden = others.length <= shown && !rooms.hasMore;
    setText(more, others.length > shown ? t('showMore') : rooms.isLoading ? t('loading') : t('findMore'));
    const unread = rooms.unreadRooms;
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${live.current ? `${live.current.name} · ` : ''}ChatBench`;
  }

  const item = (room) => ({key: room.id, room, isCurrent: room === live.current});

  return {element, update, updateState: state.update, focusSearch: () => search.focus(), end: state.end};
}

function makeRoom({room}) {
  const badge = h('span', {class: 'badge'});
  const link = h('a', {class: 'room-link', href: `#/rooms/${room.id}`},
    h('span', {class: 'room-icon'}, icon(room.isPrivate ? 'lock' : 'hash')),
    h('span', {class: 'room-words'},
      h('span', {class: 'room-line'}, h('span', {class: 'room-name', dir: 'auto'}), h('time', {class: 'room-time'})),
      h('span', {class: 'room-line'}, h('span', {class: 'room-preview', dir: 'auto'}), badge)));
  return h('li', {'data-room': room.id}, link);
}

function updateRoom(element, {room, isCurrent}) {
  const link = element.firstChild;
  setText(link.querySelector('.room-name'), room.name);
  const latest = room.isMember ? room.latest : null;
  setText(link.querySelector('.room-time'), latest ? shortTime(new Date(latest.created_at)) : '');
  setText(link.querySelector('.room-preview'), latest ? `${latest.username}: ${latest.content.slice(0, 120)}`
    : t(room.isPrivate ? 'kind_private' : 'kind_public'));
  const badge = link.querySelector('.badge');
  const unread = room.unread;
  badge.hidden = unread === 0;
  if (unread > 0) {
    badge.replaceChildren(h('span', {'aria-hidden': 'true'}, unread > 99 ? '99+' : number(unread)),
      h('span', {class: 'unseen'}, t('unread', {count: unread})));
  }
  link.classList.toggle('unread', unread > 0);
  if (isCurrent) link.setAttribute('aria-current', 'page');
  else link.removeAttribute('aria-current');
}

function shortTime(date) {
  const today = day(date) === t('today');
  return today ? time(date) : day(date) === t('yesterday') ? t('yesterday')
    : date.toLocaleDateString(document.documentElement.lang, {day: 'numeric', month: 'short'});
}

/** Initials on a colour that stays with the user. */
export function avatar(userID, username) {
  return h('span', {class: 'avatar', 'data-hue': userID % 8, 'aria-hidden': 'true'}, username.slice(0, 2));
}

function connectionView(socket) {
  const text = h('span', {class: 'state-text'});
  const hurry = h('button', {type: 'button', class: 'link', onclick: () => socket.hurry()}, t('tryNow'));
  const element = h('div', {class: 'state', 'data-state': 'off'},
    h('span', {class: 'dot'}), h('span', {role: 'status'}, text), hurry);
  let wasOpen = false;

  function update() {
    const {name, until, instance} = socket.state;
    element.dataset.state = name;
    element.dataset.instance = instance ?? '';
    if (name === 'open') wasOpen = true;
    hurry.hidden = name !== 'waiting';
    const seconds = Math.ceil(((until ?? 0) - Date.now()) / 1000);
    element.title = name === 'open' ? t('connectedTo', {instance}) : '';
    if (name === 'open') setText(text, t('connected'));
    else if (navigator.onLine === false) setText(text, t('offline'));
    // A count is read out once a change, so it only starts where there is something to wait for.
    else if (name === 'waiting' && seconds > 3) setText(text, t('reconnectingIn', {count: Math.ceil(seconds / 5) * 5}));
    else setText(text, t(wasOpen ? 'reconnecting' : 'connecting'));
  }
  update();
  const timer = setInterval(() => {
    if (socket.state.name === 'waiting') update();
  }, 1_000);
  return {element, update, end: () => clearInterval(timer)};
}
