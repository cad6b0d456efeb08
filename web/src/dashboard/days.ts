// Local days as the API has them: of clock hours. Where clocks are off the hour (+05:30), a day begins with the hour in
// which its midnight lies, which is on the evening before.

const HOUR_MS = 3_600_000;

/** A moment that is on the day which the step is of. */
export const inDay = (beginsAt: number): number => (beginsAt % HOUR_MS === 0 ? beginsAt + HOUR_MS - 1 : beginsAt);

const calendars = new Map<string, Intl.DateTimeFormat>();

/** "2026-11-26" */
export function dayOf(epochMs: number, zone: string): string {
  const calendar = calendars.get(zone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
  calendars.set(zone, calendar);
  return calendar.format(epochMs);
}

/** Whether a day begins there. Clocks may leave midnight out, so this is not asked of the hour. */
export const beginsDay = (epochMs: number, zone: string): boolean => dayOf(epochMs - 1, zone) !== dayOf(inDay(epochMs), zone);
