// REST, one request at a time: JSON out, JSON or an error back, always within a bounded time.

const timeoutMs = 15_000;

/** What a server answered instead (RFC 9457), or `network` / `timeout` where it did not answer. */
export class ApiError extends Error {
  constructor({status = 0, code, detail = '', errors = [], retryAfterMs = 0}) {
    super(`${code}: ${detail}`);
    Object.assign(this, {status, code, detail, errors, retryAfterMs});
  }

  /** The same request may well succeed a moment later. */
  get isTransient() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The server has no such path or method: an older one. */
  get isUnsupported() {
    return this.status === 405 || this.status === 501 || (this.status === 404 && this.code === 'not_found');
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: object, token?: string, timeout?: number}} [options] `timeout` in milliseconds
 * @returns the decoded body; null if there is none
 * @throws {ApiError}
 */
export async function request(method, path, {body, token, timeout = timeoutMs} = {}) {
  const headers = {accept: 'application/json'};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  let response, text;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    text = await response.text();
  } catch (error) {
    throw new ApiError({code: error.name === 'TimeoutError' ? 'timeout' : 'network', detail: error.message});
  }
  const json = parse(text);
  if (response.ok) return json;
  throw new ApiError({
    status: response.status,
    // A balancer's own page is no problem document.
    code: json?.code ?? (response.status >= 500 ? 'overloaded' : 'unknown'),
    detail: json?.detail,
    errors: json?.errors,
    retryAfterMs: (Number(response.headers.get('retry-after')) || 0) * 1000,
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Repeats what failed for a passing reason: `attempts` times at most, with growing, random pauses, and not later than
 * `withinMs` after the first. For requests that may be made twice.
 */
export async function retrying(attempts, action, withinMs = Infinity) {
  const end = Date.now() + withinMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isTransient || attempt >= attempts) throw error;
      const pause = Math.min(5_000, error.retryAfterMs || 300 * 2 ** (attempt - 1) * (0.5 + Math.random()));
      if (Date.now() + pause > end) throw error;
      await wait(pause);
    }
  }
}

/** A random name, also without TLS, where crypto.randomUUID is missing. */
export function randomID() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
