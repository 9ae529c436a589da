import { BellOutlined } from "@ant-design/icons";
import { languageNow } from "../i18n";
import { noun } from "../noun/noun";

export const notifications = noun({
  name: "notifications",
  module: "base",
  icon: BellOutlined,
  list: "/notifications",
  keys: ["id"],
  get title() {
    return languageNow() === "en" ? "text_en" : "text_zh";
  },
  get columns() {
    return ["happened_at", languageNow() === "en" ? "text_en" : "text_zh", "link", "is_read"];
  },
  calls: {
    read: "POST /notifications/{notification_id}/read",
    unread: "POST /notifications/{notification_id}/unread",
  },
  listCalls: { "read-all": "POST /notifications/read" },
});
