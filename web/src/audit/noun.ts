import { AuditOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const audit = noun({
  name: "audit",
  module: "authority",
  icon: AuditOutlined,
  list: "/audit",
  keys: ["id"],
  title: "type",
  columns: ["happened_at", "by_name", "service", "record_type", "record_id", "type", "event_id", "changes"],
});
