/** The view of a list: all of it stands in the address, so that a link or the back button restores it exactly. */
import type { Query } from "../api/http";
import { listShape } from "../api/shapes";
import type { View } from "../app/search";
import type { Noun } from "../noun/noun";

export const SIZES = ["20", "50", "100", "200"];
const FIRST_SIZE = "20";

/** What is asked of the server. */
export function asked(noun: Noun, view: View): Query {
  const { filters, sorts, searches } = listShape(noun.list);
  const query: Query = { page: view.page ?? "1", size: SIZES.includes(view.size ?? "") ? view.size : FIRST_SIZE };
  for (const [name, value] of Object.entries({ ...noun.first, ...view }))
    if (filters.includes(name)) query[name] = value;
  if (searches && view.q) query.q = view.q;
  if (view.sort && sorts.includes(view.sort.replace("-", ""))) query.sort = view.sort;
  return query;
}

export function filtersOf(noun: Noun, view: View): [string, string][] {
  const { filters } = listShape(noun.list);
  return Object.entries(view).flatMap(([name, value]) => (filters.includes(name) && value ? [[name, value]] : []));
}

/** The columns shown: those the reader chose, or the noun's own. */
export function columnsOf(noun: Noun, view: View): string[] {
  const { row } = listShape(noun.list);
  const chosen = view.columns?.split(",").filter((name) => name in row);
  return chosen?.length ? chosen : noun.columns;
}

/** A change of what is listed begins at the first page, with nothing open beside it. */
export function changed(view: View, change: View): View {
  return { ...view, page: undefined, peek: undefined, ...change };
}

/** A column sorts by its own name, or by the one that stands behind it. */
export function sortOf(noun: Noun, column: string): string | undefined {
  const { sorts } = listShape(noun.list);
  return [column, `${column}_minor`].find((name) => sorts.includes(name));
}

/** Ascending, descending, as the list is by itself. */
export function nextSort(now: string | undefined, name: string): string | undefined {
  if (now === name) return `-${name}`;
  return now === `-${name}` ? undefined : name;
}

/** The server skips no more rows than that to reach a page. */
const DEEPEST = 10_000;
/** Whether rows follow that no page shows: who looks for one of them filters or sorts. */
export function isDeepest(page: number, size: number, total: number): boolean {
  return page * size > DEEPEST && page * size < total;
}
