import { PhoneOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const activities = noun({
  name: "activities",
  module: "customer",
  icon: PhoneOutlined,
  list: "/activities",
  keys: ["customer_no", "id"],
  title: "title",
  columns: ["title", "customer_name", "held_at", "place", "description", "memo"],
  record: "/customers/{customer_no}/activities/{activity_id}",
  create: "POST /customers/{customer_no}/activities",
  edit: "PATCH /customers/{customer_no}/activities/{activity_id}",
  remove: "DELETE /customers/{customer_no}/activities/{activity_id}",
  hasHistory: true,
});
