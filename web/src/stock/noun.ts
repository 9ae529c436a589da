import { InboxOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const stock = noun({
  name: "stock",
  module: "base",
  icon: InboxOutlined,
  list: "/stock",
  keys: ["id"],
  title: "product_name",
  columns: ["product_code", "product_name", "warehouse", "place", "quantity", "memo"],
  record: "/stock/{stock_id}",
  calls: { adjust: "POST /stock/{stock_id}/adjustment" },
  hasHistory: true,
});
