import { ContactsOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const contacts = noun({
  name: "contacts",
  module: "customer",
  icon: ContactsOutlined,
  list: "/contacts",
  keys: ["customer_no", "id"],
  title: "name",
  columns: ["name", "customer_name", "position", "phone", "mobile", "memo"],
  record: "/customers/{customer_no}/contacts/{contact_id}",
  create: "POST /customers/{customer_no}/contacts",
  edit: "PATCH /customers/{customer_no}/contacts/{contact_id}",
  remove: "DELETE /customers/{customer_no}/contacts/{contact_id}",
  hasFiles: true,
  hasHistory: true,
});
