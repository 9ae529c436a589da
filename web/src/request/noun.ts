import { CustomerServiceOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const requests = noun({
  name: "requests",
  module: "service",
  icon: CustomerServiceOutlined,
  list: "/requests",
  keys: ["id"],
  title: "title",
  columns: [
    "title",
    "kind",
    "customer_name",
    "status",
    "assignee_name",
    "due_at",
    "creator_name",
    "created_at",
    "satisfaction",
  ],
  record: "/requests/{request_id}",
  create: "POST /requests",
  remove: "DELETE /requests/{request_id}",
  actions: { allocate: "allocation", handle: "handling", "record-feedback": "feedback" },
  bulk: ["allocate"],
  tones: { status: { new: "warn", allocated: "busy", handled: "busy", archived: "good" } },
  dictionary: { kind: "service type" },
  people: { assignee_id: "/requests/assignees" },
  hasFiles: true,
  way: { field: "status", steps: ["new", "allocated", "handled", "archived"] },
  hasHistory: true,
});
