import { UserDeleteOutlined } from "@ant-design/icons";
import { lazy } from "react";
import { noun } from "../noun/noun";

export const erasures = noun({
  name: "erasures",
  module: "authority",
  icon: UserDeleteOutlined,
  list: "/erasures",
  keys: ["id"],
  title: "id",
  columns: ["id", "state", "ground", "case_no", "with_texts", "requested_by_name", "requested_at", "completed_at"],
  record: "/erasures/{erasure_id}",
  create: "POST /erasures",
  tones: { state: { requested: "busy", erasing: "busy", done: "good", refused: "bad" } },
  tabs: [{ key: "progress", needs: "personal-data:erase", part: lazy(() => import("./Progress")) }],
});
