import { CarOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const visits = noun({
  name: "visits",
  module: "service",
  icon: CarOutlined,
  list: "/visits",
  keys: ["id"],
  title: "subject",
  columns: [
    "subject",
    "customer_name",
    "planned_for",
    "priority",
    "status",
    "owner_name",
    "contact_name",
    "satisfaction",
  ],
  record: "/visits/{visit_id}",
  create: "POST /visits",
  edit: "PATCH /visits/{visit_id}",
  remove: "DELETE /visits/{visit_id}",
  actions: { start: "start", defer: "deferral", wait: "waiting", complete: "completion", assign: "assignment" },
  bulk: ["assign"],
  tones: {
    status: { "1": "warn", "2": "busy", "3": "busy", "4": "good", "5": "calm" },
    priority: { "1": "warn", "2": "bad", "3": "calm", "4": "calm", "5": "busy" },
  },
  people: { owner_id: "/requests/assignees" },
  way: { field: "status", steps: ["1", "3", "4"] },
  hasHistory: true,
});
