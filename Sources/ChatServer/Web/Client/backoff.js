// How long to wait before the next attempt to connect. Pure: the random number comes in.

const floorMs = 400;
const ceilingMs = 30_000;

/**
 * @param {number} attempt 0 for the first one after a connection that worked
 * @param {number} code the close code; 1006 if there was none
 * @param {string} reason
 * @param {number} random in [0, 1)
 * @returns milliseconds
 */
export function delay(attempt, code, reason, random) {
  // Draining: another instance takes it. All of its clients come at once, so a moment at random all the same.
  if (code === 1001 && attempt === 0) return random * 250;
  // A server that has too much to do is not asked again at once.
  const least = code === 1013 ? (reason === 'slow_consumer' ? 1_000 : 4_000) : attempt === 0 ? 0 : floorMs;
  const most = Math.min(ceilingMs, floorMs * 2 ** attempt);
  return Math.min(ceilingMs, least + random * Math.max(most, least));
}
