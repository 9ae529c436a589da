/** What a chart shows of a report: which figures, in which form, and where a click on each leads. */
import { type Answer, isMeasure, type Part, saidIn } from "./answer";
import { type Column, nameOf, type Report, wordOf } from "./directory";
import { figureSaid, nameIn } from "./say";

export type Form = "bars" | "lines" | "pie" | "funnel";
export type Series = {
  name: string;
  kind: string;
  currency?: string;
  values: (number | null)[];
  to: (string | undefined)[];
  /** Not so, but to be expected. */
  isDashed?: boolean;
};
export type Drawing = { form: Form; labels: string[]; series: Series[]; left: number };

/** More bars than this nobody reads; the table has all. */
export const MOST = 15;
/** Figures that say more beside each other. */
const TOGETHER: Record<string, string[]> = {
  "sales-forecast": ["weighted", "won_amount", "stated", "target"],
  "customer-growth": ["new", "active", "lost", "won_back"],
  leads: ["open", "converted", "rejected"],
  opportunities: ["won", "failed", "opportunities"],
  service: ["new", "allocated", "handled", "archived"],
  "service-performance": ["requests", "complaints", "visits"],
  "sales-funnel": ["entered"],
};
const ALL = "together";

export type Choice = { value: string; label: string };

/** What can be drawn: several figures together where that says more, or one of them. */
export function choicesOf(report: Report, columns: Column[]): Choice[] {
  const together = TOGETHER[nameOf(report)] ?? [];
  const measures = columns.filter(isMeasure);
  const single = measures.map(({ name }) => ({ value: name, label: wordOf(report, name) }));
  if (together.length < 2) return single;
  return [{ value: ALL, label: together.map((name) => wordOf(report, name)).join(" · ") }, ...single];
}

function chosenOf(report: Report, columns: Column[], show: string | undefined): Column[] {
  const measures = columns.filter(isMeasure);
  const one = measures.find(({ name }) => name === show);
  if (one) return [one];
  const together = (TOGETHER[nameOf(report)] ?? [])
    .map((name) => measures.find((column) => column.name === name))
    .filter((column) => column !== undefined);
  if (together.length > 0) return together;
  const money = measures.find(({ kind }) => kind === "money");
  return [money ?? measures[0]].filter((column) => column !== undefined);
}

function formOf(report: Report, by: string, series: Series[]): Form {
  if (by === "month" || nameOf(report) === "customer-growth") return "lines";
  if (nameOf(report) === "composition") return "pie";
  if (nameOf(report) === "sales-funnel" && series.length === 1 && series[0]!.name) return "funnel";
  return "bars";
}

export function drawingOf(report: Report, answer: Answer, columns: Column[], by: string, show?: string): Drawing {
  if (answer.counts) return countsOf(report, answer.counts);
  const chosen = chosenOf(report, columns, show);
  const names = columns.filter(({ kind, name }) => kind === "name" && name !== "rule");
  const called = (part: Part) => names.map((column) => nameIn(report, part, column, by)).join(" · ");
  const form = formOf(
    report,
    by,
    chosen.map((column) => emptySeries(report, column)),
  );
  let lines = answer.items;
  // A deal that was lost did not come further.
  if (form === "funnel")
    lines = lines.filter((line) => /^(open|won)$/.test(`${line.kind}`) && line.pipeline === lines[0]?.pipeline);
  if (form === "lines") lines = withoutGaps(lines);
  const currency = commonest(lines, chosen);
  const size = (line: Part) => Math.max(...chosen.map((column) => valueIn(line, column, currency).value ?? 0));
  if (form === "bars" && lines.length > MOST) lines = [...lines].sort((a, b) => size(b) - size(a)).slice(0, MOST);
  return {
    form,
    labels: lines.map(called),
    left: answer.items.length - lines.length,
    series: chosen.map((column) => ({
      ...emptySeries(report, column, currency),
      values: lines.map((line) => valueIn(line, column, currency).value),
      to: lines.map((line) => valueIn(line, column, currency).to),
    })),
  };
}

/** A month in which nothing happened has no line, and is drawn as what it is: nothing. */
function withoutGaps(lines: Part[]): Part[] {
  const months = lines.map((line) => `${line.value}`).filter((month) => /^\d{4}-\d\d$/.test(month));
  if (months.length !== lines.length || months.length === 0) return lines;
  const known = new Map(lines.map((line) => [`${line.value}`, line]));
  const found: Part[] = [];
  const last = months.reduce((one, other) => (other > one ? other : one));
  for (let month = months.reduce((one, other) => (other < one ? other : one)); month <= last; month = after(month))
    found.push(known.get(month) ?? { value: month });
  return found;
}

function after(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${`${number + 1}`.padStart(2, "0")}`;
}

function emptySeries(report: Report, column: Column, currency?: string): Series {
  const money = column.kind === "money" && currency ? { currency } : {};
  return { name: wordOf(report, column.name), kind: column.kind, ...money, values: [], to: [] };
}

/** Amounts of different currencies do not stand side by side: the one that most lines have is drawn. */
function commonest(lines: Part[], chosen: Column[]): string | undefined {
  const found = lines.flatMap((line) => chosen.flatMap((column) => saidIn(line, column))).map((said) => said.currency);
  const counts = new Map<string, number>();
  for (const one of found) if (one) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

function valueIn(line: Part, column: Column, currency: string | undefined) {
  const said = saidIn(line, column).find((one) => !one.currency || one.currency === currency);
  const value = said?.value;
  const nothing = column.kind === "count" || column.kind === "money" ? 0 : null;
  return { value: value === null || value === undefined ? nothing : Number(value), to: said?.to };
}

function countsOf(report: Report, counts: Part): Drawing {
  const names = Object.keys(counts.drill ?? {});
  const series = {
    name: "",
    kind: "count",
    values: names.map((name) => counts[name] as number),
    to: names.map((name) => counts.drill?.[name]),
  };
  return { form: "bars", labels: names.map((name) => wordOf(report, name)), series: [series], left: 0 };
}

export function valueSaid(series: Series, value: number | null): string {
  return figureSaid(series.kind, { value, currency: series.currency });
}
