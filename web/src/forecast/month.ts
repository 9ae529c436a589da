/** Months, and the deals that are expected in one. */
export function monthNow(): string {
  return new Date().toISOString().slice(0, 7);
}

/** What stands in an address may be anything. */
export function monthOr(text: string | undefined, otherwise: string): string {
  return text && /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? text : otherwise;
}

export function monthAfter(month: string, count = 1): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const months = year * 12 + number - 1 + count;
  return `${Math.floor(months / 12)}-${`${(months % 12) + 1}`.padStart(2, "0")}`;
}

export function lastDayOf(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

/** The filters of the list of deals that a sum of the forecast is made of. */
export function dealsOf(month: string, currency: string, more: Record<string, string>): Record<string, string> {
  return { expected_from: `${month}-01`, expected_to: lastDayOf(month), currency, ...more };
}

export const CURRENCIES = ["CNY", "USD", "EUR", "HKD", "JPY", "GBP"];
