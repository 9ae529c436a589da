import { AppstoreOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const products = noun({
  name: "products",
  module: "base",
  icon: AppstoreOutlined,
  list: "/products",
  keys: ["id"],
  title: "name",
  columns: ["code", "name", "model", "batch", "unit", "price", "is_active"],
  record: "/products/{product_id}",
  create: "POST /products",
  edit: "PATCH /products/{product_id}",
  calls: { retire: "POST /products/{product_id}/retirement", resume: "POST /products/{product_id}/resumption" },
  related: [
    { noun: "stock", path: "/stock", filters: { product_id: "{id}" }, without: ["product_code", "product_name"] },
  ],
  hasHistory: true,
});
