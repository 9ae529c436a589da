/** Records of all nouns by name or number: each list is asked by itself, so one that fails leaves the others. */
import { useQueries } from "@tanstack/react-query";
import { Refused } from "../api/http";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import { rowsQuery } from "../list/rows";
import { idOf, type Noun, type Row } from "../noun/noun";
import { findNoun } from "../noun/nouns";
import { isEnough } from "./match";

export const SEARCHED = [
  "customers",
  "contacts",
  "leads",
  "opportunities",
  "deals",
  "orders",
  "requests",
  "complaints",
];
const EACH = 5;

export type Hit = { noun: Noun; id: string; title: string; more: string };
export type Found = { noun: Noun; hits: Hit[]; isBusy: boolean; isDown: boolean };

export function useFound(text: string): Found[] {
  const may = useMay();
  const nouns = SEARCHED.map((name) => findNoun(name)!).filter((noun) => may(listShape(noun.list).needs));
  const answers = useQueries({
    queries: nouns.map((noun) => ({
      ...rowsQuery(noun.list, { q: text, size: EACH, total: false }),
      enabled: isEnough(text),
      // Whoever types does not wait for a service that is down.
      retry: false,
    })),
  });
  if (!isEnough(text)) return [];
  return nouns.map((noun, at) => {
    const { data, error, isFetching } = answers[at]!;
    return {
      noun,
      hits: error ? [] : (data?.items ?? []).map((row) => hitOf(noun, row)),
      isBusy: isFetching,
      isDown: error instanceof Refused && (error.status === 0 || error.status >= 500),
    };
  });
}

/** What tells one Wang from another: whose it is, and its number. */
export function hitOf(noun: Noun, row: Row): Hit {
  const title = `${row[noun.title] ?? ""}`;
  const beside = ["customer_name", "company", ...noun.keys.filter((key) => key !== "id"), "reference", "phone"];
  const said = beside.map((field) => row[field]).filter((value) => value && value !== title);
  return { noun, id: idOf(noun, row), title, more: [...new Set(said)].slice(0, 2).join(" · ") };
}
