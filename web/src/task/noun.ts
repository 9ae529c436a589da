import { CheckSquareOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const tasks = noun({
  name: "tasks",
  module: "marketing",
  icon: CheckSquareOutlined,
  list: "/tasks",
  keys: ["id"],
  title: "title",
  columns: ["title", "due_at", "status", "about", "owner_name", "creator_name", "created_at"],
  record: "/tasks/{task_id}",
  create: "POST /tasks",
  edit: "PATCH /tasks/{task_id}",
  actions: { finish: "completion", drop: "dropping", "take-up": "reopening" },
  bulk: ["finish", "drop"],
  tones: { status: { open: "busy", done: "good", dropped: "calm" } },
  people: { owner_id: "/opportunities/assignees" },
  hasHistory: true,
});
