import { SwapOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const handOvers = noun({
  name: "hand-overs",
  module: "authority",
  icon: SwapOutlined,
  list: "/hand-overs",
  keys: ["id"],
  title: "user_name",
  columns: ["user_name", "reason", "status", "requested_by_name", "requested_at", "confirmed_at", "completed_at"],
  record: "/hand-overs/{hand_over_id}",
  create: "POST /hand-overs",
  actions: { confirm: "confirmation", cancel: "cancellation", retry: "retry" },
  tones: {
    status: { counting: "busy", counted: "warn", moving: "busy", done: "good", refused: "bad", cancelled: "calm" },
  },
  inner: ["parts"],
  hasHistory: true,
});
