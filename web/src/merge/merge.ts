/** Two files of one customer: who is alike, and what would become of them. */
import { queryOptions } from "@tanstack/react-query";
import { ask, type Problem } from "../api/http";

export type Match = { customer_no: string; name: string; manager_name: string; status: number; because: string[] };
export type Choice = { field: string; kept: unknown; other: unknown; take_other: boolean };
export type Preview = { fields: Choice[]; moves: Record<string, number>; refused: Problem | null };

const pathOf = (customer: string) => `/customers/${encodeURIComponent(customer)}`;

export function alikeQuery(customer: string) {
  return queryOptions({
    queryKey: ["record", "alike", customer],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Match[] }>("GET", `${pathOf(customer)}/duplicates`, { signal })).data.items,
    staleTime: 30_000,
  });
}

export function previewQuery(customer: string, absorbed: string) {
  return queryOptions({
    queryKey: ["record", "merge", customer, absorbed],
    queryFn: async ({ signal }) =>
      (await ask<Preview>("GET", `${pathOf(customer)}/merge`, { query: { absorbed }, signal })).data,
  });
}

/** `manager_id` is shown by its name. */
export const shownAs = (field: string) => field.replace(/_id$/, "_name");

export const isDifferent = ({ kept, other }: Choice) => JSON.stringify(kept ?? "") !== JSON.stringify(other ?? "");
