import { ScheduleOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const plans = noun({
  name: "plan",
  module: "marketing",
  icon: ScheduleOutlined,
  list: "/opportunities/{opportunity_id}/plan",
  keys: ["opportunity_id", "id"],
  title: "todo",
  columns: ["planned_for", "todo", "result", "executed_at"],
  create: "POST /opportunities/{opportunity_id}/plan",
  edit: "PATCH /opportunities/{opportunity_id}/plan/{item_id}",
  remove: "DELETE /opportunities/{opportunity_id}/plan/{item_id}",
  calls: { execute: "POST /opportunities/{opportunity_id}/plan/{item_id}/execution" },
});
