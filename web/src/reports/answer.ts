/** What reports answer, in one form: lines with figures, each of which may lead to the records behind it. */
import { ask } from "../api/http";
import type { components } from "../api/schema";
import type { View } from "../app/search";
import type { Row } from "../noun/noun";
import type { Column, Report } from "./directory";

export type Drill = Record<string, string>;
export type Part = Row & { drill?: Drill };
export type Complete = components["schemas"]["CompletenessView"];
export type Answer = {
  as_of: string | null;
  by?: string;
  complete_up_to: Complete;
  items: Part[];
  /** All lines together: a count, or figures beside each other, or one of these per currency. */
  totals?: Part | Part[];
  total?: number | null;
  counts?: Part;
  page?: number;
  size?: number;
  drill: Drill;
};

/** One number of a cell, and the address of what it counts. */
export type Said = { value: unknown; currency?: string | undefined; to?: string | undefined };

/** What the server is asked; everything else in the address is about how it is shown. */
export function askedOf(report: Report, view: View): View {
  const names = ["as_of", ...(report.by.length ? ["by"] : []), ...(report.sorts.length ? ["sort"] : [])];
  const asked = Object.fromEntries(
    [...names, ...report.filters, ...(report.has_pages ? ["page", "size"] : [])].map((name) => [name, view[name]]),
  );
  if (asked.by && !report.by.includes(asked.by)) asked.by = undefined;
  // Months follow each other, unless somebody wants to see the best first.
  if ((asked.by ?? report.by[0]) === "month" && report.sorts.length && !asked.sort) asked.sort = "value";
  return asked;
}

export async function answerOf(report: Report, asked: View, signal: AbortSignal): Promise<Answer> {
  return (await ask<Answer>("GET", report.address.replace("/api", ""), { query: asked, signal })).data;
}

/** What a line says in a column: one value, or one per currency where the column stands within amounts. */
export function saidIn(part: Part, column: Column): Said[] {
  const found = column.within ? ((part[column.within] as Part[] | undefined) ?? []) : [part];
  return found.map((one) => ({
    value: one[column.name],
    currency: one.currency as string | undefined,
    to: one.drill?.[column.name],
  }));
}

/** What all lines together say in a column. */
export function totalIn(answer: Answer, column: Column): Said[] {
  const { totals } = answer;
  if (Array.isArray(totals))
    return totals.flatMap((one) => saidIn(one, column)).filter(({ value }) => value !== undefined);
  if (totals) return saidIn(totals, column).filter(({ value }) => value !== undefined);
  const to = answer.drill.total;
  const isIt = to && new URLSearchParams(to.split("?")[1]).get("figure") === column.name;
  return isIt ? [{ value: answer.total, to }] : [];
}

export function hasTotals(answer: Answer, columns: Column[]): boolean {
  return answer.items.length > 1 && columns.some((column) => totalIn(answer, column).length > 0);
}

const NAMED_BY: Record<string, string> = {
  manager_id: "manager_name",
  salesperson_id: "salesperson_name",
  customer_no: "customer_name",
  name: "value",
};
/** Said otherwise: in the money, in the other language, or in the name of the line. */
const UNSAID = new Set(["currency", "name_en", "rule_en", "at", "loss_id", "pipeline"]);

/** The columns that say something: not the number of what is named beside it, nor what no line has. */
export function shownColumns(report: Report, answer: Answer): Column[] {
  const names = new Set(report.columns.map((column) => column.name));
  const isFunnel = names.has("stage");
  return report.columns.filter(({ name, kind, within }) => {
    if (UNSAID.has(name)) return false;
    if (kind !== "name") return !within || answer.items.some((item) => (item[within] as Part[]).length > 0);
    if (within) return false;
    if (isFunnel) return name === "stage";
    if (name === "manager_id") return false;
    if (NAMED_BY[name] && names.has(NAMED_BY[name])) return false;
    return name === "value" || answer.items.some((item) => item[name] !== null);
  });
}

/** Kinds of which a chart can be drawn. */
export function isMeasure({ kind }: Column): boolean {
  return kind !== "name" && kind !== "moment";
}
