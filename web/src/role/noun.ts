import { IdcardOutlined } from "@ant-design/icons";
import { lazy } from "react";
import { noun } from "../noun/noun";

export const roles = noun({
  name: "roles",
  module: "authority",
  icon: IdcardOutlined,
  list: "/roles",
  keys: ["id"],
  title: "name",
  columns: ["code", "name", "description", "data_scope", "status", "is_built_in"],
  record: "/roles/{role_id}",
  create: "POST /roles",
  edit: "PATCH /roles/{role_id}",
  remove: "DELETE /roles/{role_id}",
  actions: { disable: "disable", enable: "enable" },
  tones: { status: { "0": "warn", "1": "good", "2": "calm" } },
  tabs: [{ key: "rights", needs: "role:read", part: lazy(() => import("./Rights")) }],
  related: [{ noun: "users", path: "/users", filters: { role: "{code}" }, without: ["role"] }],
  hasHistory: true,
});
