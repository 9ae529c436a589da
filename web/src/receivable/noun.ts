import { PayCircleOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

/** Orders that are not paid in full. */
export const receivables = noun({
  name: "receivables",
  module: "customer",
  icon: PayCircleOutlined,
  list: "/receivables",
  keys: ["order_no"],
  title: "order_no",
  rowOf: (row) => ({ noun: "orders", id: `${row.order_no}` }),
  columns: ["order_no", "customer_name", "ordered_at", "status", "amount", "received", "open"],
});
