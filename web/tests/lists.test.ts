/** Views, choices and news of lists: what is kept of an address, what becomes of many calls, what is worth telling. */
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { customers } from "../src/customer/noun";
import { wantedOf } from "../src/form/Alike";
import { bodyFor, offersOf } from "../src/list/bulk/offers";
import { type Result, runAll, workOf } from "../src/list/bulk/run";
import { sheetOf } from "../src/list/bulk/sheet";
import { newsIn } from "../src/list/news";
import { choose, clearSelection, renew, useSelection } from "../src/list/selection";
import { defaultFor, isDirty, kept, opened, type SavedView } from "../src/list/views";
import type { Row } from "../src/noun/noun";

const MAJOR = { id: 7, query: "level=3&sort=name", is_default: true } as SavedView;
const ACME = { customer_no: "KH1", name: "Acme", version: 4, tags: ["old"] };
const BOLT = { customer_no: "KH2", name: "Bolt", version: 1, tags: [] };

afterEach(() => vi.unstubAllGlobals());

test("a view keeps what is listed, not where one is in it", () => {
  expect(kept({ sort: "name", level: "3", page: "4", peek: "KH1", saved: "7", new: "1" })).toBe("level=3&sort=name");
  expect(opened(MAJOR)).toEqual({ level: "3", sort: "name", saved: "7" });
});

test("a view is dirty when the list shows something else than it keeps", () => {
  expect(isDirty({ sort: "name", level: "3", page: "2", saved: "7" }, MAJOR)).toBe(false);
  expect(isDirty({ sort: "-name", level: "3", saved: "7" }, MAJOR)).toBe(true);
  expect(isDirty({ saved: "7" }, MAJOR)).toBe(true);
});

test("only an address that says nothing opens with the default", () => {
  expect(defaultFor({}, [MAJOR])).toBe(MAJOR);
  expect(defaultFor({ saved: "all" }, [MAJOR])).toBeUndefined();
  expect(defaultFor({ level: "5" }, [MAJOR])).toBeUndefined();
  expect(defaultFor({}, [{ ...MAJOR, is_default: false }])).toBeUndefined();
});

test("what one may not do with one record is not offered for many", () => {
  const calls = {
    "PATCH /customers/{customer_no}": { needs: "customer:write", asks: [] },
    "DELETE /customers/{customer_no}": { needs: "customer:write", asks: [] },
    "POST /customers/{customer_no}/transfer": { needs: "customer:transfer", asks: [] },
  };

  expect(offersOf(customers, calls, (right) => right === "customer:write").map(({ name }) => name)).toEqual([
    "edit",
    "delete",
  ]);
  expect(offersOf(customers, calls, () => true).map(({ name }) => name)).toEqual(["transfer", "edit", "delete"]);
  expect(offersOf(customers, undefined, () => true)).toEqual([]);
});

test("tags are added to those that each record has", () => {
  const tag = bodyFor({ name: "tag", call: "PUT /customers/{customer_no}/tags" }, { tags: ["new", "old"] });

  expect([ACME, BOLT].map(tag)).toEqual([{ tags: ["old", "new"] }, { tags: ["new", "old"] }]);
});

test("never more than four calls at once, and each has its outcome", async () => {
  let open = 0;
  let most = 0;
  const rows = Array.from({ length: 20 }, (_, at) => ({ customer_no: `KH${at}`, name: `No ${at}` }));
  const results: Result[] = [];
  const work = async (row: Row) => {
    open += 1;
    most = Math.max(most, open);
    await Promise.resolve();
    open -= 1;
    return row.customer_no === "KH3"
      ? { outcome: "refused" as const, reason: "no" }
      : { outcome: "done" as const, reason: "" };
  };

  await runAll(customers, rows, work, { isStopped: () => false, onResult: (result) => results.push(result) });

  expect(most).toBe(4);
  expect(results).toHaveLength(20);
  expect(results.filter(({ outcome }) => outcome === "refused")).toEqual([
    { id: "KH3", title: "No 3", outcome: "refused", reason: "no" },
  ]);
});

test("what is stopped before its turn is told as not begun", async () => {
  const results: Result[] = [];

  await runAll(customers, [ACME, BOLT], async () => ({ outcome: "done", reason: "" }), {
    isStopped: () => true,
    onResult: (result) => results.push(result),
  });

  expect(results.map(({ outcome }) => outcome)).toEqual(["stopped", "stopped"]);
});

function answers(...given: (number | "silence")[]) {
  const sent: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(request);
    const status = given[sent.length - 1] ?? 200;
    if (status === "silence") throw new TypeError("no network");
    const body = { type: "/problems/some", title: "Some problem", status };
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
  return sent;
}
const AT_ONCE = () => Promise.resolve();

test("a change names the version that was seen, and a refusal keeps its reason", async () => {
  const sent = answers(412);

  const told = await workOf(customers, "PATCH /customers/{customer_no}", () => ({ level: 3 }), AT_ONCE)(ACME);

  expect(sent.map(({ method, headers }) => [method, headers.get("If-Match")])).toEqual([["PATCH", '"4"']]);
  expect(told).toEqual({ outcome: "refused", reason: "Some problem" });
});

test("a crowded door is knocked at again, with the same key", async () => {
  const sent = answers(429, 503, 200);

  const told = await workOf(customers, "POST /customers/{customer_no}/transfer", () => ({}), AT_ONCE)(ACME);

  expect(told.outcome).toBe("done");
  expect(new Set(sent.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
});

test("whether a deletion without an answer was made, nobody knows", async () => {
  const sent = answers("silence", 204);

  const told = await workOf(customers, "DELETE /customers/{customer_no}", () => undefined, AT_ONCE)(ACME);

  expect([sent.length, told.outcome]).toEqual([1, "unknown"]);
});

test("a file is read as text, whatever people wrote into it", () => {
  expect(sheetOf([["=1+1", 'a "b", c', -5, null]])).toBe('\ufeff\'=1+1,"a ""b"", c",-5,\r\n');
});

const CORK = { customer_no: "KH3", name: "Cork", version: 1 };

test("news are rows that came and rows that changed; nothing is no news", () => {
  expect(newsIn(customers, [ACME], [{ ...ACME }])).toBeUndefined();
  expect(newsIn(customers, [ACME], [BOLT, ACME])).toEqual({ added: 1, changed: 0 });
  expect(newsIn(customers, [ACME, BOLT], [CORK, ACME])).toEqual({ added: 1, changed: 0 });
  expect(newsIn(customers, [ACME], [{ ...ACME, version: 5 }])).toEqual({ added: 0, changed: 1 });
});

test("a row that moved up because another one went is not new", () => {
  expect(newsIn(customers, [ACME, BOLT], [BOLT, CORK])).toEqual({ added: 0, changed: 0 });
  expect(newsIn(customers, [ACME, BOLT], [ACME])).toEqual({ added: 0, changed: 0 });
});

test("what stays chosen is what the list shows now", () => {
  const { result } = renderHook(() => useSelection());
  const newer = { ...ACME, version: 5 };

  act(() => choose(customers, [ACME], true));
  act(() => renew(customers, [newer, BOLT]));

  expect([...result.current.rows.values()]).toEqual([newer]);
  act(clearSelection);
  expect(result.current.rows.size).toBe(0);
});

test("likeness is asked for what is new and long enough", () => {
  expect(wantedOf(customers, { name: "Ac", phone: "1", region: "x" }, undefined)).toEqual({ name: "Ac" });
  expect(wantedOf(customers, { name: "Acme", phone: "010" }, { name: "Acme" })).toEqual({ phone: "010" });
});
