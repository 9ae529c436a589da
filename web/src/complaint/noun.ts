import { WarningOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const complaints = noun({
  name: "complaints",
  module: "service",
  icon: WarningOutlined,
  list: "/complaints",
  keys: ["id"],
  title: "title",
  columns: [
    "complaint_no",
    "title",
    "customer_name",
    "severity",
    "status",
    "assignee_name",
    "due_at",
    "entered_at",
    "satisfaction",
  ],
  record: "/complaints/{complaint_id}",
  create: "POST /complaints",
  edit: "PATCH /complaints/{complaint_id}",
  actions: { assign: "assignment", handle: "handling", visit: "visit", close: "closing" },
  bulk: ["assign"],
  tones: {
    status: { entered: "warn", assigned: "busy", handled: "busy", visited: "busy", closed: "good" },
    severity: { minor: "calm", serious: "warn", critical: "bad" },
  },
  people: { assignee_id: "/requests/assignees" },
  way: { field: "status", steps: ["entered", "assigned", "handled", "visited", "closed"] },
  hasHistory: true,
});
