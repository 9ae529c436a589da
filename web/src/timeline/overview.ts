/** What the server knows of a customer from all sides, and where it is listed here. */
import { queryOptions } from "@tanstack/react-query";
import { ask } from "../api/http";

export type Count = {
  noun: string;
  total: number;
  open: number;
  open_amount: string | null;
  currency: string | null;
  href: string;
};
export type Bought = { currency: string; orders: number; amount: string; open: string };
export type LastOrder = { order_no: string; ordered_at: string; amount: string; currency: string };
export type Overview = { counts: Count[]; orders: Bought[]; last_order: LastOrder | null };

export function overviewQuery(customer: string) {
  const path = `/customers/${encodeURIComponent(customer)}/overview`;
  return queryOptions({
    queryKey: ["record", "overview", customer],
    queryFn: async ({ signal }) => (await ask<Overview>("GET", path, { query: { size: 1 }, signal })).data,
  });
}

/** The services say one, the screens say many. */
export const SCREEN_OF: Record<string, string> = {
  activity: "activities",
  complaint: "complaints",
  contact: "contacts",
  deal: "deals",
  loss: "losses",
  opportunity: "opportunities",
  order: "orders",
  request: "requests",
  task: "tasks",
  visit: "visits",
};

/** The states that count as open, as each list filters by them. */
const OPEN: Record<string, string> = {
  complaint: "entered,assigned,handled,visited",
  deal: "open",
  loss: "1,2",
  opportunity: "1,2",
  request: "new,allocated,handled",
  task: "open",
  visit: "1,2,3,5",
};

export type Way = { noun: string; search: Record<string, string> };

/** `/api/deals?customer_no=KH1` is our list of deals with that filter. */
export function wayTo({ noun, href }: Pick<Count, "noun" | "href">, customer: string): Way {
  const filters = Object.fromEntries(new URL(href, "http://here").searchParams);
  return { noun: SCREEN_OF[noun]!, search: href.includes("?") ? filters : { customer_no: customer } };
}

export function wayToOpen(count: Count, customer: string): Way | undefined {
  const status = OPEN[count.noun];
  if (!status) return undefined;
  const { noun, search } = wayTo(count, customer);
  return { noun, search: { ...search, status } };
}

/** A record that a moment is about. */
export function recordOf(noun: string, record: string, customer: string): { noun: string; id: string } | undefined {
  const screen = SCREEN_OF[noun];
  if (!screen) return undefined;
  return { noun: screen, id: noun === "activity" || noun === "contact" ? `${customer}~${record}` : record };
}
