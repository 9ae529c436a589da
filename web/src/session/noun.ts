import { UserOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

const COLUMNS = ["agent", "address", "created_at", "last_used_at", "expires_at", "is_remembered"];

/** Where somebody is signed in. */
export const sessions = noun({
  name: "sessions",
  module: "authority",
  icon: UserOutlined,
  list: "/users/{user_id}/sessions",
  keys: ["id"],
  title: "agent",
  columns: COLUMNS,
});

export const ownSessions = noun({
  name: "my-sessions",
  module: "authority",
  icon: UserOutlined,
  list: "/me/sessions",
  keys: ["id"],
  title: "agent",
  columns: COLUMNS,
  remove: "DELETE /me/sessions/{session_id}",
});
