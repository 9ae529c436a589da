/** How a report is read: which columns say something, what is drawn, and how figures read. */
import { beforeAll, expect, test } from "vitest";
import { dealsOf, monthAfter, monthOr } from "../src/forecast/month";
import { startLanguage, withWords } from "../src/i18n";
import { type Answer, askedOf, hasTotals, saidIn, shownColumns, totalIn } from "../src/reports/answer";
import type { Column, Report } from "../src/reports/directory";
import { drawingOf } from "../src/reports/drawing";
import { lastTwelve, periodsOf } from "../src/reports/period";
import { durationSaid, figureSaid, monthName, periodName } from "../src/reports/say";
import { keptOf, typedOf } from "../src/target/amount";

beforeAll(async () => {
  await startLanguage("en");
  await withWords("reports", Promise.resolve());
});

const column = (name: string, kind: string, within = ""): Column => ({ name, kind, within });

function report(name: string, columns: Column[], more: Partial<Report> = {}): Report {
  const words = columns.map((one) => ({ name: one.name, title: one.name, title_en: `the ${one.name}` }));
  const about = {
    title: name,
    title_en: name,
    needs: "",
    is_allowed: true,
    figures: [],
    by: [],
    filters: [],
    required: [],
    sorts: [],
    has_pages: false,
  };
  return { address: `/api/reports/${name}`, ...about, columns, words, ...more };
}

const PERFORMANCE = report(
  "performance",
  [
    column("value", "name"),
    column("name", "name"),
    column("won", "count"),
    column("currency", "name", "amounts"),
    column("won_amount", "money", "amounts"),
  ],
  { by: ["person", "month"], sorts: ["value", "won"], filters: ["from"] },
);

function answer(items: Answer["items"], more: Partial<Answer> = {}): Answer {
  return { as_of: null, complete_up_to: { at: null, sources: [] }, items, drill: {}, ...more };
}

const won = (value: string, ...amounts: [string, string][]) => ({
  value,
  name: null,
  won: amounts.length,
  drill: { won: `/api/won/${value}` },
  amounts: amounts.map(([currency, won_amount]) => ({ currency, won_amount, drill: { won_amount: "/api/amount" } })),
});

test("the number of what has a name is not shown, and money says its currency itself", () => {
  const shown = shownColumns(PERFORMANCE, answer([won("7", ["CNY", "1.00"])]));

  expect(shown.map(({ name }) => name)).toEqual(["value", "won", "won_amount"]);
});

test("what no line has is no column", () => {
  const sales = report("sales", [
    column("status", "name"),
    column("product", "name"),
    column("opportunities", "count"),
  ]);

  const shown = shownColumns(sales, answer([{ status: 1, product: null, opportunities: 2 }]));

  expect(shown.map(({ name }) => name)).toEqual(["status", "opportunities"]);
});

test("amounts are said once per currency, each with its records", () => {
  const line = won("7", ["CNY", "1.00"], ["USD", "2.00"]);

  expect(saidIn(line, column("won_amount", "money", "amounts"))).toEqual([
    { value: "1.00", currency: "CNY", to: "/api/amount" },
    { value: "2.00", currency: "USD", to: "/api/amount" },
  ]);
});

test("the total stands below the figure that it adds up, and nowhere else", () => {
  const told = answer([{ a: 1 }, { a: 2 }], { total: 3, drill: { total: "/api/reports/x/drill?figure=deals" } });

  expect(totalIn(told, column("deals", "count"))).toEqual([{ value: 3, to: "/api/reports/x/drill?figure=deals" }]);
  expect(totalIn(told, column("entered", "count"))).toEqual([]);
  expect(hasTotals(told, [column("entered", "count")])).toBe(false);
});

test("months follow each other unless somebody wants another order", () => {
  expect(askedOf(PERFORMANCE, { by: "month" }).sort).toBe("value");
  expect(askedOf(PERFORMANCE, { by: "month", sort: "-won" }).sort).toBe("-won");
  expect(askedOf(PERFORMANCE, { by: "colour", show: "won", from: "2026-01" })).toMatchObject({
    by: undefined,
    from: "2026-01",
  });
});

test("a month without a line is drawn as nothing", () => {
  const told = answer([won("2025-11", ["CNY", "1.00"]), won("2026-02", ["CNY", "4.00"])], { by: "month" });

  const drawing = drawingOf(PERFORMANCE, told, shownColumns(PERFORMANCE, told), "month");

  expect(drawing.form).toBe("lines");
  expect(drawing.labels).toHaveLength(4);
  expect(drawing.series[0]!.values).toEqual([1, 0, 0, 4]);
});

