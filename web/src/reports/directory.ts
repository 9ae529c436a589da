/** Which reports there are, and how each is to be read: the server's directory says all of it. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { languageNow } from "../i18n";

export type Directory = components["schemas"]["DirectoryView"];
export type Report = components["schemas"]["DescribedView"];
export type Column = Report["columns"][number];

export const directoryQuery = queryOptions({
  queryKey: ["reports"],
  queryFn: async ({ signal }) => (await ask<Directory>("GET", "/reports", { signal })).data,
  staleTime: 300_000,
});

export function useDirectory() {
  return useQuery(directoryQuery);
}

/** `/api/reports/sales-funnel` → `sales-funnel`, its name in addresses. */
export function nameOf(report: Report): string {
  return report.address.split("/").pop()!;
}

export function findReport(directory: Directory, name: string | undefined): Report | undefined {
  return directory.items.find((report) => nameOf(report) === name);
}

export function titleOf(said: { title: string; title_en: string }): string {
  return languageNow() === "en" ? said.title_en : said.title;
}

/** What a column, a figure, a filter or a way of putting together is called. */
export function wordOf(report: Report, name: string): string {
  const word = report.words.find((one) => one.name === name);
  return word ? titleOf(word) : name;
}
