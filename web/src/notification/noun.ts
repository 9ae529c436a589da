import { BellOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const notifications = noun({
  name: "notifications",
  module: "base",
  icon: BellOutlined,
  list: "/notifications",
  keys: ["id"],
  title: "text_zh",
  columns: ["happened_at", "code", "text_zh", "text_en", "is_read"],
});
