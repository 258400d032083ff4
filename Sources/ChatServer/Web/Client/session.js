// Who is signed in, and the tokens.
//
// One record in localStorage serves all tabs. It has the refresh token, since a session that ends with each tab would be
// no use on a phone, and since the wire gives tokens in JSON, not in cookies that scripts cannot read. What guards it: no
// script but our own files runs here (the Content-Security-Policy), no text becomes markup, and a refresh token is good for
// one use, so that a stolen one ends the session as soon as both sides have used it. Signing out revokes it at the server.
//
// A spent refresh token revokes the session. So only one tab refreshes at a time, under a lock, and looks first whether
// another has done it meanwhile.

import {ApiError, randomID, request, retrying, wait} from './api.js';
import {Emitter} from './emitter.js';
import {shared} from './storage.js';

const key = 'chatbench.session';
const leaseKey = 'chatbench.refreshing';
const lockName = 'chatbench.refresh';
/** A token with less than this left is not used for anything new. */
const marginMs = 20_000;
/** A lost answer may be asked for again within 10 s: attempts are short, and the last one begins well before that. */
const tradeTimeoutMs = 3_000;
const tradeWithinMs = 7_500;
/** Without a sign of life from its owner, a lease is free after this long. */
const leaseMs = 8_000;

/** Emits `changed` (user or null, why) and `token` (a fresh access token). */
export class Session extends Emitter {
  #record = shared.read(key);
  #timer = null;
  #refreshing = null;

  constructor() {
    super();
    addEventListener('storage', (event) => {
      if (event.key === key || event.key === null) this.#adopt(shared.read(key));
    });
    this.#schedule();
  }

  get user() {
    return this.#record?.user ?? null;
  }

  async register(username, password) {
    this.#signedIn(await request('POST', '/auth/register', {body: {username, password}}));
  }

  async signIn(username, password) {
    this.#signedIn(await request('POST', '/auth/login', {body: {username, password}}));
  }

  /** Here at once; at the server as soon as it answers. */
  async signOut() {
    const refreshToken = this.#record?.refreshToken;
    this.#end('signed_out');
    if (!refreshToken) return;
    await retrying(3, () => request('POST', '/auth/logout', {body: {refresh_token: refreshToken}})).catch(() => {});
  }

  /** An access token that is good for a while yet. */
  async token() {
    if (!this.#record) throw new ApiError({status: 401, code: 'unauthorized'});
    if (this.#record.expiresAt - Date.now() < marginMs) await this.refresh(this.#record.accessToken);
    return this.#record.accessToken;
  }

  /** A request in the user's name. A refused token is renewed once; after that the session is over. */
  async call(method, path, body) {
    const userID = this.user?.id;
    const token = await this.token();
    try {
      return await request(method, path, {body, token});
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.refresh(token);
      // Nothing is done in the name of somebody else who has signed in meanwhile.
      if (this.user?.id !== userID) throw error;
      return request(method, path, {body, token: this.#record.accessToken});
    }
  }

  /** As `call`, for what may be asked twice: goes on over a passing failure. */
  read(path) {
    return retrying(4, () => this.call('GET', path));
  }

  /**
   * Puts another access token in the place of `refused`.
   * @throws {ApiError} 401 if the session is over, for which it then is here too
   */
  refresh(refused) {
    this.#refreshing ??= exclusively(() => this.#trade(refused)).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #trade(refused) {
    // Another tab may have been first.
    const stored = shared.read(key);
    if (stored) this.#adopt(stored);
    const record = this.#record;
    if (!record) throw new ApiError({status: 401, code: 'unauthorized'});
    if (record.accessToken !== refused && record.expiresAt - Date.now() > marginMs) return;
    // Should this page go before the answer comes, the next one asks for it at once.
    record.tradingSince = Date.now();
    if (stored) shared.write(key, record);
    const body = {refresh_token: record.refreshToken};
    let pair;
    try {
      pair = await retrying(3, () => request('POST', '/auth/refresh', {body, timeout: tradeTimeoutMs}), tradeWithinMs);
    } catch (error) {
      if (error.status === 401 && this.#record?.refreshToken === record.refreshToken) this.#end('expired');
      throw error;
    }
    // Signed out while the answer was under way, and perhaps in again: what came is not used.
    if (this.#record?.refreshToken !== record.refreshToken) {
      // It is revoked, but where it may belong to the session that goes on.
      if (this.#record?.user.id !== pair.user.id) {
        request('POST', '/auth/logout', {body: {refresh_token: pair.refresh_token}}).catch(() => {});
      }
      if (this.#record) return;
      throw new ApiError({status: 401, code: 'unauthorized'});
    }
    this.#keep(pair);
    this.emit('token', this.#record.accessToken);
  }

  #signedIn(pair) {
    this.#keep(pair);
    this.emit('changed', this.user, 'signed_in');
  }

  #keep(pair) {
    this.#record = {
      user: pair.user,
      accessToken: pair.access_token,
      refreshToken: pair.refresh_token,
      expiresAt: Date.now() + pair.expires_in * 1000,
      lifetime: pair.expires_in * 1000,
    };
    shared.write(key, this.#record);
    this.#schedule();
  }

  #end(why) {
    if (!this.#record) return;
    this.#record = null;
    shared.write(key, null);
    this.#schedule();
    this.emit('changed', null, why);
  }

  /** What another tab has done. */
  #adopt(record) {
    const before = this.#record;
    if (record?.accessToken === before?.accessToken) return;
    this.#record = record;
    this.#schedule();
    if (record?.user.id !== before?.user.id) this.emit('changed', this.user, 'elsewhere');
    else if (record) this.emit('token', record.accessToken);
  }

  /** Renews well before the end, each tab at a moment of its own, so that an open socket never meets it. */
  #schedule() {
    clearTimeout(this.#timer);
    if (!this.#record) return;
    const {expiresAt, lifetime, accessToken, tradingSince} = this.#record;
    // A trade whose answer has not come: the token may be spent already.
    const ahead = tradingSince ? Infinity : Math.max(marginMs, lifetime * (0.15 + Math.random() * 0.1));
    this.#timer = setTimeout(() => {
      this.refresh(accessToken).catch(() => {
        // The network is away: what next needs a token asks again.
        if (this.#record?.accessToken === accessToken) this.#timer = setTimeout(() => this.#schedule(), marginMs);
      });
    }, Math.min(2 ** 31 - 1, Math.max(tradingSince ? 0 : 1_000, expiresAt - ahead - Date.now())));
  }
}

/** Runs `action` while no other tab does. */
async function exclusively(action) {
  if (navigator.locks) return navigator.locks.request(lockName, action);
  // Without TLS there are no locks: a lease in the storage that tabs share, renewed for as long as its owner lives.
  const mine = randomID();
  const hold = () => shared.write(leaseKey, {owner: mine, until: Date.now() + leaseMs});
  const isMine = () => shared.read(leaseKey)?.owner === mine;
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const lease = shared.read(leaseKey);
    if (!lease || lease.until < Date.now()) {
      hold();
      await wait(60);
      const now = shared.read(leaseKey);
      // Nothing can be kept here: then no tab shares the token either.
      if (!now || now.owner === mine) break;
    }
    await wait(100 + Math.random() * 100);
  }
  const renewal = setInterval(() => {
    if (isMine()) hold();
  }, leaseMs / 4);
  const release = () => {
    clearInterval(renewal);
    removeEventListener('pagehide', release);
    if (isMine()) shared.write(leaseKey, null);
  };
  addEventListener('pagehide', release);
  try {
    return await action();
  } finally {
    release();
  }
}
