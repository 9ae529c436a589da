/** The values that the dictionary offers, in the reader's language: asked for once. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { languageNow } from "../i18n";
import type { Noun } from "./noun";

type Item = { kind: string; value: string; text: string; text_en: string; position: number };

const dictionaryQuery = queryOptions({
  queryKey: ["dictionary", "all"],
  queryFn: async ({ signal }) =>
    (await ask<{ items: Item[] }>("GET", "/dictionary", { query: { size: 200, total: false }, signal })).data.items,
  staleTime: 300_000,
});

/** For a noun: (field) → value → text, or nothing when the field takes no dictionary value. */
export function useWords(noun: Noun): (field: string) => Record<string, string> | undefined {
  const may = useMay();
  const isNeeded = Boolean(noun.dictionary) && may("dictionary:read");
  const { data } = useQuery({ ...dictionaryQuery, enabled: isNeeded });
  const language = languageNow();
  return (field) => {
    const kind = noun.dictionary?.[field];
    if (!kind || !data) return undefined;
    const items = data.filter((item) => item.kind === kind).sort((one, other) => one.position - other.position);
    return Object.fromEntries(items.map((item) => [item.value, (language === "en" && item.text_en) || item.text]));
  };
}
