/** Names and figures of reports in the reader's language. */
import i18next from "i18next";
import { languageNow } from "../i18n";
import { asDay, asMoment, asMoney, asNumber, asPercent } from "../i18n/format";
import { codesOf } from "../i18n/names";
import type { Part, Said } from "./answer";
import { type Column, type Report, wordOf } from "./directory";

/** Field or way of putting together → the noun whose codes its values are. */
const CODED: Record<string, string> = {
  level: "customers",
  credit: "customers",
  satisfaction: "customers",
  status: "opportunities",
};

/** How a line, or a part of its name, reads. */
export function nameIn(report: Report, part: Part, column: Column, by: string): string {
  const { name } = column;
  const value = part[name];
  if (name === "value") return valueName(by, value, part.name);
  if (name === "warning") return wordOf(report, `${value}`);
  if (name === "rule") return `${languageNow() === "en" ? part.rule_en : value}`;
  if (name === "stage") return `${(languageNow() === "en" && part.name_en) || part.name || value}`;
  if (name === "period") return periodName(`${value}`);
  if (name === "customer_name") return `${value ?? part.customer_no ?? "–"}`;
  return valueName(name, value);
}

export function valueName(by: string, value: unknown, name?: unknown): string {
  if (name) return `${name}`;
  if (value === null || value === undefined || value === "") return i18next.t("reports.without");
  if (by === "month") return monthName(`${value}`);
  if (by === "period") return periodName(`${value}`);
  return (CODED[by] && codesOf(CODED[by], by)?.[`${value}`]) || `${value}`;
}

const MONTHS = new Map<string, Intl.DateTimeFormat>();

/** `2026-11` → Nov 2026; what is no month stays as it was typed. */
export function monthName(month: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return month;
  const language = languageNow();
  if (!MONTHS.has(language))
    MONTHS.set(language, new Intl.DateTimeFormat(language, { year: "numeric", month: "short", timeZone: "UTC" }));
  return MONTHS.get(language)!.format(new Date(`${month}-01T00:00:00Z`));
}

/** `2026-01..2026-03`, or one month. */
export function periodName(period: string): string {
  const [first = "", last = ""] = period.split("..");
  return first === last ? monthName(first) : `${monthName(first)} – ${monthName(last)}`;
}

export function figureSaid(kind: string, { value, currency }: Pick<Said, "value" | "currency">): string {
  if (value === null || value === undefined || value === "") return "–";
  switch (kind) {
    case "money":
      return asMoney(`${value}`, currency);
    case "share":
      return asPercent(value as number);
    case "growth":
      return `${(value as number) > 0 ? "+" : ""}${asPercent(value as number)}`;
    case "seconds":
      return durationSaid(value as number);
    case "moment":
      return asDay(`${value}`);
    case "name":
      return `${value}`;
    default:
      return asNumber(value as number);
  }
}

const UNITS: [number, string][] = [
  [86_400, "days"],
  [3600, "hours"],
  [60, "minutes"],
  [1, "seconds"],
];

/** The largest two units tell enough: 3 days 4 hours. */
export function durationSaid(seconds: number): string {
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(i18next.t(`reports.time.${unit}`, { count }));
    if (parts.length > 0 && (parts.length === 2 || count === 0)) break;
  }
  return parts.join(" ") || i18next.t("reports.time.seconds", { count: 0 });
}

/** The moment to the second: up to when all is counted. */
export function asSecond(moment: string): string {
  const seconds = `${new Date(moment).getSeconds()}`.padStart(2, "0");
  return `${asMoment(moment)}:${seconds}`;
}
