// The rooms that this user knows: their own, and the public ones to discover. What REST says of them; live.js keeps them
// up to date.

import {ApiError} from './api.js';
import {Emitter} from './emitter.js';
import {Timeline} from './timeline.js';

const pageSize = 200;
/** Pages that are read in search of one's own rooms, which may have high ids; more on demand. */
const pagesOfAll = 50;
/** Public rooms of others that are kept. */
const discoverLimit = 2_000;

/** A room as this user sees it. `role` is 'owner', 'member' or null. */
export class Room {
  timeline = new Timeline();
  /** 'none', 'joining' or 'joined': on the present connection. */
  joined = 'none';
  epoch = null;
  /** How many users are there now; null if it is not known. */
  online = null;
  /** The newest message that is known, for the list. */
  latest = null;
  /** Who writes: user id to {username, until}. */
  typing = new Map();
  /** Comings and goings: {id, after, kind, userID, username, at}; `after` is the seq that it follows. */
  notices = [];
  /** As REST lists them; null until somebody has asked. */
  members = null;
  membersError = null;
  /** The seq after which the line "new messages" stands; null: nowhere. */
  divider = null;
  loadError = null;
  /** After history could not be read: when to ask again. */
  readAgainAt = 0;
  lastSeq = 0;
  lastReadSeq = null;
  /** When the server was asked for what is known here, by performance.now(). */
  checkedAt = 0;

  constructor(id) {
    this.id = id;
  }

  /** Takes what the server says, asked at `askedAt`. */
  update(view, askedAt = performance.now()) {
    this.checkedAt = askedAt;
    this.name = view.name;
    this.isPrivate = view.is_private;
    this.createdAt = view.created_at;
    this.role = view.role;
    this.lastSeq = Math.max(this.lastSeq, view.last_seq);
    if (view.role === null) {
      this.lastReadSeq = null;
    } else if (typeof view.last_read_seq === 'number') {
      this.lastReadSeq = Math.max(this.lastReadSeq ?? 0, view.last_read_seq);
    } else {
      // A server that keeps no reading marks: what comes from now on counts.
      this.lastReadSeq ??= view.last_seq;
    }
    return this;
  }

  get isMember() {
    return this.role !== null;
  }

  get unread() {
    return this.isMember && this.lastReadSeq !== null ? Math.max(0, this.lastSeq - this.lastReadSeq) : 0;
  }

  /** For sorting: when something last happened here, as RFC 3339. */
  get activity() {
    return this.latest?.created_at ?? this.createdAt;
  }
}

/** Emits `changed`, and `closed` (room, reason) when one is gone for this user. */
export class Rooms extends Emitter {
  #session;
  #known = new Map();
  #nextAfterID = 0;
  /** The reading that goes on, and whether the list is to be read once more after it. */
  #loading = null;
  #again = false;
  /** False once a server has said that it keeps no reading marks. */
  #marksReading = true;

  constructor(session) {
    super();
    this.#session = session;
  }

  get hasMore() {
    return this.#nextAfterID !== null;
  }

  get isLoading() {
    return this.#loading !== null;
  }

  get(id) {
    return this.#known.get(id);
  }

