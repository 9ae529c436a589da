import { NumberOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const numbering = noun({
  name: "numbering",
  module: "base",
  icon: NumberOutlined,
  list: "/numbering",
  keys: ["series"],
  title: "series",
  columns: ["series", "pattern"],
  record: "/numbering/{series}",
  edit: "PUT /numbering/{series}",
  hasHistory: true,
});
