/** What the palette offers, and which key opens what. */
import { beforeEach, expect, test } from "vitest";
import { listShape } from "../src/api/shapes";
import { customers } from "../src/customer/noun";
import { findNoun } from "../src/noun/nouns";
import { orders } from "../src/order/noun";
import { hitOf, SEARCHED } from "../src/palette/found";
import { wantedBy } from "../src/palette/Keys";
import { isEnough, matches, step } from "../src/palette/match";
import { forgetRecent, recentOf, remember } from "../src/palette/recent";

beforeEach(() => localStorage.clear());

test("words match in any order and in any of the names", () => {
  expect(matches("log aud", "Audit log")).toBe(true);
  expect(matches("deals", "交易", "deals")).toBe(true);
  expect(matches("audit leads", "Audit log")).toBe(false);
  expect(matches("", "Audit log")).toBe(true);
});

test("one Chinese character is a word, one letter is not", () => {
  expect([isEnough("王"), isEnough("w"), isEnough("wa")]).toEqual([true, false, true]);
});

test("the arrows go round", () => {
  expect([step(2, 1, 3), step(0, -1, 3), step(0, 1, 0)]).toEqual([0, 2, 0]);
});

test("every list that is searched can be searched, and its records have pages", () => {
  for (const name of SEARCHED) {
    expect(listShape(findNoun(name)!.list).searches, name).toBe(true);
    expect(findNoun(name)!.record, name).toBeDefined();
  }
});

test("a hit says whose it is, and nothing twice", () => {
  const order = hitOf(orders, { order_no: "DD1", customer_name: "Acme" });
  const customer = hitOf(customers, { customer_no: "KH1", name: "Acme", phone: "010" });

  expect([order.id, order.title, order.more]).toEqual(["DD1", "DD1", "Acme"]);
  expect([customer.title, customer.more]).toEqual(["Acme", "KH1 · 010"]);
});

test("the last record seen comes first, once, for its reader alone", () => {
  for (let id = 1; id <= 9; id++) remember(7, { noun: "deals", id: `${id}`, title: `Deal ${id}` });
  remember(7, { noun: "deals", id: "4", title: "Deal four" });

  expect(recentOf(7).map(({ title }) => title)).toEqual(
    ["Deal four", "Deal 9", "Deal 8", "Deal 7", "Deal 6", "Deal 5", "Deal 3", "Deal 2"], // biome-ignore format: a list
  );
  expect(recentOf(8)).toEqual([]);
  forgetRecent(7);
  expect(recentOf(7)).toEqual([]);
});

test("keys open what the sheet says, and letters stay letters where a text is typed", () => {
  const input = document.body.appendChild(document.createElement("input"));
  const press = (target: Element, key: string, more: KeyboardEventInit = {}) => {
    let opened: ReturnType<typeof wantedBy>;
    const note = (event: KeyboardEvent) => {
      opened = wantedBy(event);
    };
    document.addEventListener("keydown", note);
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
    document.removeEventListener("keydown", note);
    return opened;
  };

  expect([press(document.body, "/"), press(document.body, "?")]).toEqual(["search", "sheet"]);
  expect([press(input, "/"), press(input, "?")]).toEqual([undefined, undefined]);
  expect([press(input, "k", { ctrlKey: true }), press(document.body, "K", { metaKey: true })]).toEqual([
    "palette",
    "palette",
  ]);
  expect(press(document.body, "k")).toBeUndefined();
});
