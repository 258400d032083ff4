// What happens now: joins the rooms on the socket, puts messages in order, recovers what was missed, sends what was
// written. Everything a view shows of a room comes from here and from rooms.js.

import {Emitter} from './emitter.js';
import {Outbox} from './outbox.js';
import {windowSize} from './timeline.js';

/** Rooms that are joined on the socket; the others are brought up to date by the list. */
const joinLimit = 100;
/** Rooms whose messages are kept, the most recently opened ones. */
const keptTimelines = 8;
/** How long a message may overtake the one before it. */
const holeMs = 400;
/** After history could not be read. */
const refillMs = 3_000;
const ackTimeoutMs = 10_000;
/** Refusals for a passing reason before a message counts as failed. */
const maxTries = 8;
const typingEveryMs = 2_500;
const typingShownMs = 5_000;
const noticeLimit = 20;
const fillPage = 200;

const transient = new Set(['rate_limited', 'overloaded', 'internal_error']);

/**
 * Emits `room` (room): something of it is to be shown anew; `message` (room, message): a new one from somebody else, as it
 * comes.
 */
export class Live extends Emitter {
  #user;
  #socket;
  #rooms;
  #outbox;
  #opened = [];
  #holeTimers = new Map();
  #reading = new Map();
  #readTimers = new Map();
  #joinTimers = new Map();
  #typingTimers = new Map();
  #lastTyping = 0;
  #noticeID = 0;
  #ends = [];
  #ackTimers = new Map();
  #joining = null;
  /** There was a connection, or an attempt, before the one to come. */
  #isBehind = false;
  /** When this one began, if so, by performance.now(): what was known of rooms before may no longer hold. */
  #renewedAt = 0;
  #reloadTimer = null;
  #checking = new Map();
  current = null;
  /** What is being written, by room id: no longer than the session. */
  drafts = new Map();

