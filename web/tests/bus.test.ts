/** What a desk's figures say in one word. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { behind, openOf, type Status, standingOf } from "../src/bus/desk";
import { differences, placeOf, readData } from "../src/bus/json";
import { KINDS, nounOf, screenOf } from "../src/bus/records";
import en from "../src/i18n/en.json";

const standing: Status["standing"] = {
  paused_at: null,
  paused_by: "",
  pause_reason: "",
  breaker: "",
  breaker_since: null,
  breaker_error: "",
  fingerprint: "",
  probed_at: null,
};
const status: Status = {
  service: "customer",
  head: 9,
  epoch: 1,
  unsealed: 0,
  published_to: null,
  sources: [
    { source: "marketing", read_to: 7, complete_at: null },
    { source: "identity", read_to: 4, complete_at: null },
  ],
  parked: [
    { state: "waiting", reason: "failed", number: 2 },
    { state: "dead", reason: "unparseable", number: 1 },
    { state: "discarded", reason: "failed", number: 40 },
  ],
  blocked_aggregates: 1,
  consumer: "customer.events",
  standing,
  does: "goes on",
};

test("an operator's pause stands above the consumer's own", () => {
  const broken = { ...standing, breaker: "failing" as const };

  expect(standingOf(status)).toBe("running");
  expect(standingOf({ ...status, standing: broken })).toBe("failing");
  expect(standingOf({ ...status, standing: { ...broken, paused_at: "2026-11-27T10:00:00Z" } })).toBe("paused");
  expect(standingOf({ ...status, sources: [] })).toBe("deaf");
});

test("a source that does not answer has no lag, and one that was set back has none either", () => {
  expect(behind(status, { marketing: 10 })).toEqual({ marketing: 3, identity: undefined });
  expect(behind(status, { marketing: 5, identity: 4 })).toEqual({ marketing: 0, identity: 0 });
});

test("what was discarded does not wait", () => {
  expect(openOf(status)).toBe(3);
});

test("the place of a fault is told, and sound JSON has none", () => {
  expect(placeOf('{"a": 1,\n "b": }')).toEqual({ line: 2, column: 7 });
  expect(placeOf('{"a": 1')).toEqual({ line: 1, column: 8 });
  expect(placeOf('{"a": [1, 2,]}')).toEqual({ line: 1, column: 13 });
  expect(placeOf("{} x")).toEqual({ line: 1, column: 4 });
  expect(placeOf("{a: 1}")).toEqual({ line: 1, column: 2 });
  for (const text of ['{"a": [1, -2.5e3, "\\u00e4", null, {"b": []}]}', " [] ", '"客户"'])
    expect(placeOf(text)).toBeUndefined();
});

test("only an object is an event's data", () => {
  for (const text of ["[]", "7", "null", '"text"']) expect(readData(text)).toHaveProperty("fault");
  expect(readData('{"a": 1}')).toEqual({ data: { a: 1 } });
});

test("fields that differ come first", () => {
  const found = differences({ same: 1, gone: 2, other: { a: 1 } }, { same: 1, other: { a: 2 }, added: 3 });

  expect(found.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "gone gone",
    "other changed",
    "added added",
    "same same",
  ]);
});

test("every kind of record that an event is about can be looked for", () => {
  const contracts = readdirSync("../contracts", { recursive: true, encoding: "utf8" });
  const kinds = contracts.flatMap((name) => /([a-z-]+)\.[a-z-]+\.v\d+\.json$/.exec(name)?.[1] ?? []);

  expect(kinds.length).toBeGreaterThan(100);
  expect([...new Set(kinds)].filter((kind) => !KINDS.includes(kind))).toEqual([]);
  for (const kind of KINDS.filter((one) => !nounOf(one))) expect(en.bus.kinds).toHaveProperty(kind);
});

test("a record with an address of one number has a way to its screen", () => {
  expect(["opportunity", "loss", "dictionary"].map(screenOf)).toEqual(["opportunities", "losses", "dictionary"]);
  for (const kind of ["contact", "plan", "sign-in"]) expect(screenOf(kind)).toBeUndefined();
});
