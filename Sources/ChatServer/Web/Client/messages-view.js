// A room's messages: days, groups, what waits to be sent; earlier ones as the reader scrolls up. The place in the text stays
// where it is, whatever comes above or below.

import {h, icon, reconcile, setText, textWithLinks} from './dom.js';
import {avatar} from './rooms-view.js';
import {day, fullTime, t, time} from './strings.js';

/** Messages of one person this close together stand as one group. */
const groupMs = 5 * 60_000;
/** This near to an end counts as there. */
const nearPx = 80;
/** From here on more is read. */
const readAheadPx = 600;

/** Returns {element, update(room), toLatest()}. */
export function messagesView({user, live}) {
  let room = null;
  /** The reader is at the newest message and stays there. */
  let isFollowing = true;
  let unseen = 0;
  let lastHead = 0;

  const list = h('div', {class: 'message-list', role: 'log', 'aria-live': 'off', 'aria-label': t('messages')});
  const top = h('p', {class: 'edge', hidden: true}, t('loadingOlder'));
  const empty = h('div', {class: 'blank', hidden: true});
  const scroller = h('div', {class: 'scroller', tabindex: 0, 'aria-label': t('messages'), role: 'region'}, top, empty, list);
  const jump = h('button', {type: 'button', class: 'jump', hidden: true, onclick: () => toLatest()});
  const element = h('div', {class: 'messages'}, scroller, jump);

  scroller.addEventListener('scroll', () => {
    isFollowing = distance() < nearPx && Boolean(room?.timeline.isLive);
    if (isFollowing) unseen = 0;
    readMore();
    see();
    updateJump();
  }, {passive: true});
  // The field below grows, the keyboard opens: the newest stays in view.
  new ResizeObserver(() => {
    if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
  }).observe(scroller);
  document.addEventListener('visibilitychange', see);

  const distance = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

  function readMore() {
    if (!room || live.isReading(room)) return;
    if (scroller.scrollTop < readAheadPx && room.timeline.hasOlder) live.loadOlder(room);
    else if (!room.timeline.isLive && distance() < readAheadPx) live.loadNewer(room);
  }

  function see() {
    if (room && isFollowing && element.isConnected && document.visibilityState === 'visible') live.seen(room);
  }

  async function toLatest() {
    isFollowing = true;
    unseen = 0;
    if (!room.timeline.isLive) await live.loadLatest(room);
    scroller.scrollTop = scroller.scrollHeight;
    updateJump();
  }

  function updateJump() {
    const isShown = Boolean(room?.timeline.isLoaded) && !isFollowing && (distance() > nearPx * 3 || !room.timeline.isLive);
    jump.hidden = !isShown;
    if (!isShown) return;
    jump.replaceChildren(icon('down'),
      h('span', {}, unseen > 0 ? t('newMessagesCount', {count: unseen}) : t('toLatest')));
  }

  function update(next) {
    const isOther = next !== room;
    room = next;
    const {timeline} = room;
    if (isOther) {
      isFollowing = true;
      unseen = 0;
    } else if (!isFollowing && timeline.head > lastHead) {
      unseen += timeline.head - lastHead;
    }
    lastHead = timeline.head;
    const pending = live.pending(room);
    const anchor = isFollowing ? null : firstVisible();
    const before = anchor?.getBoundingClientRect().top;
    reconcile(list, items(room, pending, user), make, refresh);
    top.hidden = !(timeline.isLoaded && timeline.hasOlder);
    showEmpty(pending);
    if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
    else if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
    updateJump();
    see();
    // What is there may not fill the page yet.
    if (timeline.isLoaded && timeline.hasOlder && !live.isReading(room) && scroller.scrollTop < readAheadPx) readMore();
  }

  function showEmpty(pending) {
    const isEmpty = room.timeline.messages.length === 0 && pending.length === 0;
    empty.hidden = !isEmpty;
    if (!isEmpty) return;
    if (room.loadError) {
      empty.replaceChildren(h('p', {}, t('loadFailed')),
        h('button', {type: 'button', class: 'button', onclick: () => live.loadLatest(room)}, t('retry')));
    } else {
      empty.replaceChildren(h('p', {}, room.timeline.isLoaded ? t('emptyRoom') : t('loading')));
    }
  }

  function firstVisible() {
    const edge = scroller.getBoundingClientRect().top;
    for (const child of list.children) {
      if (child.dataset.seq && child.getBoundingClientRect().bottom > edge) return child;
    }
    return null;
  }

  // --- Elements -----------------------------------------------------------------------------------------------------

  function make(item) {
    switch (item.kind) {
      case 'day': return h('div', {class: 'day'}, h('span', {}, item.text));
      case 'divider': return h('div', {class: 'divider', role: 'separator'}, h('span', {}, t('newMessages')));
      case 'notice':
        return h('p', {class: 'notice'}, t(`notice_${item.notice.kind}`, {user: item.notice.username}));
      default: return makeMessage(item);
    }
  }

  function makeMessage({message, entry}) {
    const isMine = Boolean(entry) || message.user_id === user.id;
    const at = new Date(entry ? entry.at : message.created_at);
    const author = entry ? user.username : message.username;
    const content = entry ? entry.content : message.content;
    const element = h('article', {
      class: `message${isMine ? ' mine' : ''}`,
      'data-seq': message?.seq,
      'data-client-id': entry?.id ?? message.client_msg_id,
    },
    !isMine && avatar(message.user_id, message.username),
    h('div', {class: 'bubble-row'},
      h('div', {class: 'bubble'},
        h('span', {class: isMine ? 'author unseen' : 'author', 'data-hue': entry ? null : message.user_id % 8}, author),
        h('p', {class: 'content', dir: 'auto'}, textWithLinks(content)),
        h('span', {class: 'meta'},
          h('time', {datetime: at.toISOString(), title: fullTime(at)}, time(at)),
          entry && h('span', {class: 'delivery'})))));
    return element;
  }

  function refresh(element, item) {
    if (item.kind !== 'message' && item.kind !== 'pending') return;
    element.classList.toggle('first', item.isFirst);
    element.classList.toggle('last', item.isLast);
    if (item.entry) refreshPending(element, item.entry);
  }

  function refreshPending(element, entry) {
    if (element.dataset.state === entry.state) return;
    element.dataset.state = entry.state;
    const delivery = element.querySelector('.delivery');
    const text = {waiting: t('waiting'), sending: t('sending'), sent: t('sent')}[entry.state] ?? t('notSent');
    delivery.replaceChildren(h('span', {class: 'delivery-mark', title: text}), h('span', {class: 'unseen'}, text));
    element.querySelector('.failure')?.remove();
    if (entry.state !== 'failed') return;
    const name = `error_${entry.code}`;
    const reason = t(name) === name ? t('errorGeneric') : t(name);
    element.querySelector('.bubble-row').append(h('p', {class: 'failure', role: 'alert'},
      t('notSentReason', {reason}), ' ',
      h('button', {type: 'button', class: 'link', onclick: () => live.retry(room, entry.id)}, t('retry')), ' · ',
      h('button', {type: 'button', class: 'link', onclick: () => live.discard(room, entry.id)}, t('discard'))));
  }

  return {element, update, toLatest};
}

