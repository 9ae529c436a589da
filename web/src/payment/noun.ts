import { PayCircleOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const payments = noun({
  name: "payments",
  module: "customer",
  icon: PayCircleOutlined,
  list: "/payments",
  keys: ["order_no", "id"],
  title: "order_no",
  calls: { reverse: "POST /orders/{order_no}/payments/{receipt_id}/reversal" },
  columns: ["order_no", "customer_name", "amount", "received_on", "method", "by_name", "reversed_at"],
});
