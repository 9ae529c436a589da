/** What the screens of administrators decide by themselves: orders, spans, and who is concerned. */
import { expect, test } from "vitest";
import { untilAnew } from "../src/demo/anew";
import { moved } from "../src/dictionary/order";
import { holdersOf } from "../src/module/holders";
import { faultsOf, movedStage, type Stage, withNew } from "../src/pipeline/stages";
import { dayName, nextSpan, partsOf, spanOf, textOf } from "../src/working-calendar/spans";

test("only what stands elsewhere is said to the server, and equal positions are told apart", () => {
  const [a, b, c] = [{ position: 0 }, { position: 1 }, { position: 2 }];
  expect(moved([a, b, c], 2, 1)).toEqual([
    { item: c, position: 1 },
    { item: b, position: 2 },
  ]);
  expect(moved([{ position: 0 }, { position: 0 }], 0, 1).map(({ position }) => position)).toEqual([1]);
});

test("a role that has several operations of a module is counted once", () => {
  const module = { children: [{ children: [{ roles: ["a", "b"] }, { roles: ["b"] }] }, { children: [{ roles: [] }] }] };
  expect(holdersOf(module)).toEqual(["a", "b"]);
});

const stage = (code: string, kind: Stage["kind"], probability = 0): Stage => ({
  code,
  kind,
  probability,
  name: code,
  name_en: "",
  required: [],
});

test("a new stage is open, stands before the ends, and has a code of its own", () => {
  const had = [stage("stage-4", "open", 40), stage("won", "won", 100), stage("lost", "lost")];
  const [, fresh] = withNew(had);
  expect(fresh).toMatchObject({ code: "stage-5", kind: "open", probability: 40 });
  expect(movedStage(had, 2, 0).map(({ code }) => code)).toEqual(["lost", "stage-4", "won"]);
});

test("a refusal is said at the stage it is about", () => {
  const faults = faultsOf([
    { pointer: "/stages/6/probability", detail: "This stage is 100 percent" },
    { pointer: "/stages", detail: "Open stages stand first" },
  ]);
  expect(faults).toEqual({
    all: ["Open stages stand first"],
    at: { "6 probability": "This stage is 100 percent" },
  });
});

test("a day ends at 24:00, which a time field calls 00:00", () => {
  expect(textOf(spanOf("18:00-24:00"))).toBe("18:00-24:00");
  expect(spanOf("18:00-24:00").ends).toBe("00:00");
  expect(nextSpan([])).toEqual({ begins: "09:00", ends: "12:00" });
  expect(nextSpan([{ begins: "09:00", ends: "12:00" }])).toEqual({ begins: "12:00", ends: "18:00" });
  expect(nextSpan([{ begins: "09:00", ends: "20:00" }])).toEqual({ begins: "20:00", ends: "00:00" });
  expect(partsOf(450)).toEqual({ hours: 7, minutes: 30 });
  expect([dayName(0, "en"), dayName(6, "zh-CN")]).toEqual(["Monday", "星期日"]);
});

test("a cleared system is waited for until it knows nobody", async () => {
  const said = [200, 0, 502, 401, 200];
  await untilAnew(
    async () => said.shift()!,
    async () => undefined,
  );
  expect(said).toEqual([200]);
});
