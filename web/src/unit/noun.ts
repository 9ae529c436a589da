import { ApartmentOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const units = noun({
  name: "units",
  module: "authority",
  icon: ApartmentOutlined,
  list: "/units",
  keys: ["id"],
  title: "name",
  columns: ["name", "code", "kind", "position"],
  record: "/units/{unit_id}",
  create: "POST /units",
  edit: "PATCH /units/{unit_id}",
  remove: "DELETE /units/{unit_id}",
  calls: { move: "POST /units/{unit_id}/move" },
  people: { head_id: "/users", parent_id: "/units" },
  related: [{ noun: "users", path: "/users", filters: { unit_id: "{id}" } }],
  hasHistory: true,
});
