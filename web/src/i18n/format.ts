/** Dates, numbers and money as the reader's language writes them. */
import i18next from "i18next";

const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function once<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const whole = `${i18next.language} ${key}`;
  if (!made.has(whole)) made.set(whole, make());
  return made.get(whole) as T;
}

export function asNumber(value: number | string): string {
  return once("number", () => new Intl.NumberFormat(i18next.language)).format(Number(value));
}

export function asPercent(value: number): string {
  return once(
    "percent",
    () => new Intl.NumberFormat(i18next.language, { style: "percent", maximumFractionDigits: 1 }),
  ).format(value);
}

export function asMoney(value: number | string, currency?: string | null): string {
  if (!currency)
    return once("plain", () => new Intl.NumberFormat(i18next.language, { minimumFractionDigits: 2 })).format(
      Number(value),
    );
  return once(
    currency,
    () => new Intl.NumberFormat(i18next.language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }),
  ).format(Number(value));
}

export function asDay(value: string): string {
  const day = value.length === 10 ? new Date(`${value}T00:00:00`) : new Date(value);
  return once(
    "day",
    () => new Intl.DateTimeFormat(i18next.language, { year: "numeric", month: "2-digit", day: "2-digit" }),
  ).format(day);
}

export function asMoment(value: string): string {
  const format = () =>
    new Intl.DateTimeFormat(i18next.language, {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
  return once("moment", format).format(new Date(value));
}