  constructor(user, socket, rooms) {
    super();
    this.#user = user;
    this.#socket = socket;
    this.#rooms = rooms;
    this.#outbox = new Outbox(user.id);
    this.#ends = [
      socket.on('event', (event) => this.#received(event)),
      socket.on('closed', () => this.#lost()),
      rooms.on('closed', (room) => this.#forget(room)),
      rooms.on('changed', () => this.#joinSoon()),
    ];
  }

  /** The user has gone; nothing of theirs goes on. */
  end() {
    for (const end of this.#ends) end();
    clearTimeout(this.#joining);
    clearTimeout(this.#reloadTimer);
    const timers = [this.#holeTimers, this.#readTimers, this.#joinTimers, this.#typingTimers, this.#ackTimers];
    for (const timer of timers.flatMap((map) => [...map.values()])) clearTimeout(timer);
  }

  get hasUnsent() {
    return !this.#outbox.isEmpty;
  }

  pending(room) {
    return this.#outbox.of(room.id);
  }

  // --- Opening a room and its history -----------------------------------------------------------------------------

  /** Shows this room from now on; null: none. */
  open(room) {
    this.current = room;
    if (!room) return;
    this.#opened = [room, ...this.#opened.filter((other) => other !== room)];
    for (const other of this.#opened.splice(keptTimelines)) other.timeline.clear();
    room.divider = room.unread > 0 ? room.lastReadSeq : null;
    if (this.#isStale(room)) this.#check(room);
    this.#joinAll();
    if (room.isMember && !room.timeline.isLoaded) this.loadLatest(room);
    this.emit('room', room);
  }

  /** The latest page, in place of the window. */
  async loadLatest(room) {
    await this.#once(room, async () => {
      room.loadError = null;
      try {
        const page = await this.#rooms.history(room.id, '');
        room.timeline.reset(page.messages, page.has_more);
        this.#taken(room, room.timeline.messages, false);
      } catch (error) {
        room.loadError = error;
      }
      this.emit('room', room);
    }, true);
    this.#checkHole(room);
  }

  /** The page before the window. */
  async loadOlder(room) {
    const {timeline} = room;
    if (!timeline.isLoaded || !timeline.hasOlder || Date.now() < room.readAgainAt) return;
    await this.#once(room, async () => {
      timeline.awaitsOlder = true;
      try {
        const page = await this.#rooms.history(room.id, `before_seq=${timeline.first}`);
        timeline.prepend(page.messages, page.has_more);
      } finally {
        timeline.awaitsOlder = false;
      }
      this.emit('room', room);
    });
  }

  /** The page after a window that is no longer live. */
  async loadNewer(room) {
    const {timeline} = room;
    if (!timeline.isLoaded || timeline.isLive || Date.now() < room.readAgainAt) return;
    await this.#once(room, async () => {
      const page = await this.#rooms.history(room.id, `after_seq=${timeline.last}`);
      timeline.extend(page.messages);
      this.#taken(room, timeline.messages, false);
      this.emit('room', room);
    });
    this.#checkHole(room);
  }

  isReading(room) {
    return this.#reading.has(room.id);
  }

  /** One read of a room's history at a time; another one waits for it or is not made. Returns whether it succeeded. */
  async #once(room, action, waits = false) {
    while (this.#reading.has(room.id)) {
      if (!waits) return true;
      await this.#reading.get(room.id);
    }
    const done = action().then(() => true, () => false);
    this.#reading.set(room.id, done);
    this.emit('room', room);
    const succeeded = await done;
    this.#reading.delete(room.id);
    if (!succeeded) room.readAgainAt = Date.now() + refillMs;
    this.emit('room', room);
    return succeeded;
  }

  /** A hole that lasts is read from history, until the window reaches what is known to be stored. */
  #checkHole(room, afterMs = holeMs) {
    if (!room.timeline.hasHole || this.#holeTimers.has(room.id)) return;
    this.#holeTimers.set(room.id, setTimeout(async () => {
      const succeeded = !room.timeline.hasHole || !room.isMember || await this.#fill(room);
      this.#holeTimers.delete(room.id);
      if (room.isMember) this.#checkHole(room, succeeded ? holeMs : refillMs);
    }, afterMs));
  }

  /** Returns false where history could not be read. */
  async #fill(room) {
    const {timeline} = room;
    if (!timeline.isLive) {
      timeline.skip();
      this.#settle(room);
      return true;
    }
    if (timeline.target - timeline.head > windowSize) {
      // So much that the window would not hold it: the latest, and the rest by scrolling up.
      await this.loadLatest(room);
      return !room.loadError;
    }
    return this.#once(room, async () => {
      while (timeline.hasHole) {
        const before = timeline.head;
        const page = await this.#rooms.history(room.id, `after_seq=${before}`, fillPage);
        this.#taken(room, timeline.fill(page.messages), true);
        this.emit('room', room);
        if (!page.has_more || timeline.head === before) break;
      }
      // What is not stored (any more) is not waited for.
      if (timeline.hasHole && timeline.held.size === 0) timeline.target = timeline.head;
    });
  }

  // --- The socket -------------------------------------------------------------------------------------------------

  #received(event) {
    const room = event.room_id === undefined ? null : this.#rooms.get(event.room_id);
    switch (event.event) {
      case 'ready': this.#ready(); break;
      case 'room_joined': if (room) this.#joined(room, event); break;
      case 'room_left': this.#rooms.close(event.room_id, event.reason); break;
      case 'room_updated': this.#rooms.rename(event.room_id, event.name); break;
      case 'message': if (room) this.#message(room, event); break;
      case 'ack': this.#acked(room, event); break;
      case 'user_joined':
      case 'user_left': if (room) this.#presence(room, event); break;
      case 'typing': if (room) this.#typing(room, event); break;
      case 'error': this.#refused(room, event); break;
      default: // A newer server's event.
    }
  }

  #ready() {
    const wasBehind = this.#isBehind;
    this.#isBehind = false;
    if (wasBehind) {
      this.#renewedAt = performance.now();
      if (this.current && this.#isStale(this.current)) this.#check(this.current);
      this.#reload();
    }
    this.#joinAll();
  }

  /** After an absence: joining would make the user a member again of a public room that they have left meanwhile. */
  #isStale(room) {
    return room.isMember && !room.isPrivate && room.checkedAt < this.#renewedAt;
  }

  /** Reads the list anew; what it names is joined as it comes. */
  async #reload() {
    clearTimeout(this.#reloadTimer);
    try {
      await this.#rooms.load();
      // The list may be longer than what is read of it.
      for (const room of this.#rooms.own().slice(0, joinLimit)) if (this.#isStale(room)) await this.#check(room);
    } catch {
      if (!this.#socket.isOpen) return;
      clearTimeout(this.#reloadTimer);
      this.#reloadTimer = setTimeout(() => this.#reload(), refillMs * (1 + Math.random()));
    }
  }

  /** Asks whether the user is a member still, and joins the room then. */
  async #check(room) {
    if (!room.isMember || this.#checking.has(room.id)) return;
    const mine = {};
    this.#checking.set(room.id, mine);
    // Asked on an earlier connection: another check may be under way.
    const isOver = () => this.#checking.get(room.id) !== mine;
    try {
      const fresh = await this.#rooms.fetch(room.id);
      if (isOver()) return;
      this.#checking.delete(room.id);
      if (fresh.isMember) this.#join(fresh);
    } catch (error) {
      if (isOver()) return;
      this.#checking.delete(room.id);
      if (error.status === 404) this.#rooms.close(room.id, 'revoked');
      else if (this.#socket.isOpen) this.#later(room, refillMs * (1 + Math.random()), () => this.#check(room));
    }
  }

  /** Leaves the room alone until then. */
  #later(room, ms, action) {
    clearTimeout(this.#joinTimers.get(room.id));
    this.#joinTimers.set(room.id, setTimeout(() => {
      this.#joinTimers.delete(room.id);
      action();
    }, ms));
  }

  /** However often the list changes at once. */
  #joinSoon() {
    this.#joining ??= setTimeout(() => {
      this.#joining = null;
      this.#joinAll();
    });
  }

  /** Joins what is not joined yet, as long as there is a connection: the open room first. */
  #joinAll() {
    if (!this.#socket.isOpen) return;
    const wanted = this.#rooms.own().slice(0, joinLimit);
    if (this.current?.isMember) wanted.unshift(this.current);
    for (const room of wanted) this.#join(room);
  }

  #join(room) {
    if (room.joined !== 'none' || this.#joinTimers.has(room.id)) return;
    if (this.#isStale(room) || this.#checking.has(room.id)) return;
    const event = {event: 'join_room', room_id: room.id};
    if (room.timeline.isLoaded) {
      event.after_seq = room.timeline.head;
      if (room.epoch) event.epoch = room.epoch;
    }
    if (this.#socket.send(event)) room.joined = 'joining';
  }

  #joined(room, event) {
    room.joined = 'joined';
    room.online = event.online;
    const isNewEpoch = room.epoch !== null && room.epoch !== event.epoch;
    room.epoch = event.epoch;
    if (isNewEpoch) {
      // Another line of history: what was read is not a part of it.
      room.timeline.clear();
      room.lastSeq = event.seq;
      room.lastReadSeq = Math.min(room.lastReadSeq ?? event.seq, event.seq);
      room.latest = null;
    }
    room.lastSeq = Math.max(room.lastSeq, event.seq);
    room.timeline.target = Math.max(room.timeline.target, event.seq);
    if (room.timeline.isLoaded) {
      if (event.recovered) this.#checkHole(room);
      else this.#checkHole(room, 0);
    } else if (room === this.current) {
      this.loadLatest(room);
    }
    if (room.members && room === this.current) this.loadMembers(room);
    this.#flush(room);
    this.emit('room', room);
    this.#rooms.emit('changed');
  }

  #message(room, message) {
    room.lastSeq = Math.max(room.lastSeq, message.seq);
    room.typing.delete(message.user_id);
    // Written here or in another tab: read by its writer.
    if (message.user_id === this.#user.id && room.lastReadSeq === message.seq - 1) this.#read(room, message.seq);
    // A room that has not been opened keeps no messages: they are read when it is.
    if (!room.timeline.isLoaded && room !== this.current) {
      this.#taken(room, [message], true);
    } else {
      this.#taken(room, room.timeline.receive(message), true);
      this.#checkHole(room);
    }
    this.emit('room', room);
    this.#rooms.emit('changed');
  }

  /** What has come into a room's order: shown, and no longer waiting to be sent. */
  #taken(room, messages, isNew) {
    for (const message of messages) {
      if (!room.latest || message.seq > room.latest.seq) room.latest = message;
      if (message.user_id === this.#user.id) {
        if (this.#outbox.remove(message.client_msg_id)) this.#clearAckTimer(message.client_msg_id);
      } else if (isNew) {
        this.emit('message', room, message);
      }
    }
    this.#settle(room);
    if (messages.length > 0) {
      room.lastSeq = Math.max(room.lastSeq, messages.at(-1).seq);
      this.#flush(room);
    }
  }

  /** What is stored before the head has its place in history, in the window or above it. */
  #settle(room) {
    for (const entry of this.#outbox.of(room.id)) {
      if (entry.state === 'sent' && entry.seq <= room.timeline.head) this.#outbox.remove(entry.id);
    }
  }

  #presence(room, event) {
    room.online = event.online;
    const isHere = event.event === 'user_joined';
    if (room.members) {
      const member = room.members.find((other) => other.user_id === event.user_id);
      if (member) member.online = isHere;
      else if (isHere) room.members.push({user_id: event.user_id, username: event.username, role: 'member', online: true});
    }
    if (!isHere) room.typing.delete(event.user_id);
    if (room === this.current && event.user_id !== this.#user.id) {
      // The last word of somebody who comes and goes is enough.
      const after = room.timeline.head;
      room.notices = room.notices.filter((notice) => notice.userID !== event.user_id || notice.after !== after);
      room.notices.push({
        id: (this.#noticeID += 1), after, kind: isHere ? 'here' : 'left',
        userID: event.user_id, username: event.username, at: Date.now(),
      });
      room.notices = room.notices.slice(-noticeLimit);
    }
    this.emit('room', room);
  }

  #typing(room, event) {
    if (event.user_id === this.#user.id || room.typing.size >= 20) return;
    room.typing.set(event.user_id, {username: event.username, until: Date.now() + typingShownMs});
    clearTimeout(this.#typingTimers.get(room.id));
    this.#typingTimers.set(room.id, setTimeout(() => {
      this.#typingTimers.delete(room.id);
      for (const [id, {until}] of room.typing) if (until <= Date.now()) room.typing.delete(id);
      this.emit('room', room);
    }, typingShownMs + 50));
    this.emit('room', room);
  }

  /** The connection is gone: all is joined anew on the next one. */
  #lost() {
    this.#isBehind = true;
    clearTimeout(this.#reloadTimer);
    for (const room of this.#rooms.own()) {
      room.joined = 'none';
      room.typing.clear();
    }
    for (const timer of [...this.#ackTimers.values(), ...this.#joinTimers.values()]) clearTimeout(timer);
    this.#ackTimers.clear();
    this.#joinTimers.clear();
    this.#checking.clear();
    this.#outbox.rewind();
    if (this.current) this.emit('room', this.current);
  }

  #forget(room) {
    this.#outbox.removeRoom(room.id);
    this.#opened = this.#opened.filter((other) => other !== room);
    if (this.current === room) this.current = null;
  }

  // --- Sending ----------------------------------------------------------------------------------------------------

  /** False if too much waits already. */
  send(room, content) {
    if (!this.#outbox.add(room.id, content)) return false;
    this.#lastTyping = 0;
    // Whoever writes wants to see it.
    if (!room.timeline.isLive) this.loadLatest(room);
    this.#flush(room);
    this.emit('room', room);
    return true;
  }

  retry(room, id) {
    const entry = this.#outbox.find(id);
    if (!entry) return;
    this.#outbox.change(entry, {state: 'waiting', tries: 0, code: undefined});
    this.#flush(room);
    this.emit('room', room);
  }

  discard(room, id) {
    this.#outbox.remove(id);
    this.#flush(room);
    this.emit('room', room);
  }

  /** Sends the room's next message, unless one is under way. */
  #flush(room) {
    if (room.joined !== 'joined') return;
    const entry = this.#outbox.next(room.id);
    if (!entry || entry.notBefore > Date.now()) return;
    const event = {event: 'message_send', room_id: room.id, content: entry.content, client_msg_id: entry.id};
    if (!this.#socket.send(event)) return;
    this.#outbox.change(entry, {state: 'sending'});
    this.#ackTimers.set(entry.id, setTimeout(() => this.#again(room, entry, 0), ackTimeoutMs));
  }

  #clearAckTimer(id) {
    clearTimeout(this.#ackTimers.get(id));
    this.#ackTimers.delete(id);
  }

  /** Puts it back, to go out again under the same id. */
  #again(room, entry, afterMs) {
    this.#clearAckTimer(entry.id);
    if (entry.state !== 'sending') return;
    this.#outbox.change(entry, {state: 'waiting', notBefore: Date.now() + afterMs});
    setTimeout(() => this.#flush(room), afterMs + 1);
    this.emit('room', room);
  }

  #acked(room, ack) {
    this.#clearAckTimer(ack.client_msg_id);
    const entry = this.#outbox.find(ack.client_msg_id);
    if (!entry || !room) return;
    this.#outbox.change(entry, {state: 'sent', seq: ack.seq});
    const message = {
      room_id: room.id, id: ack.id, seq: ack.seq, user_id: this.#user.id, username: this.#user.username,
      content: entry.content, client_msg_id: entry.id, created_at: ack.created_at,
    };
    this.#message(room, message);
    // It stood there already.
    if (ack.seq <= room.timeline.head) this.#outbox.remove(entry.id);
    this.#flush(room);
  }

  #refused(room, error) {
    const entry = error.client_msg_id ? this.#outbox.find(error.client_msg_id) : null;
    if (entry && room) {
      this.#clearAckTimer(entry.id);
      if (error.code === 'not_joined') {
        room.joined = 'none';
        this.#outbox.change(entry, {state: 'waiting'});
        this.#check(room);
      } else if (transient.has(error.code) && entry.tries < maxTries) {
        this.#outbox.change(entry, {tries: entry.tries + 1});
        const pause = Math.max(error.retry_after_ms ?? 0, 250 * 2 ** entry.tries);
        this.#again(room, entry, Math.min(15_000, pause * (1 + Math.random() / 2)));
      } else {
        this.#outbox.change(entry, {state: 'failed', code: error.code});
        this.#flush(room);
      }
      this.emit('room', room);
    } else if (room?.joined === 'joining') {
      this.#joinRefused(room, error);
    }
  }

  #joinRefused(room, error) {
    room.joined = 'none';
    if (!transient.has(error.code)) {
      this.#rooms.close(room.id, 'revoked');
      return;
    }
    const pause = Math.max(1_000, error.retry_after_ms ?? 0) * (1 + Math.random());
    this.#later(room, pause, () => this.#join(room));
  }

  /** The user writes; told now and then. */
  typed(room) {
    if (room.joined !== 'joined' || Date.now() - this.#lastTyping < typingEveryMs) return;
    if (this.#socket.send({event: 'typing', room_id: room.id})) this.#lastTyping = Date.now();
  }

  // --- Reading ----------------------------------------------------------------------------------------------------

  /** The user has seen the newest message of the room. */
  seen(room) {
    if (!room.isMember || !room.timeline.isLoaded || !room.timeline.isLive) return;
    if (room.lastReadSeq !== null && room.lastReadSeq >= room.timeline.head) return;
    this.#read(room, room.timeline.head);
    this.#rooms.emit('changed');
  }

  #read(room, seq) {
    room.lastReadSeq = seq;
    if (this.#readTimers.has(room.id)) return;
    this.#readTimers.set(room.id, setTimeout(() => {
      this.#readTimers.delete(room.id);
      this.#rooms.markRead(room);
    }, 800));
  }

  async loadMembers(room) {
    try {
      room.members = await this.#rooms.members(room.id);
      room.membersError = null;
    } catch (error) {
      room.members ??= [];
      room.membersError = error;
    }
    this.emit('room', room);
  }

  /** A first line for rooms in the list that have none yet, a few at a time. */
  async preview(rooms) {
    const wanting = rooms.filter((room) => !room.latest && room.lastSeq > 0 && !room.previewed).slice(0, 30);
    for (const room of wanting) room.previewed = true;
    const worker = async () => {
      for (let room; (room = wanting.shift());) {
        try {
          const page = await this.#rooms.history(room.id, '', 1);
          if (!room.latest) room.latest = page.messages.at(-1) ?? null;
        } catch {
          // It stays without.
        }
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    this.#rooms.emit('changed');
  }
}
