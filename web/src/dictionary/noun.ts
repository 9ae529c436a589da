import { BookOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const dictionary = noun({
  name: "dictionary",
  module: "base",
  icon: BookOutlined,
  list: "/dictionary",
  keys: ["id"],
  title: "text",
  columns: ["kind", "value", "text", "text_en", "parent", "position", "is_editable"],
  record: "/dictionary/{item_id}",
  create: "POST /dictionary",
  edit: "PATCH /dictionary/{item_id}",
  remove: "DELETE /dictionary/{item_id}",
  hasHistory: true,
});
