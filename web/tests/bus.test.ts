/** What a desk's figures say in one word. */
import { expect, test } from "vitest";
import { behind, openOf, type Status, standingOf } from "../src/bus/desk";

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
