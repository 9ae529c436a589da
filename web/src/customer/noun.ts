import { TeamOutlined } from "@ant-design/icons";
import { lazy } from "react";
import { noun } from "../noun/noun";

export const customers = noun({
  name: "customers",
  module: "customer",
  icon: TeamOutlined,
  list: "/customers",
  keys: ["customer_no"],
  title: "name",
  columns: ["name", "customer_no", "level", "stage", "status", "region", "manager_name", "phone", "tags", "opened_at"],
  record: "/customers/{customer_no}",
  create: "POST /customers",
  edit: "PATCH /customers/{customer_no}",
  remove: "DELETE /customers/{customer_no}",
  calls: {
    transfer: "POST /customers/{customer_no}/transfer",
    release: "POST /customers/{customer_no}/release",
    tag: "PUT /customers/{customer_no}/tags",
    merge: "POST /customers/{customer_no}/merge",
  },
  dialogs: { merge: lazy(() => import("../merge/Merge")) },
  bulk: ["transfer", "tag", "release"],
  duplicates: { path: "/customers/duplicates", fields: ["name", "phone", "licence_no"] },
  tones: {
    status: { "1": "good", "2": "bad", "3": "calm" },
    stage: { "1": "calm", "2": "busy", "3": "good", "4": "good", "5": "warn", "6": "bad", "7": "busy" },
  },
  dictionary: { region: "region", tags: "customer tag", tag: "customer tag" },
  people: { manager_id: "/customers/managers", to_manager_id: "/customers/managers" },
  related: [
    { noun: "contacts", path: "/customers/{customer_no}/contacts", without: ["customer_name"] },
    { noun: "activities", path: "/customers/{customer_no}/activities", without: ["customer_name"] },
    { noun: "orders", path: "/orders", filters: { customer_no: "{customer_no}" }, without: ["customer_name"] },
    { noun: "deals", path: "/deals", filters: { customer_no: "{customer_no}" }, without: ["customer_name"] },
    { noun: "opportunities", path: "/opportunities", filters: { customer_name: "{name}" }, without: ["customer_name"] },
    { noun: "requests", path: "/requests", filters: { customer_no: "{customer_no}" }, without: ["customer_name"] },
    { noun: "complaints", path: "/complaints", filters: { customer_no: "{customer_no}" }, without: ["customer_name"] },
    { noun: "losses", path: "/losses", filters: { customer_no: "{customer_no}" }, without: ["customer_name"] },
  ],
  head: lazy(() => import("../timeline/Figures")),
  tabs: [{ key: "timeline", needs: "customer:read", part: lazy(() => import("../timeline/Timeline")) }],
  hasFiles: true,
  hasHistory: true,
});
