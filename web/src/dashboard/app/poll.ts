// @ts-nocheck
// Asks again and again while someone is looking, and less often while the other side is in trouble.

const LONGEST_WAIT_MS = 60_000;

export class Poller {
  #timer = null;
  #running = null; // AbortController of the read under way
  #failures = 0;
  #started = false;

  /** read(signal) -> answer; every: ms between reads that succeed; dueAt: when the next one starts (performance.now). */
  constructor({ read, every, onAnswer, onProblem }) {
    Object.assign(this, { read, every, onAnswer, onProblem, dueAt: null });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#pause() : this.#resume()));
  }

  start() {
    this.#started = true;
    this.#failures = 0;
    this.#pause();
    this.#resume();
  }

  stop() {
    this.#started = false;
    this.#pause();
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#timer = this.#running = this.dueAt = null;
  }

  #resume() {
    if (this.#started && !document.hidden) this.#readNow();
  }

  async #readNow() {
    const running = (this.#running = new AbortController());
    this.dueAt = null;
    let answer;
    try {
      answer = await this.read(running.signal);
    } catch (problem) {
      if (running.signal.aborted) return;
      this.#planNext(this.#backOff(problem.retryAfterS));
      this.onProblem(problem); // may stop us
      return;
    }
    if (running.signal.aborted) return;
    this.#failures = 0;
    this.#planNext(this.every);
    this.onAnswer(answer);
  }

  #planNext(wait) {
    this.dueAt = performance.now() + wait;
    this.#timer = setTimeout(() => this.#readNow(), wait);
  }

  /** Doubles with every failure; never sooner than the server asked for; spread, so that many pages do not return at once. */
  #backOff(retryAfterS) {
    this.#failures += 1;
    const doubled = Math.min(this.every * 2 ** this.#failures, LONGEST_WAIT_MS);
    return Math.max(doubled, (retryAfterS ?? 0) * 1000) * (1 + Math.random() / 4);
  }
}
