import { InboxOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

/** Customers that nobody looks after: whoever claims one has it from then on. */
export const pool = noun({
  name: "pool",
  module: "customer",
  icon: InboxOutlined,
  list: "/customers/pool",
  keys: ["customer_no"],
  title: "name",
  columns: ["name", "region", "level", "stage", "is_premium", "tags", "pooled_at", "opened_at"],
  calls: { claim: "POST /customers/{customer_no}/claim" },
  becomes: "customers",
  dictionary: { region: "region", tags: "customer tag" },
});