/** What stands in the list, from top to bottom. Keys name the element: of a room, a message, a day. */
function items(room, pending, user) {
  const result = [];
  const notices = [...room.notices];
  let previous = null;
  let lastDay = null;
  const {messages} = room.timeline;

  const add = (item, at, author) => {
    const text = day(at);
    if (text !== lastDay) {
      lastDay = text;
      previous = null;
      result.push({kind: 'day', key: `${room.id}:d:${item.key}:${text}`, text});
    }
    item.isFirst = !previous || previous.author !== author || at - previous.at > groupMs;
    item.isLast = true;
    if (previous && !item.isFirst) previous.item.isLast = false;
    previous = {item, author, at};
    result.push(item);
  };
  const addNotices = (upTo) => {
    while (notices.length > 0 && notices[0].after <= upTo) {
      const notice = notices.shift();
      result.push({kind: 'notice', key: `${room.id}:n:${notice.id}`, notice});
      previous = null;
    }
  };

  // Notices from before the window have scrolled out of it.
  while (notices.length > 0 && messages.length > 0 && notices[0].after < messages[0].seq - 1) notices.shift();
  for (const message of messages) {
    addNotices(message.seq - 1);
    if (room.divider !== null && message.seq === room.divider + 1) {
      result.push({kind: 'divider', key: `${room.id}:new`});
      previous = null;
    }
    add({kind: 'message', key: `${room.id}:${message.seq}`, message}, new Date(message.created_at), message.user_id);
  }
  if (room.timeline.isLive) addNotices(Infinity);
  for (const entry of pending) {
    add({kind: 'pending', key: `${room.id}:p:${entry.id}`, entry}, new Date(entry.at), user.id);
  }
  return result;
}
