/** The address holds the whole view of a list, and nothing else reaches the server. */
import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "../src/app/search";
import { customers } from "../src/customer/noun";
import { sent } from "../src/form/Editor";
import { asked, changed, columnsOf, filtersOf, isDeepest, nextSort, sortOf } from "../src/list/view";

test("an address reads as words, and back", () => {
  const view = { level: "3,4", name: "张三 & Co", sort: "-opened_at" };

  expect(stringifySearch(view)).toBe("?level=3%2C4&name=%E5%BC%A0%E4%B8%89+%26+Co&sort=-opened_at");
  expect(parseSearch(stringifySearch(view))).toEqual(view);
  expect(stringifySearch({ q: undefined, page: "" })).toBe("");
});

test("of the address only what the list knows is asked", () => {
  const view = { level: "3", nonsense: "1", sort: "-opened_at", page: "2", size: "50", q: "acme", peek: "KH1" };

  expect(asked(customers, view)).toEqual({ page: "2", size: "50", level: "3", sort: "-opened_at", q: "acme" });
  expect(asked(customers, { sort: "password", size: "9999" })).toEqual({ page: "1", size: "20" });
  expect(filtersOf(customers, view)).toEqual([["level", "3"]]);
});

test("chosen columns are those that exist; without any, the noun's own", () => {
  expect(columnsOf(customers, { columns: "name,shoe_size,region" })).toEqual(["name", "region"]);
  expect(columnsOf(customers, { columns: "shoe_size" })).toEqual(customers.columns);
});

test("another filter begins at the first page, with nothing open beside it", () => {
  expect(changed({ page: "7", peek: "KH1", sort: "name" }, { level: "3" })).toEqual({
    level: "3",
    sort: "name",
    page: undefined,
    peek: undefined,
  });
});

test("a column is sorted up, down, and as it was", () => {
  expect([undefined, "name", "-name"].map((now) => nextSort(now, "name"))).toEqual(["name", "-name", undefined]);
  expect(sortOf(customers, "phone")).toBeUndefined();
});

test("what a field sends is what its kind says", () => {
  expect(sent({ name: "level", kind: "integer" }, "3")).toBe(3);
  expect(sent({ name: "level", kind: "integer" }, "three")).toBe("three");
  expect(sent({ name: "memo", kind: "text" }, "")).toBe("");
  expect(sent({ name: "credit", kind: "integer", empty: true }, "")).toBeNull();
  expect(sent({ name: "due_on", kind: "date" }, "")).toBeUndefined();
});

test("no button leads to a page that the server refuses", () => {
  expect(isDeepest(500, 20, 100_000)).toBe(false);
  expect(isDeepest(501, 20, 100_000)).toBe(true);
  expect(isDeepest(501, 20, 10_020)).toBe(false);
  expect(isDeepest(51, 200, 100_000)).toBe(true);
});
