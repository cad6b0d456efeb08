// What both charts have around their shapes: axes, and the step that is being read. The drawing stretches with its
// box, so nothing is measured; words lie over it as HTML, placed by transforms, which are no layout shift.
import type { ComponentChildren, VNode } from "preact";
import { HEIGHT, xOf } from "./line";
import type { Reading } from "./reading";

export interface ValueMark {
  /** 0 at the bottom, 1 at the top. */
  readonly share: number;
  readonly text: string;
}

export interface TimeMark {
  readonly at: number;
  readonly text: string;
}

export interface Row {
  /** Which line the row is about: the class of its key. */
  readonly kind: "current" | "previous";
  readonly when: string;
  readonly value: string;
  /** Where the value lies: 0 at the bottom, 1 at the top; null where there is none. */
  readonly share: number | null;
}

interface FrameProps {
  readonly kind: "bars" | "series";
  readonly label: string;
  /** The whole chart in a sentence. */
  readonly summary: string;
  /** How a person who reads by ear or with keys moves through it. */
  readonly keys: string;
  readonly length: number;
  readonly marks: readonly ValueMark[];
  readonly times: readonly TimeMark[];
  readonly reading: Reading;
  /** The step being read, for the eye and for the ear. */
  readonly rows: readonly Row[];
  readonly spoken: string;
  readonly children: ComponentChildren;
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;

export function ChartFrame(props: FrameProps): VNode {
  const { kind, label, summary, keys, length, marks, times, reading, rows, spoken, children } = props;
  return (
    <figure class={`chart ${kind}`}>
      <figcaption class="unseen">{summary} {keys}</figcaption>
      <div class="chart-scale" aria-hidden="true">
        {marks.map(({ share, text }) => (
          <div class="chart-mark" key={`${share} ${text}`} style={{ top: percent(1 - share) }}><span>{text}</span></div>
        ))}
      </div>
      <div
        class="chart-plot" role="slider" tabIndex={0} aria-label={label} aria-readonly="true" aria-orientation="horizontal"
        aria-valuemin={1} aria-valuemax={Math.max(1, length)} aria-valuenow={(reading.at ?? Math.max(0, length - 1)) + 1}
        aria-valuetext={spoken} {...reading.handlers}
      >
        <svg viewBox={`0 0 ${Math.max(1, length)} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
          {children}
        </svg>
        {reading.at !== null && length > 0 && <Read share={xOf(reading.at) / length} rows={rows} />}
      </div>
      <div class="chart-times" aria-hidden="true">
        {times.map(({ at, text }, nth) => (
          <span key={`${at} ${length}`} class={nth % 2 ? "minor" : undefined} style={{ left: percent(xOf(at) / length) }}>
            <span>{text}</span>
          </span>
        ))}
      </div>
    </figure>
  );
}

function Read({ share, rows }: { readonly share: number; readonly rows: readonly Row[] }): VNode {
  return (
    <div class="chart-read" aria-hidden="true" style={{ transform: `translateX(${percent(share)})` }}>
      <div class="chart-line" />
      {rows.map((row) => row.share !== null && (
        <div key={row.kind} class={`chart-dot ${row.kind}`} style={{ transform: `translateY(${percent(1 - row.share)})` }} />
      ))}
      <div class="chart-tip" style={{ transform: `translateX(-${percent(share)})` }}>
        {rows.map((row) => (
          <p key={row.kind} class={row.kind}><span class="when">{row.when}</span> <span class="value">{row.value}</span></p>
        ))}
      </div>
    </div>
  );
}
