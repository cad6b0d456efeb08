// Asks again and again while someone is looking, and less often while the other side is in trouble.
import { Problem } from "./problem";

const LONGEST_WAIT_MS = 60_000;

export interface Asking<Answer> {
  read(signal: AbortSignal): Promise<Answer>;
  /** Milliseconds between reads that succeed. */
  every(): number;
  onAnswer(answer: Answer): void;
  /** May stop the poller. */
  onProblem(problem: Problem): void;
}

export class Poller<Answer> {
  /** When the next read starts (performance.now); null while one is under way or none is planned. */
  dueAt: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;
  #failures = 0;
  #isStarted = false;

  constructor(private readonly asking: Asking<Answer>) {
    document.addEventListener("visibilitychange", this.#onSeen);
    addEventListener("online", this.#onSeen);
    addEventListener("offline", this.#onSeen); // the read fails at once, which is how the page learns of it
  }

  /** Read now, and go on. A read under way is given up: what it asks may be the wrong question by now. */
  start(): void {
    this.#isStarted = true;
    this.#failures = 0;
    this.#onSeen();
  }

  stop(): void {
    this.#isStarted = false;
    this.#pause();
  }

  close(): void {
    this.stop();
    document.removeEventListener("visibilitychange", this.#onSeen);
    removeEventListener("online", this.#onSeen);
    removeEventListener("offline", this.#onSeen);
  }

  readonly #onSeen = (): void => {
    this.#pause();
    if (this.#isStarted && !document.hidden) void this.#readNow();
  };

  #pause(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = this.dueAt = null;
  }

  async #readNow(): Promise<void> {
    const running = (this.#running = new AbortController());
    this.dueAt = null;
    let answer: Answer;
    try {
      answer = await this.asking.read(running.signal);
    } catch (problem) {
      if (running.signal.aborted) return;
      if (!(problem instanceof Problem)) throw problem; // a mistake of ours
      this.#failures += 1;
      this.#planNext(waitAfterFailure(this.asking.every(), this.#failures, problem.retryAfterS, Math.random()));
      this.asking.onProblem(problem);
      return;
    }
    if (running.signal.aborted) return;
    this.#failures = 0;
    this.#planNext(this.asking.every());
    this.asking.onAnswer(answer);
  }

  #planNext(wait: number): void {
    this.dueAt = performance.now() + wait;
    this.#timer = setTimeout(() => void this.#readNow(), wait);
  }
}

/** Doubles with every failure; never sooner than the server asked for; spread, so that many pages do not return at once. */
export function waitAfterFailure(everyMs: number, failures: number, retryAfterS: number | null, random: number): number {
  const doubled = Math.min(everyMs * 2 ** failures, LONGEST_WAIT_MS);
  return Math.max(doubled, (retryAfterS ?? 0) * 1000) * (1 + random / 4);
}
