// What the browser keeps. It may refuse (private windows, a full disk, a policy): then nothing is kept, and all else works.

function keeper(open) {
  return {
    read(key) {
      try {
        return JSON.parse(open().getItem(key));
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        if (value === null) open().removeItem(key);
        else open().setItem(key, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** For all tabs of this browser, until it is cleared. */
export const shared = keeper(() => localStorage);
/** For this tab alone; survives a reload. */
export const ofTab = keeper(() => sessionStorage);
