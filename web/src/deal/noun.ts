import { TransactionOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const deals = noun({
  name: "deals",
  module: "marketing",
  icon: TransactionOutlined,
  list: "/deals",
  keys: ["id"],
  title: "name",
  columns: [
    "name",
    "customer_name",
    "stage",
    "status",
    "amount",
    "probability",
    "expected_on",
    "next_contact_on",
    "owner_name",
  ],
  record: "/deals/{deal_id}",
  create: "POST /deals",
  edit: "PATCH /deals/{deal_id}",
  actions: { "change-stage": "stage", win: "win", lose: "loss", transfer: "transfer" },
  bulk: ["transfer"],
  tones: { status: { open: "busy", won: "good", lost: "calm", "lost-to-competition": "bad" } },
  dictionary: { kind: "deal kind", source: "opportunity source" },
  people: { owner_id: "/opportunities/assignees" },
  related: [{ noun: "remarks", path: "/deals/{id}/remarks" }],
  board: "deals",
  hasHistory: true,
});
