import { UserOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const users = noun({
  name: "users",
  module: "authority",
  icon: UserOutlined,
  list: "/users",
  keys: ["id"],
  title: "full_name",
  columns: ["login", "full_name", "role", "status", "email", "registered_at", "locked_until"],
  record: "/users/{user_id}",
  create: "POST /users",
  edit: "PATCH /users/{user_id}",
  remove: "DELETE /users/{user_id}",
  actions: { disable: "disable", enable: "enable", unlock: "unlock" },
  calls: { "set-password": "PUT /users/{user_id}/password", "sign-out": "DELETE /users/{user_id}/sessions" },
  related: [{ noun: "sessions", path: "/users/{id}/sessions" }],
  tones: { status: { "0": "warn", "1": "good", "2": "calm" } },
  people: { manager_id: "/users", unit_id: "/units", role: "/roles" },
  hasHistory: true,
});
