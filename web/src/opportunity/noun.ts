import { RiseOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const opportunities = noun({
  name: "opportunities",
  module: "marketing",
  icon: RiseOutlined,
  list: "/opportunities",
  keys: ["id"],
  title: "title",
  columns: [
    "title",
    "customer_name",
    "status",
    "product",
    "amount",
    "success_rate",
    "heat",
    "assignee_name",
    "expected_on",
    "created_at",
  ],
  record: "/opportunities/{opportunity_id}",
  create: "POST /opportunities",
  edit: "PATCH /opportunities/{opportunity_id}",
  remove: "DELETE /opportunities/{opportunity_id}",
  actions: { assign: "assignment", progress: "progress", win: "win", fail: "failure" },
  tones: {
    status: { "1": "warn", "2": "busy", "3": "good", "4": "calm" },
    heat: { hot: "bad", warm: "warn", cold: "busy" },
  },
  dictionary: { source: "opportunity source" },
  people: { assignee_id: "/opportunities/assignees" },
  related: [{ noun: "plan", path: "/opportunities/{id}/plan" }],
  board: "opportunities",
  hasFiles: true,
  way: { field: "status", steps: ["1", "2", "3"], ends: ["4"] },
  hasHistory: true,
});
