/** Spans such as 09:00-12:00, as two fields of a form; a day ends at 24:00, which such a field calls 00:00. */

export type Span = { begins: string; ends: string };

export const spanOf = (text: string): Span => {
  const [begins = "", ends = ""] = text.split("-");
  return { begins, ends: ends === "24:00" ? "00:00" : ends };
};

export const textOf = ({ begins, ends }: Span): string => `${begins}-${ends === "00:00" ? "24:00" : ends}`;

/** What follows the last span of a day: an afternoon after a morning. */
export function nextSpan(day: Span[]): Span {
  const last = day.at(-1);
  if (!last) return { begins: "09:00", ends: "12:00" };
  return { begins: last.ends, ends: last.ends < "18:00" && last.ends !== "00:00" ? "18:00" : "00:00" };
}

/** Minutes as a person says them: `450` → 7 h 30 min. */
export function partsOf(minutes: number): { hours: number; minutes: number } {
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}

/** A weekday's name; the week begins on Monday. */
export function dayName(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(
    new Date(Date.UTC(2024, 0, 1 + at)),
  );
}
