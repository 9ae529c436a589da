/** What a record tells of its way, and what has to be sent so that it is as it was. */
import { expect, test } from "vitest";
import type { Field } from "../src/api/shapes";
import { startLanguage } from "../src/i18n";
import { asDuration, asSize } from "../src/i18n/format";
import { findNoun } from "../src/noun/nouns";
import { backOf } from "../src/record/edit";
import { restorable } from "../src/record/History";
import { withCallsBelow } from "../src/record/RelatedList";
import type { Happening } from "../src/record/record";
import { staysOf, stepsOf } from "../src/record/stages";
import { recordOf, wayTo, wayToOpen } from "../src/timeline/overview";

const NAME: Field = { name: "name", kind: "text" };
const AMOUNT: Field = { name: "amount", kind: "money" };
const MANAGER: Field = { name: "manager_id", kind: "integer" };
const DAY: Field = { name: "next_contact_on", kind: "date", empty: true };

const happened = (at: string, changes: Happening["changes"]): Happening => ({
  event_id: at,
  type: "x.lead.edited",
  at,
  by_id: 1,
  by_name: "Mei",
  changes,
  data: {},
});

test("each state lasts until the next one begins, and other changes are none", () => {
  const stays = staysOf("status", { status: 3 }, [
    happened("2026-01-01T00:00:00Z", {}),
    happened("2026-01-02T00:00:00Z", { phone: { old: "", new: "1" } }),
    happened("2026-01-03T00:00:00Z", { status: { old: 6, new: 1 } }),
    happened("2026-01-04T00:00:00Z", { status: { old: 1, new: 3 } }),
  ]);

  expect(stays.map(({ step, until }) => [step, until?.slice(8, 10)])).toEqual([
    ["6", "03"],
    ["1", "04"],
    ["3", undefined],
  ]);
  expect(staysOf("status", { status: 6 }, [])).toEqual([]);
});

test("a way shows what comes, detours that were taken, and an end only to whom came there", () => {
  const stay = (step: string) => ({ step, at: "2026-01-01T00:00:00Z", by: "Mei" });
  const usual = ["6", "1", "3", "8", "9"];

  expect(stepsOf(usual, ["4"], [stay("6")], "6")).toEqual(usual);
  expect(stepsOf(usual, ["4"], [stay("6"), stay("2")], "2")).toEqual(["6", "2", "1", "3", "8", "9"]);
  expect(stepsOf(usual, ["4"], [stay("6"), stay("3"), stay("4")], "4")).toEqual(["6", "3", "4"]);
});

test("what is put back is said as an edit asks for it", () => {
  const asks = [NAME, AMOUNT, MANAGER, DAY];

  expect(restorable("name", { name: { old: "A", new: "B" } }, asks)).toEqual({ name: "name", value: "A" });
  expect(restorable("amount_minor", { amount_minor: { old: 50050, new: 1 } }, asks)?.value).toBe("500.50");
  const manager = { manager_name: { old: "Mei", new: "Max" }, manager_id: { old: 7, new: 9 } };
  expect(restorable("manager_name", manager, asks)).toEqual({ name: "manager_id", value: 7 });
  expect(restorable("next_contact_on", { next_contact_on: { old: null, new: "2026-01-01" } }, asks)?.value).toBeNull();
  expect(restorable("status", { status: { old: 1, new: 2 } }, asks)).toBeUndefined();
  expect(restorable("amount_minor", { amount_minor: { old: null, new: 1 } }, asks)).toBeUndefined();
});

test("undoing sends back only what was changed", () => {
  const before = { name: "A", amount: "1.00", next_contact_on: null, version: 1 };
  const after = { name: "B", amount: "1.00", next_contact_on: "2026-01-01", version: 2 };

  expect(backOf([NAME, AMOUNT, DAY], before, after)).toEqual({ name: "A", next_contact_on: null });
  expect(backOf([NAME, AMOUNT, DAY], before, before)).toEqual({});
});

test("a figure leads to the list that it counts", () => {
  const deals = {
    noun: "deal",
    href: "/api/deals?customer_no=KH1",
    total: 2,
    open: 1,
    open_amount: null,
    currency: null,
  };

  expect(wayTo(deals, "KH1")).toEqual({ noun: "deals", search: { customer_no: "KH1" } });
  expect(wayToOpen(deals, "KH1")?.search).toEqual({ customer_no: "KH1", status: "open" });
  expect(wayTo({ noun: "contact", href: "/api/customers/KH1/contacts" }, "KH1").search).toEqual({ customer_no: "KH1" });
  expect(recordOf("activity", "7", "KH1")).toEqual({ noun: "activities", id: "KH1~7" });
  expect(recordOf("poem", "7", "KH1")).toBeUndefined();
});

test("durations and sizes are said in few words", async () => {
  await startLanguage("en");

  expect([0, 59 * 60, 90 * 60, 5 * 3600, 86_400 * 2 + 3600, 86_400 * 34].map(asDuration)).toEqual([
    "0 minutes",
    "59 minutes",
    "1 hour 30 minutes",
    "5 hours",
    "2 days 1 hour",
    "34 days",
  ]);
  expect([0, 900, 1536, 10 * 1024 * 1024].map(asSize)).toEqual(["0 bytes", "900 bytes", "1.5 kB", "10 MB"]);
});

test("what hangs on several nouns is changed where it hangs", () => {
  const calls = Object.fromEntries(
    ["PATCH /leads/{record_id}/remarks/{remark_id}", "DELETE /leads/{record_id}/remarks/{remark_id}"].map((call) => [
      call,
      { needs: "", asks: [], shows: {} },
    ]),
  );

  expect(withCallsBelow(findNoun("remarks")!, "/leads/7/remarks", calls).edit).toBe(
    "PATCH /leads/{record_id}/remarks/{remark_id}",
  );
  expect(withCallsBelow(findNoun("remarks")!, "/deals/7/remarks", calls).edit).toBeUndefined();
});
