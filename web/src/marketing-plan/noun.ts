import { ScheduleOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const marketingPlans = noun({
  name: "marketing-plans",
  module: "marketing",
  icon: ScheduleOutlined,
  list: "/marketing-plans",
  keys: ["id"],
  title: "title",
  columns: ["plan_no", "title", "kind", "sub_kind", "status", "owner_name", "starts_on", "ends_on", "cost"],
  record: "/marketing-plans/{marketing_plan_id}",
  create: "POST /marketing-plans",
  edit: "PATCH /marketing-plans/{marketing_plan_id}",
  remove: "DELETE /marketing-plans/{marketing_plan_id}",
  actions: {
    submit: "submission",
    approve: "approval",
    reject: "rejection",
    "check-in": "check-ins",
    finish: "finish",
    "submit-feedback": "feedback/submission",
    cancel: "cancellation",
  },
  tones: {
    status: {
      draft: "calm",
      unreviewed: "warn",
      endorsed: "warn",
      approved: "busy",
      running: "busy",
      finished: "busy",
      evaluated: "good",
      cancelled: "calm",
    },
  },
  related: [{ noun: "check-ins", path: "/marketing-plans/{id}/check-ins", without: ["marketing_plan_id"] }],
  hasFiles: true,
  way: {
    field: "status",
    steps: ["draft", "unreviewed", "approved", "running", "finished", "evaluated"],
    ends: ["cancelled"],
  },
  hasHistory: true,
});

export const checkIns = noun({
  name: "check-ins",
  module: "marketing",
  icon: ScheduleOutlined,
  list: "/marketing-plans/{marketing_plan_id}/check-ins",
  keys: ["id"],
  title: "kind",
  columns: ["kind", "at", "by_name", "region", "note", "is_late"],
});
