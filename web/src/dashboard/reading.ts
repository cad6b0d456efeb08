// One of the two reads as the components see it: the newest answer, what it answers, and what went wrong since.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Read } from "./api";
import { Poller } from "./poller";
import type { Problem } from "./problem";

export interface Reading<Answer> {
  readonly answer: Answer | null;
  /** The answer is to an earlier question; the one to this question is on its way. */
  readonly isOld: boolean;
  /** performance.now() at which the answer was made: ages never depend on this machine's clock. */
  readonly madeAt: number;
  readonly problem: Problem | null;
  /** When the next read starts (performance.now); null while one is under way. */
  readonly dueAt: () => number | null;
  readonly retry: () => void;
}

interface Kept<Answer> {
  readonly question: string | null;
  readonly answer: Answer | null;
  readonly madeAt: number;
  readonly problem: Problem | null;
}

const NOTHING = { question: null, answer: null, madeAt: 0, problem: null };

/** Reads anew at once when the question changes; a read of the question before is given up, so its answer never comes. */
export function useReading<Answer>(
  question: string | null, // null: there is nothing to ask yet, or any more
  every: () => number,
  read: (signal: AbortSignal) => Promise<Read<Answer>>,
): Reading<Answer> {
  const [kept, setKept] = useState<Kept<Answer>>(NOTHING);
  const poller = useRef<Poller<Read<Answer>> | null>(null);
  useLayoutEffect(() => { // before the page is painted: the answer may be on its way meanwhile
    if (question === null) {
      setKept(NOTHING);
      return;
    }
    setKept((before) => (before.problem ? { ...before, problem: null } : before));
    const asking = new Poller<Read<Answer>>({
      read,
      every,
      onAnswer: ({ answer, ageMs }) => setKept({ question, answer, madeAt: performance.now() - ageMs, problem: null }),
      onProblem: (problem) => setKept((before) => ({ ...before, problem })),
    });
    poller.current = asking;
    asking.start();
    return () => asking.close();
  }, [question]);
  const isOld = kept.answer !== null && kept.question !== question;
  return {
    // Older figures may wait for newer ones, but not stand beside an error as if they answered the question.
    answer: isOld && kept.problem ? null : kept.answer,
    isOld,
    madeAt: kept.madeAt,
    problem: kept.problem,
    dueAt: () => poller.current?.dueAt ?? null,
    retry: () => {
      setKept((before) => ({ ...before, problem: null }));
      poller.current?.start();
    },
  };
}
