/** The small parts that all screens are made of. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeAll, expect, test, vi } from "vitest";
import { ask, Refused } from "../src/api/http";
import { customers } from "../src/customer/noun";
import { speak, startLanguage } from "../src/i18n";
import { fieldName, problemTitle } from "../src/i18n/names";
import { Value } from "../src/noun/Value";
import { orders } from "../src/order/noun";
import { Tabs } from "../src/record/Tabs";

beforeAll(() => startLanguage("en"));

function Three() {
  const [now, setNow] = useState("one");
  const tabs = ["one", "two", "three"].map((key) => ({ key, label: key, children: `about ${key}` }));
  return <Tabs tabs={tabs} now={now} label="numbers" onChange={setNow} />;
}

test("arrow keys go from tab to tab, and around the end", async () => {
  render(<Three />);
  await userEvent.click(screen.getByRole("tab", { name: "two" }));
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");

  expect(screen.getByRole("tab", { name: "one" })).toHaveFocus();
  expect(screen.getByRole("tabpanel")).toHaveTextContent("about one");
  expect(screen.getByRole("tab", { name: "two" })).toHaveAttribute("tabindex", "-1");
});

test("a code reads as its word, money in its currency, nothing as a dash", () => {
  const row = { status: 6, amount: "1234.50", currency: "USD", received: null };
  const { container } = render(
    <>
      <Value noun={orders} field="status" kind="integer" row={row} />
      <Value noun={orders} field="amount" kind="money" row={row} />
      <Value noun={orders} field="received" kind="money" row={row} />
    </>,
  );

  expect(container).toHaveTextContent("Paid$1,234.50–");
});

test("a change reads as what was and what is", () => {
  const row = { changes: { phone: { old: "", new: "010" }, level: { old: 1, new: 2 } }, data: {} };
  const { container } = render(
    <>
      <Value noun={customers} field="changes" kind="record" row={row} />
      <Value noun={customers} field="data" kind="record" row={row} />
    </>,
  );

  expect(container).toHaveTextContent("Phone: – → 010 · Level: 1 → 2–");
});

test("a value of the dictionary reads as the dictionary says", () => {
  render(<Value noun={customers} field="region" kind="text" row={{ region: "北京" }} words={{ 北京: "Beijing" }} />);

  expect(screen.getByText("Beijing")).toBeVisible();
});

test("fields and refusals speak the language in use", async () => {
  const refusal = { type: "/problems/locked", title: "After too many wrong passwords nobody can sign in" };
  expect([fieldName("customers", "opened_from"), problemTitle(refusal)]).toEqual(["Opened at, from", refusal.title]);

  await speak("zh-CN");
  const body = JSON.stringify({ ...refusal, status: 403 });
  vi.stubGlobal(
    "fetch",
    async () => new Response(body, { status: 403, headers: { "Content-Type": "application/json" } }),
  );
  await expect(ask("GET", "/customers")).rejects.toBeInstanceOf(Refused);
  vi.unstubAllGlobals();

  expect([fieldName("customers", "opened_from"), problemTitle(refusal)]).toEqual([
    "开户时间起",
    "密码错误次数过多，账号暂时锁定",
  ]);
  expect(document.documentElement.lang).toBe("zh-CN");
});
