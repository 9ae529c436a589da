/** What each report shows, draws, and leads on to. */
import { BarChartOutlined, FallOutlined, FunnelPlotOutlined, PieChartOutlined, RiseOutlined } from "@ant-design/icons";
import type { ComponentType } from "react";
import { asMoney, asNumber, asPercent } from "../i18n/format";
import { codesOf } from "../i18n/names";
import type { Row } from "../noun/noun";

export type Column = { field: string; isRight?: boolean; show?: (row: Row) => string };
export type Report = {
  name: string;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
  needs: string;
  by?: string[];
  isYearly?: boolean;
  columns: (by: string) => Column[];
  /** What the chart draws of a row: its name and its size. */
  label: (row: Row, by: string) => string;
  measure: (row: Row) => number;
  unit: (row: Row) => string;
  /** The records that a row counts: a noun and the filters of its list. */
  drill?: (row: Row, by: string) => { noun: string; search: Record<string, string> } | undefined;
};

type Won = { currency: string; amount: string }[];
const wonOf = (row: Row) =>
  (row.won as Won).map(({ amount, currency }) => asMoney(amount, currency)).join(" + ") || "–";
const count = (field: string): Column => ({
  field,
  isRight: true,
  show: (row) => (row[field] == null ? "–" : asNumber(row[field] as number)),
});
const OF_SALES: Record<string, string> = { status: "status", salesperson: "salesperson_name", product: "product" };

function saleName(row: Row, by: string): string {
  const value = `${row[OF_SALES[by] ?? by] ?? ""}`;
  return (by === "status" ? codesOf("opportunities", "status")?.[value] : undefined) ?? (value || "–");
}

function compositionName(row: Row, by: string): string {
  return codesOf("customers", by)?.[`${row.value}`] ?? `${row.value || "–"}`;
}

export const REPORTS: Report[] = [
  {
    name: "contribution",
    icon: BarChartOutlined,
    needs: "report:contribution",
    isYearly: true,
    columns: () => [
      { field: "customer_name" },
      count("orders"),
      count("credit_notes"),
      { field: "amount", isRight: true, show: (row) => asMoney(`${row.amount}`, row.currency as string) },
    ],
    label: (row) => `${row.customer_name ?? row.customer_no}`,
    measure: (row) => Number(row.amount),
    unit: (row) => `${row.currency}`,
    drill: (row) => ({ noun: "orders", search: { customer_no: `${row.customer_no}` } }),
  },
  {
    name: "composition",
    icon: PieChartOutlined,
    needs: "report:composition",
    by: ["level", "credit", "satisfaction", "region"],
    columns: (by) => [
      { field: by, show: (row) => compositionName(row, by) },
      count("customers"),
      { field: "share", isRight: true, show: (row) => asPercent(row.share as number) },
    ],
    label: compositionName,
    measure: (row) => row.customers as number,
    unit: () => "",
    drill: (row, by) => (!row.value ? undefined : { noun: "customers", search: { [by]: `${row.value}` } }),
  },
  {
    name: "sales",
    icon: RiseOutlined,
    needs: "report:sales",
    by: ["status", "salesperson", "product"],
    columns: (by) => [
      { field: OF_SALES[by] ?? by, show: (row) => saleName(row, by) },
      count("opportunities"),
      { field: "won", isRight: true, show: wonOf },
    ],
    label: saleName,
    measure: (row) => row.opportunities as number,
    unit: () => "",
    drill: (row, by) => {
      const search: Record<string, Record<string, string>> = {
        status: { status: `${row.status}` },
        salesperson: { assignee_id: `${row.salesperson_id}` },
        product: { product: `${row.product}` },
      };
      return search[by] && { noun: "opportunities", search: search[by] };
    },
  },
  {
    name: "service",
    icon: FunnelPlotOutlined,
    needs: "report:service",
    isYearly: true,
    columns: () => [
      { field: "year" },
      { field: "kind" },
      ...["requests", "new", "allocated", "handled", "archived", "reopenings"].map(count),
      {
        field: "average_satisfaction",
        isRight: true,
        show: (row) => (row.average_satisfaction == null ? "–" : asNumber(row.average_satisfaction as number)),
      },
    ],
    label: (row) => `${row.year} ${row.kind}`,
    measure: (row) => row.requests as number,
    unit: () => "",
    drill: (row) => ({
      noun: "requests",
      search: { kind: `${row.kind}`, created_from: `${row.year}-01-01`, created_to: `${row.year}-12-31` },
    }),
  },
  {
    name: "loss",
    icon: FallOutlined,
    needs: "report:loss",
    isYearly: true,
    columns: () =>
      ["customer_name", "manager_name", "reason", "last_order_at", "lost_at"].map((field) => ({
        field,
        show: (row) => `${row[field] ?? "–"}`.slice(0, field.endsWith("_at") ? 10 : 200),
      })),
    label: (row) => `${row.lost_at ?? ""}`.slice(0, 7),
    measure: () => 1,
    unit: () => "",
    drill: (row) => ({ noun: "losses", search: { customer_no: `${row.customer_no}` } }),
  },
];
