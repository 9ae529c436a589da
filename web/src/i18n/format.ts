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

export function asTime(value: string): string {
  return once(
    "time",
    () => new Intl.DateTimeFormat(i18next.language, { hour: "2-digit", minute: "2-digit", hour12: false }),
  ).format(new Date(value));
}

/** `1.4 MB`, as files are measured. */
export function asSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const at = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), units.length - 1);
  return once(`size ${at}`, () => {
    const style = { style: "unit", unit: units[at]!, unitDisplay: at ? "short" : "long", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(i18next.language, style as Intl.NumberFormatOptions);
  }).format(bytes / 1024 ** at);
}

/** How long something took or lasts: `12 days`, `2 days 5 hours`, `40 minutes`. */
export function asDuration(seconds: number): string {
  const minutes = Math.max(Math.round(seconds / 60), 0);
  const parts: [string, number][] = [
    ["day", Math.floor(minutes / 1440)],
    ["hour", Math.floor((minutes % 1440) / 60)],
    ["minute", minutes % 60],
  ];
  const first = Math.max(
    parts.findIndex(([, count]) => count > 0),
    0,
  );
  // Beyond a few of the larger unit nobody wants the smaller one.
  const shown = parts.slice(first, parts[first]![1] > 2 || first === 2 ? first + 1 : first + 2);
  return (first === 0 && minutes === 0 ? parts.slice(2) : shown)
    .filter(([, count], at) => count > 0 || at === 0)
    .map(([unit, count]) =>
      once(`duration ${unit}`, () => {
        const style = { style: "unit", unit, unitDisplay: "long" };
        return new Intl.NumberFormat(i18next.language, style as Intl.NumberFormatOptions);
      }).format(count),
    )
    .join(" ");
}

/** `1 contact and 2 orders`, as the language counts up. */
export function asList(parts: string[]): string {
  return new Intl.ListFormat(i18next.language).format(parts);
}
