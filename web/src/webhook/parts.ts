import { ApiOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

/** What was sent to a webhook, and what it answered. */
export const deliveries = noun({
  name: "deliveries",
  module: "authority",
  icon: ApiOutlined,
  list: "/webhooks/{webhook_id}/deliveries",
  keys: ["delivery_id"],
  title: "delivery_id",
  columns: ["made_at", "state", "attempts", "response", "next_at", "updated_at"],
  tones: { state: { succeeded: "good", failed: "bad", unknown: "warn", pending: "busy", in_flight: "busy" } },
  calls: { retry: "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/retry" },
});
