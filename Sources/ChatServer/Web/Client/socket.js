// The WebSocket: kept open, opened again with growing pauses, its token renewed in place.

import {ApiError} from './api.js';
import {delay} from './backoff.js';
import {Emitter} from './emitter.js';

/** From the attempt to `ready`. */
const openTimeoutMs = 10_000;
/** The server's pings are invisible to a script: ours find a connection that is dead without having been closed. */
const pingEveryMs = 20_000;
const pongTimeoutMs = 8_000;
/** A connection that lasted this long has worked; pauses begin anew. */
const provenMs = 10_000;

/**
 * Emits `state` ({name: 'off' | 'connecting' | 'open' | 'waiting', until?, instance?}), `event` (what the server sent,
 * but for pongs) and `closed`. `route` gives the room for a balancer that places by room, or null.
 */
export class Socket extends Emitter {
  #session;
  #route;
  #socket = null;
  #wanted = false;
  #attempt = 0;
  #openedAt = 0;
  #timer = null;
  #pingTimer = null;
  #pongTimer = null;
  #unlisten;
  state = {name: 'off'};

  constructor(session, route) {
    super();
    this.#session = session;
    this.#route = route;
    const page = new AbortController();
    const {signal} = page;
    const renewed = session.on('token', (token) => {
      if (this.isOpen) this.send({event: 'authenticate', token});
    });
    this.#unlisten = () => {
      page.abort();
      renewed();
    };
    addEventListener('online', () => this.hurry(), {signal});
    addEventListener('offline', () => this.#ping(), {signal});
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.hurry();
      // Timers slept with the page; the connection may be gone.
      this.#ping();
    }, {signal});
    addEventListener('pagehide', () => this.#pause(), {signal});
    addEventListener('pageshow', (event) => {
      if (event.persisted) this.hurry();
    }, {signal});
  }

  get isOpen() {
    return this.state.name === 'open';
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    this.#connect();
  }

  /** For good. */
  end() {
    this.#wanted = false;
    this.#unlisten();
    this.#drop();
    this.#become({name: 'off'});
  }

  /** Connects now if it was waiting to. */
  hurry() {
    if (!this.#wanted || this.#socket || this.state.name === 'connecting') return;
    this.#connect();
  }

  /** False if there is no connection to send it on. */
  send(event) {
    if (!this.isOpen || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(event));
    return true;
  }

  async #connect() {
    clearTimeout(this.#timer);
    this.#become({name: 'connecting'});
    let token;
    try {
      token = await this.#session.token();
    } catch (error) {
      // Signed out meanwhile: whoever hears of it stops us.
      if (error instanceof ApiError && error.status === 401) return;
      this.#wait(1006, '');
      return;
    }
    if (!this.#wanted || this.#socket || this.state.name !== 'connecting') return;
    const url = new URL('/ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const room = this.#route();
    if (room) url.searchParams.set('room', room);
    // The token in the subprotocol: a URL ends in logs.
    const socket = new WebSocket(url, ['chat.v1', `bearer.${token}`]);
    this.#socket = socket;
    socket.onmessage = (message) => {
      if (this.#socket === socket) this.#received(message.data);
    };
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#closed(event.code, event.reason, token);
    };
    this.#timer = setTimeout(() => {
      if (this.#socket === socket) this.#abandon();
    }, openTimeoutMs);
  }

  #received(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    if (event.event === 'pong') {
      clearTimeout(this.#pongTimer);
      this.#pongTimer = null;
      return;
    }
    if (event.event === 'ready' && !this.isOpen) {
      clearTimeout(this.#timer);
      this.#openedAt = Date.now();
      this.#pingTimer = setInterval(() => this.#ping(), pingEveryMs);
      this.#become({name: 'open', instance: event.instance});
    }
    this.emit('event', event);
  }

  #ping() {
    if (this.#pongTimer || !this.send({event: 'ping'})) return;
    this.#pongTimer = setTimeout(() => this.#abandon(), pongTimeoutMs);
  }

  /** A connection from which nothing comes is not waited for: its own close can take minutes. */
  #abandon() {
    this.#drop();
    this.#wait(1006, '');
  }

  /** Lets go of the socket, whatever it still says. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#stopTimers();
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(1000);
    this.emit('closed');
  }

  /** The page goes, perhaps to come back as it was. */
  #pause() {
    this.#drop();
    if (this.#wanted) this.#become({name: 'waiting', until: Date.now()});
  }

  #stopTimers() {
    clearTimeout(this.#timer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#pongTimer = null;
  }

  #closed(code, reason, token) {
    this.#socket = null;
    this.#stopTimers();
    this.emit('closed');
    if (!this.#wanted) return;
    if (code === 1008 && reason !== 'token_missing') {
      // A new token, once. If the session is over, the refresh says so and signs out.
      this.#become({name: 'connecting'});
      this.#session.refresh(token).then(
        () => this.#wait(code, reason),
        (error) => {
          if (error.status !== 401) this.#wait(1006, '');
        },
      );
      return;
    }
    this.#wait(code, reason);
  }

  #wait(code, reason) {
    if (!this.#wanted) return;
    if (this.#openedAt && Date.now() - this.#openedAt > provenMs) this.#attempt = 0;
    this.#openedAt = 0;
    const ms = delay(this.#attempt, code, reason, Math.random());
    this.#attempt += 1;
    this.#become({name: 'waiting', until: Date.now() + ms});
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #become(state) {
    this.state = state;
    this.emit('state', state);
  }
}
