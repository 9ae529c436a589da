import { NotificationOutlined } from "@ant-design/icons";
import { lazy } from "react";
import { noun } from "../noun/noun";

export const campaigns = noun({
  name: "campaigns",
  module: "marketing",
  icon: NotificationOutlined,
  list: "/campaigns",
  keys: ["id"],
  title: "name",
  columns: ["name", "kind", "status", "starts_on", "ends_on", "budget", "cost", "responses", "owner_name"],
  record: "/campaigns/{campaign_id}",
  create: "POST /campaigns",
  edit: "PATCH /campaigns/{campaign_id}",
  remove: "DELETE /campaigns/{campaign_id}",
  actions: {
    submit: "submission",
    approve: "approval",
    reject: "rejection",
    start: "start",
    finish: "finish",
    evaluate: "evaluation",
    cancel: "cancellation",
    "change-members": "members",
    "record-cost": "costs",
    "record-response": "responses",
  },
  tones: {
    status: {
      draft: "calm",
      submitted: "warn",
      approved: "busy",
      running: "busy",
      finished: "good",
      evaluated: "good",
      cancelled: "calm",
    },
  },
  dictionary: { kind: "campaign kind" },
  related: [
    { noun: "members", path: "/campaigns/{id}/members" },
    { noun: "costs", path: "/campaigns/{id}/costs" },
    { noun: "responses", path: "/campaigns/{id}/responses" },
    { noun: "remarks", path: "/campaigns/{id}/remarks" },
  ],
  hasFiles: true,
  head: lazy(() => import("./Return")),
  way: {
    field: "status",
    steps: ["draft", "submitted", "approved", "running", "finished", "evaluated"],
    ends: ["cancelled"],
  },
  hasHistory: true,
});