  /** One's own, the most recent first. */
  own() {
    return [...this.#known.values()].filter((room) => room.isMember)
      .sort((a, b) => (a.activity < b.activity ? 1 : a.activity > b.activity ? -1 : b.id - a.id));
  }

  /** Public rooms of others, the newest first. */
  toDiscover() {
    return [...this.#known.values()].filter((room) => !room.isMember && !room.isPrivate).sort((a, b) => b.id - a.id);
  }

  get unreadRooms() {
    return this.own().filter((room) => room.unread > 0).length;
  }

  /** Reads the list from its start: at sign-in, and to find what has changed elsewhere. */
  load() {
    if (this.#loading) this.#again = true;
    return this.#loading ?? this.#run(() => this.#all());
  }

  /** The next page. */
  async more() {
    if (!this.#loading) await this.#run(() => this.#pages(this.#nextAfterID, 1));
  }

  #run(action) {
    this.#loading = (async () => {
      try {
        await action();
        while (this.#again) {
          this.#again = false;
          await this.#all();
        }
      } finally {
        this.#loading = null;
        this.#again = false;
        this.emit('changed');
      }
    })();
    return this.#loading;
  }

  async #all() {
    const begun = performance.now();
    if (await this.#pages(0, pagesOfAll) !== null) return;
    // What the whole list has not named is gone.
    for (const room of this.own()) if (room.checkedAt < begun) this.close(room.id, 'revoked');
  }

  /** Returns where the next page begins; null at the end. */
  async #pages(from, count) {
    let after = from;
    for (let page = 0; page < count && after !== null; page += 1) {
      const askedAt = performance.now();
      const answer = await this.#session.read(`/rooms?after_id=${after}&limit=${pageSize}`);
      after = answer.next_after_id;
      if (this.hasMore && (after === null || after > this.#nextAfterID)) this.#nextAfterID = after;
      for (const view of answer.rooms) this.#take(view, askedAt);
      this.emit('changed');
    }
    return after;
  }

  #take(view, askedAt, always = false) {
    let room = this.#known.get(view.id);
    // Overtaken by a later answer.
    if (room && askedAt < room.checkedAt) return room;
    if (room?.isMember && view.role === null) {
      // Left in another place, or removed while nobody could say so.
      this.close(view.id, 'revoked');
      room = this.#known.get(view.id);
    }
    if (!room) {
      if (!always && view.role === null && this.#known.size > discoverLimit) return null;
      room = new Room(view.id);
      this.#known.set(view.id, room);
    }
    return room.update(view, askedAt);
  }

  /** @throws {ApiError} 404 if it may not be seen */
  async fetch(id) {
    const askedAt = performance.now();
    const view = await this.#session.read(`/rooms/${id}`);
    // One that is asked for is kept, however many there are.
    const room = this.#take(view, askedAt, true);
    this.emit('changed');
    return room;
  }

  async create(name, isPrivate, accessCode) {
    const body = {name, is_private: isPrivate};
    if (accessCode) body.access_code = accessCode;
    const view = await this.#session.call('POST', '/rooms', body);
    const room = new Room(view.id).update(view);
    this.#known.set(room.id, room);
    this.emit('changed');
    return room;
  }

  async join(id, accessCode) {
    await this.#session.call('POST', `/rooms/${id}/join`, accessCode ? {access_code: accessCode} : {});
    return this.fetch(id);
  }

  async accept(code) {
    const membership = await this.#session.call('POST', `/invitations/${encodeURIComponent(code)}/accept`);
    return this.fetch(membership.room_id);
  }

  async leave(id) {
    await this.#session.call('POST', `/rooms/${id}/leave`);
    this.close(id, 'left');
  }

  /** @param changes {name?, access_code?}; an `access_code` of null: by invitation only */
  async change(id, changes) {
    const askedAt = performance.now();
    this.#take(await this.#session.call('PATCH', `/rooms/${id}`, changes), askedAt);
    this.emit('changed');
  }

  async remove(id) {
    await this.#session.call('DELETE', `/rooms/${id}`);
    this.close(id, 'deleted');
  }

  rename(id, name) {
    const room = this.#known.get(id);
    if (!room) return;
    room.name = name;
    this.emit('changed');
  }

  /** It is no longer this user's: gone, or for a public one no more than there to discover. */
  close(id, reason) {
    const room = this.#known.get(id);
    if (!room?.isMember) return;
    this.#known.delete(id);
    if (!room.isPrivate && reason !== 'deleted') {
      this.#known.set(id, new Room(id).update(
        {name: room.name, is_private: false, created_at: room.createdAt, role: null, last_seq: room.lastSeq}));
    }
    this.emit('closed', room, reason);
    this.emit('changed');
  }

  async members(id) {
    const members = [];
    for (let after = 0; after !== null && members.length < 1_000;) {
      const page = await this.#session.read(`/rooms/${id}/members?after_id=${after}&limit=${pageSize}`);
      members.push(...page.members);
      after = page.next_after_id;
    }
    return members;
  }

  removeMember(id, userID) {
    return this.#session.call('DELETE', `/rooms/${id}/members/${userID}`);
  }

  invite(id, maxUses, expiresIn) {
    const body = {};
    if (maxUses) body.max_uses = maxUses;
    if (expiresIn) body.expires_in = expiresIn;
    return this.#session.call('POST', `/rooms/${id}/invitations`, body);
  }

  async invitations(id) {
    return (await this.#session.read(`/rooms/${id}/invitations`)).invitations;
  }

  revoke(id, code) {
    return this.#session.call('DELETE', `/rooms/${id}/invitations/${encodeURIComponent(code)}`);
  }

  /** @param page 'before_seq=N', 'after_seq=N' or '' */
  history(id, page, limit = 50) {
    return this.#session.read(`/rooms/${id}/messages?limit=${limit}${page && `&${page}`}`);
  }

  /** Tells the server up to where this user has read. */
  async markRead(room) {
    if (!this.#marksReading || !room.isMember) return;
    try {
      const answer = await this.#session.call('POST', `/rooms/${room.id}/read`, {seq: room.lastReadSeq});
      room.lastReadSeq = Math.max(room.lastReadSeq, answer.last_read_seq);
    } catch (error) {
      if (error instanceof ApiError && error.isUnsupported) this.#marksReading = false;
      // Anything else: the next mark tells it as well.
    }
  }
}
