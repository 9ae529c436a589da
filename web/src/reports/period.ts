/** Stretches of months that people ask for. */
const monthAt = (months: number) => `${Math.floor(months / 12)}-${`${(months % 12) + 1}`.padStart(2, "0")}`;

export type Period = { key: string; from: string; to: string };

/** Months are those of UTC, as reports count them. */
export function periodsOf(now: Date): Period[] {
  const month = now.getUTCFullYear() * 12 + now.getUTCMonth();
  const [quarter, year] = [month - (month % 3), month - (month % 12)];
  const known: [string, number, number][] = [
    ["thisMonth", month, month],
    ["lastMonth", month - 1, month - 1],
    ["thisQuarter", quarter, quarter + 2],
    ["thisYear", year, year + 11],
    ["lastYear", year - 12, year - 1],
    ["twelveMonths", month - 11, month],
    ["nextSix", month, month + 5],
  ];
  return known.map(([key, from, to]) => ({ key, from: monthAt(from), to: monthAt(to) }));
}

/** The year so far and before: what a report that needs months begins with. */
export function lastTwelve(now: Date): { from: string; to: string } {
  const { from, to } = periodsOf(now).find(({ key }) => key === "twelveMonths")!;
  return { from, to };
}
