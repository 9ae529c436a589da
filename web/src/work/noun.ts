import { CarOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

const SCREENS: Record<string, string> = { complaint: "complaints", request: "requests", visit: "visits" };

/** All that is still to be done for customers, by when it is due. */
export const work = noun({
  name: "work",
  module: "service",
  icon: CarOutlined,
  list: "/work",
  keys: ["noun", "id"],
  title: "title",
  columns: ["title", "noun", "customer_name", "status", "due_at", "overdue_at"],
  rowOf: (row) => ({ noun: SCREENS[`${row.noun}`] ?? "", id: `${row.id}` }),
});
