import { beforeEach, expect, test } from "vitest";
import { standOf } from "../src/arrival/Chip";
import { forgetSaid, noteSaid, saidNow } from "../src/arrival/said";

type State = "applied" | "waiting" | "held" | "silent";
const told = (...states: State[]) => ({ services: states.map((state) => ({ service: "reporting", state })) });

beforeEach(forgetSaid);

test("what commands said is gathered, the newest ten", () => {
  noteSaid(null);
  expect(saidNow().names).toEqual([]);
  for (let number = 0; number < 6; number += 1) noteSaid(`customer.customer.${number}a, customer.customer.${number}b`);
  expect(saidNow().names).toHaveLength(10);
  expect(saidNow().names.at(-1)).toBe("customer.customer.5b");
});

test("it has arrived when every listener has applied it", () => {
  expect(standOf(told("applied", "applied"), 0)).toBe("applied");
  expect(standOf(told(), 0)).toBe("applied");
  expect(standOf(told("applied", "waiting"), 0)).toBe("waiting");
  expect(standOf(undefined, 0)).toBe("waiting");
});

test("whoever does not answer has not applied it, and after a while that is said", () => {
  expect(standOf(told("applied", "silent"), 0)).toBe("waiting");
  expect(standOf(told("applied", "silent"), 11_000)).toBe("late");
});

test("what is put aside is said at once", () => {
  expect(standOf(told("held", "waiting"), 0)).toBe("held");
});
