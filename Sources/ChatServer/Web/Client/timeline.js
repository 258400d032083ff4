// One room's messages, in order: a window of what is stored, without a hole and with nothing twice. Pure: no socket, no
// clock, no page.
//
// `head` is the last seq up to which everything has been taken; what comes beyond the next one is held until the hole is
// filled. The window ends at the head while it is live; whoever scrolls far up lets go of the newest, and reads them again
// on the way down.

/** Messages in the window, and so elements on the page. */
export const windowSize = 500;
/** Beyond that while an older page is on its way: the window's start, which it is to join, stays. */
const slack = 500;
/** Messages that wait for a hole to be filled; what is beyond comes by history. */
const holdLimit = 500;

export class Timeline {
  constructor() {
    this.clear();
  }

  clear() {
    this.messages = [];
    this.head = 0;
    /** The highest seq known to be stored. */
    this.target = 0;
    this.isLoaded = false;
    this.isLive = true;
    this.hasOlder = false;
    /** An older page is on its way. */
    this.awaitsOlder = false;
    this.held = new Map();
  }

  get first() {
    return this.messages[0]?.seq ?? this.head + 1;
  }

  get last() {
    return this.messages.at(-1)?.seq ?? this.head;
  }

  /** True if something between the head and what is known to be stored has not come. */
  get hasHole() {
    return this.isLoaded && this.target > this.head;
  }

  /** The latest page, in place of all that was there. Held messages that follow it are taken. */
  reset(page, hasMore) {
    this.messages = [...page];
    this.head = page.at(-1)?.seq ?? 0;
    this.isLoaded = true;
    this.isLive = true;
    this.hasOlder = hasMore;
    this.target = Math.max(this.target, this.head);
    this.#takeHeld();
    this.#trimOldest();
  }

  /** A message from the socket. Returns those that are new in the window's order: none, one, or more after a hole. */
  receive(message) {
    this.target = Math.max(this.target, message.seq);
    if (this.isLoaded && message.seq <= this.head) return [];
    if (!this.isLoaded || message.seq > this.head + 1) {
      if (this.held.size < holdLimit) this.held.set(message.seq, message);
      return [];
    }
    this.#take(message);
    const taken = [message, ...this.#takeHeld()];
    this.#trimOldest();
    return taken;
  }

  /** A page of history after the head; returns what was new. */
  fill(page) {
    const taken = [];
    for (const message of page) taken.push(...this.receive(message));
    return taken;
  }

  /** A page of history before the window. */
  prepend(page, hasMore) {
    const older = page.filter((message) => message.seq < this.first);
    // The window has moved on meanwhile: what does not join it is read again.
    if (older.length > 0 && this.messages.length > 0 && older.at(-1).seq !== this.first - 1) return;
    this.messages = [...older, ...this.messages];
    this.hasOlder = hasMore;
    if (this.messages.length > windowSize) {
      this.messages.length = windowSize;
      this.isLive = false;
    }
  }

  /** A page of history after a window that is not live. */
  extend(page) {
    for (const message of page) {
      if (message.seq !== this.last + 1) continue;
      this.messages.push(message);
      if (message.seq > this.head) this.head = message.seq;
    }
    this.target = Math.max(this.target, this.head);
    if (this.last >= this.head) this.isLive = true;
    this.#takeHeld();
    this.#trimOldest();
  }

  /** A window that is not live is read on from its own end: what is missing beyond it need not come. */
  skip() {
    this.head = this.target;
    this.held.clear();
  }

  #take(message) {
    this.head = message.seq;
    if (this.isLive) this.messages.push(message);
  }

  #takeHeld() {
    const taken = [];
    for (let next; (next = this.held.get(this.head + 1));) {
      this.#take(next);
      taken.push(next);
    }
    for (const seq of this.held.keys()) if (seq <= this.head) this.held.delete(seq);
    return taken;
  }

  #trimOldest() {
    if (this.messages.length <= windowSize + (this.awaitsOlder ? slack : 0)) return;
    this.messages = this.messages.slice(-windowSize);
    this.hasOlder = true;
  }
}
