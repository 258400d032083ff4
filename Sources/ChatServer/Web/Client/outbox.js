// What this tab has written and the server has not acknowledged. It survives a reload; a message goes out again under the
// same client_msg_id, so that it is stored once however often it is sent.

import {randomID} from './api.js';
import {ofTab} from './storage.js';

/** Messages that may wait; beyond that nothing more is taken. */
export const outboxLimit = 100;

/**
 * Entries are {id, roomID, content, at, state, code?, tries, notBefore?, seq?}. `state` is 'waiting', 'sending',
 * 'sent' (stored under `seq`, and not yet in the room's order) or 'failed'.
 */
export class Outbox {
  #key;
  #entries = [];

  constructor(userID) {
    this.#key = `chatbench.outbox.${userID}`;
    const kept = ofTab.read(this.#key);
    if (Array.isArray(kept)) {
      this.#entries = kept.slice(0, outboxLimit)
        .map((entry) => ({...entry, tries: 0, notBefore: 0, state: entry.state === 'failed' ? 'failed' : 'waiting'}));
    }
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  of(roomID) {
    return this.#entries.filter((entry) => entry.roomID === roomID);
  }

  /** Null if too much waits already. */
  add(roomID, content) {
    if (this.#entries.length >= outboxLimit) return null;
    const entry = {id: randomID(), roomID, content, at: Date.now(), state: 'waiting', tries: 0};
    this.#entries.push(entry);
    this.#keep();
    return entry;
  }

  find(id) {
    return this.#entries.find((entry) => entry.id === id);
  }

  change(entry, changes) {
    Object.assign(entry, changes);
    this.#keep();
  }

  /** True if it was there. */
  remove(id) {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    if (this.#entries.length === before) return false;
    this.#keep();
    return true;
  }

  removeRoom(roomID) {
    this.#entries = this.#entries.filter((entry) => entry.roomID !== roomID);
    this.#keep();
  }

  /** The connection is gone: what was under way waits again. */
  rewind() {
    for (const entry of this.#entries) if (entry.state === 'sending') entry.state = 'waiting';
    this.#keep();
  }

  /** The next one that may go out: one at a time in each room, so that they arrive in the order of writing. */
  next(roomID) {
    const open = this.of(roomID).filter((entry) => entry.state === 'waiting' || entry.state === 'sending');
    return open[0]?.state === 'waiting' ? open[0] : null;
  }

  #keep() {
    ofTab.write(this.#key, this.#entries.length > 0 ? this.#entries : null);
  }
}
