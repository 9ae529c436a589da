import { DollarOutlined, LinkOutlined, MessageOutlined, TeamOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const members = noun({
  name: "members",
  module: "marketing",
  icon: TeamOutlined,
  list: "/campaigns/{campaign_id}/members",
  keys: ["id"],
  title: "name",
  columns: ["kind", "name", "reference"],
  create: "POST /campaigns/{campaign_id}/members",
});

export const costs = noun({
  name: "costs",
  module: "marketing",
  icon: DollarOutlined,
  list: "/campaigns/{campaign_id}/costs",
  keys: ["id"],
  title: "description",
  columns: ["spent_on", "description", "amount", "by_name"],
  create: "POST /campaigns/{campaign_id}/costs",
});

export const responses = noun({
  name: "responses",
  module: "marketing",
  icon: MessageOutlined,
  list: "/campaigns/{campaign_id}/responses",
  keys: ["id"],
  title: "channel",
  columns: ["received_on", "channel", "number", "note", "outside_id"],
  create: "POST /campaigns/{campaign_id}/responses",
});

export const leadCampaigns = noun({
  name: "leadCampaigns",
  module: "marketing",
  icon: LinkOutlined,
  list: "/leads/{lead_id}/campaigns",
  keys: ["id"],
  title: "name",
  columns: ["name", "kind", "status", "starts_on", "ends_on"],
});
