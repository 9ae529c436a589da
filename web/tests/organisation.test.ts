import { expect, test } from "vitest";
import { type Branch, peopleOf } from "../src/unit/Organisation";

const unit = (people: number, children: Branch[] = []): Branch => ({
  id: people,
  name: "Unit",
  code: null,
  kind: "branch",
  head_name: null,
  people,
  children,
});

test("the people of a unit are its own and those of all that is below it", () => {
  expect(peopleOf(unit(2, [unit(3, [unit(4)]), unit(0)]))).toBe(9);
});
