// One of the two reads as the components see it: the newest answer, what it answers, and what went wrong since.
import { useEffect, useRef, useState } from "preact/hooks";
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
}

interface Trouble {
  readonly question: string | null;
  readonly problem: Problem | null;
}

const NOTHING = { question: null, answer: null, madeAt: 0 };
const NO_TROUBLE: Trouble = { question: null, problem: null };

/** Reads anew at once when the question changes; a read of the question before is given up, so its answer never comes. */
export function useReading<Answer>(
  question: string | null, // null: there is nothing to ask yet, or any more
  every: () => number,
  read: (signal: AbortSignal) => Promise<Read<Answer>>,
): Reading<Answer> {
  const [kept, setKept] = useState<Kept<Answer>>(NOTHING);
  const [trouble, setTrouble] = useState(NO_TROUBLE);
  const asking = useRef<{ question: string; poller: Poller<Read<Answer>> } | null>(null);
  if ((asking.current?.question ?? null) !== question) {
    // Not in an effect: the question is on its way before anything of the page is drawn.
    asking.current?.poller.close();
    asking.current = question === null ? null : { question, poller: started(question) };
  }
  useEffect(() => {
    if (question === null) setKept(NOTHING); // figures do not outlive the right to read them
  }, [question]);
  useEffect(() => () => asking.current?.poller.close(), []);

  const problem = trouble.question === question ? trouble.problem : null;
  const isOld = kept.answer !== null && kept.question !== question;
  return {
    // Older figures may wait for newer ones, but not stand beside an error as if they answered the question.
    answer: question === null || (isOld && problem) ? null : kept.answer,
    isOld,
    madeAt: kept.madeAt,
    problem,
    dueAt: () => asking.current?.poller.dueAt ?? null,
    retry: () => {
      setTrouble(NO_TROUBLE);
      asking.current?.poller.start();
    },
  };

  function started(asked: string): Poller<Read<Answer>> {
    const poller = new Poller<Read<Answer>>({
      read,
      every,
      onAnswer: ({ answer, ageMs }) => {
        setKept({ question: asked, answer, madeAt: performance.now() - ageMs });
        setTrouble(NO_TROUBLE);
      },
      onProblem: (problem) => setTrouble({ question: asked, problem }),
    });
    poller.start();
    return poller;
  }
}
