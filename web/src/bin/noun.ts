import { DeleteOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const bin = noun({
  name: "bin",
  module: "customer",
  icon: DeleteOutlined,
  list: "/customers/bin",
  keys: ["customer_no"],
  title: "name",
  columns: ["name", "customer_no", "level", "region", "manager_name", "deleted_at", "merged_into"],
  calls: { restore: "POST /customers/{customer_no}/restoration" },
  remove: "DELETE /customers/bin/{customer_no}",
  becomes: "customers",
  dictionary: { region: "region" },
});

export const contactBin = noun({
  name: "contact-bin",
  module: "customer",
  icon: DeleteOutlined,
  list: "/contacts/bin",
  keys: ["customer_no", "id"],
  title: "name",
  columns: ["name", "customer_name", "position", "removed_at"],
  calls: { restore: "POST /customers/{customer_no}/contacts/{contact_id}/restoration" },
  becomes: "contacts",
});