test("amounts of other currencies are not drawn beside each other", () => {
  const told = answer([won("7", ["CNY", "1.00"], ["USD", "9.00"]), won("8", ["CNY", "2.00"])], { by: "person" });

  const [series] = drawingOf(PERFORMANCE, told, shownColumns(PERFORMANCE, told), "person").series;

  expect(series).toMatchObject({ currency: "CNY", values: [1, 2] });
});

test("of many lines the largest are drawn", () => {
  const lines = Array.from({ length: 20 }, (_, at) => ({ ...won(`${at}`), won: at }));
  const told = answer(lines, { by: "person" });

  const drawing = drawingOf(PERFORMANCE, told, shownColumns(PERFORMANCE, told), "person", "won");

  expect(drawing.left).toBe(5);
  expect(drawing.series[0]!.values[0]).toBe(19);
  expect(drawing.series[0]!.to[0]).toBe("/api/won/19");
});

test("a funnel has the stages of one pipeline, and not those of deals that were lost", () => {
  const funnel = report("sales-funnel", [column("stage", "name"), column("kind", "name"), column("entered", "count")]);
  const stage = (pipeline: string, name: string, kind: string, entered: number) => ({
    pipeline, stage: name, name, name_en: name, kind, entered,
  }); // biome-ignore format: a line each
  const told = answer([
    stage("a", "first", "open", 9),
    stage("a", "won", "won", 4),
    stage("a", "lost", "lost", 5),
    stage("b", "first", "open", 2),
  ]);

  const drawing = drawingOf(funnel, told, shownColumns(funnel, told), "");

  expect(drawing.form).toBe("funnel");
  expect(drawing.labels).toEqual(["first", "won"]);
});

test("what follows from nothing is a dash, a growth has its sign, and a time its two largest units", () => {
  expect(figureSaid("money", { value: null })).toBe("–");
  expect(figureSaid("growth", { value: 0.5 })).toBe("+50%");
  expect(figureSaid("growth", { value: -0.5 })).toBe("-50%");
  expect(durationSaid(90_061)).toBe("1 day 1 hour");
  expect(durationSaid(59)).toBe("59 seconds");
  expect(durationSaid(86_460)).toBe("1 day");
  expect(durationSaid(0)).toBe("0 seconds");
  expect(monthName("2026-11")).toBe("Nov 2026");
  expect(monthName("2026-13")).toBe("2026-13");
  expect(periodName("2026-01..2026-03")).toBe("Jan 2026 – Mar 2026");
  expect(periodName("2026-01..2026-01")).toBe("Jan 2026");
});

test("periods are whole months, over the turn of a year as well", () => {
  const january = new Date("2026-01-31T23:00:00Z");
  const known = Object.fromEntries(periodsOf(january).map(({ key, from, to }) => [key, [from, to]]));

  expect(known.lastMonth).toEqual(["2025-12", "2025-12"]);
  expect(known.thisQuarter).toEqual(["2026-01", "2026-03"]);
  expect(known.lastYear).toEqual(["2025-01", "2025-12"]);
  expect(lastTwelve(january)).toEqual({ from: "2025-02", to: "2026-01" });
});

test("months of the forecast go over the turn of a year, and end with their last day", () => {
  expect(monthAfter("2026-12")).toBe("2027-01");
  expect(monthAfter("2026-01", -1)).toBe("2025-12");
  expect(monthOr("2026-00", "2026-05")).toBe("2026-05");
  expect(dealsOf("2028-02", "CNY", { status: "open" })).toEqual({
    expected_from: "2028-02-01",
    expected_to: "2028-02-29",
    currency: "CNY",
    status: "open",
  });
});

test("a target of sales is typed as an amount and kept in minor units", () => {
  expect(keptOf("sales", "1,500.50")).toBe(150_050);
  expect(keptOf("sales", "0.29")).toBe(29);
  expect(keptOf("sales", "1.005")).toBeUndefined();
  expect(keptOf("leads", "15")).toBe(15);
  expect(keptOf("leads", "1.5")).toBeUndefined();
  expect(typedOf("sales", 150_050)).toBe("1500.50");
  expect(typedOf("sales", 150_000)).toBe("1500");
  expect(typedOf("leads", 15)).toBe("15");
});
