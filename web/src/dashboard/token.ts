// The read token: taken from the address once, kept for this tab only, shown nowhere.

const KEY = "liveinsight.token";
let inMemory: string | null = null; // where the browser forbids storage, the token lives as long as the page

export function readToken(): string | null {
  try {
    return sessionStorage.getItem(KEY) ?? inMemory;
  } catch {
    return inMemory;
  }
}

/** What chats and keyboards add (blanks, characters that show nothing) can be in no token, and in no header either. */
const NOT_IN_TOKENS = /[^\x21-\x7e]+/g;

/** The token in what someone pasted, or null. */
export const tokenIn = (given: string): string | null => given.replace(NOT_IN_TOKENS, "") || null;

export function keepToken(token: string | null): void {
  inMemory = token;
  try {
    if (token === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // inMemory has it
  }
}

/** Moves `#token=...` out of the address bar, so that it is neither bookmarked nor shown. True when there was one. */
export function takeTokenFromAddress(): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  keepToken(tokenIn(token));
  return true;
}
