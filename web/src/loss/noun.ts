import { FallOutlined } from "@ant-design/icons";
import { lazy } from "react";
import { noun } from "../noun/noun";

export const losses = noun({
  name: "losses",
  module: "customer",
  icon: FallOutlined,
  list: "/losses",
  keys: ["id"],
  title: "customer_name",
  columns: ["customer_name", "status", "last_order_at", "months", "alerted_at", "manager_name", "reason", "lost_at"],
  record: "/losses/{loss_id}",
  actions: { delay: "measures", confirm: "confirmation", "win-back": "recovery" },
  listCalls: { detect: "POST /losses/detection" },
  tones: { status: { "1": "warn", "2": "busy", "3": "bad", "4": "good" } },
  inner: ["measures"],
  head: lazy(() => import("./Why")),
  way: { field: "status", steps: ["1", "2", "4"], ends: ["3"] },
  hasHistory: true,
});
