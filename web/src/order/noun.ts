import { ShoppingOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const orders = noun({
  name: "orders",
  module: "customer",
  icon: ShoppingOutlined,
  list: "/orders",
  keys: ["order_no"],
  title: "order_no",
  columns: ["order_no", "customer_name", "ordered_at", "status", "kind", "amount", "received"],
  record: "/orders/{order_no}",
  create: "POST /orders",
  actions: {
    confirm: "confirmation",
    pick: "picking",
    ship: "shipping",
    deliver: "delivery",
    settle: "settlement",
    cancel: "cancellation",
    "record-payment": "payments",
  },
  bulk: ["confirm", "deliver"],
  tones: { status: { "1": "warn", "2": "busy", "3": "busy", "4": "busy", "5": "busy", "6": "good", "7": "calm" } },
  related: [{ noun: "payments", path: "/orders/{order_no}/payments", without: ["order_no", "customer_name"] }],
  inner: ["lines"],
  hasFiles: true,
  way: { field: "status", steps: ["1", "2", "3", "4", "5", "6"], ends: ["7"] },
  hasHistory: true,
});
