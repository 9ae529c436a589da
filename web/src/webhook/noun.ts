import { ApiOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const webhooks = noun({
  name: "webhooks",
  module: "authority",
  icon: ApiOutlined,
  list: "/webhooks",
  keys: ["id"],
  title: "url",
  columns: ["url", "events", "when_in_doubt", "is_active", "registered_at"],
  record: "/webhooks/{webhook_id}",
  create: "POST /webhooks",
  edit: "PATCH /webhooks/{webhook_id}",
  remove: "DELETE /webhooks/{webhook_id}",
  related: [{ noun: "deliveries", path: "/webhooks/{id}/deliveries" }],
  hasHistory: true,
});
