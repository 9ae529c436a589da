/** All nouns that have screens, in the order of the side bar. */
import { activities } from "../activity/noun";
import { audit } from "../audit/noun";
import { bin, contactBin } from "../bin/noun";
import { campaigns } from "../campaign/noun";
import { costs, leadCampaigns, members, responses } from "../campaign/parts";
import { complaints } from "../complaint/noun";
import { contacts } from "../contact/noun";
import { customers } from "../customer/noun";
import { deals } from "../deal/noun";
import { dictionary } from "../dictionary/noun";
import { erasures } from "../erasure/noun";
import { handOvers } from "../hand-over/noun";
import { leads } from "../lead/noun";
import { losses } from "../loss/noun";
import { managementReports } from "../management-report/noun";
import { checkIns, marketingPlans } from "../marketing-plan/noun";
import { notifications } from "../notification/noun";
import { numbering } from "../numbering/noun";
import { opportunities } from "../opportunity/noun";
import { orders } from "../order/noun";
import { payments } from "../payment/noun";
import { pipelines } from "../pipeline/noun";
import { plans } from "../plan/noun";
import { pool } from "../pool/noun";
import { products } from "../product/noun";
import { receivables } from "../receivable/noun";
import { remarks } from "../remark/noun";
import { requests } from "../request/noun";
import { roles } from "../role/noun";
import { ownSessions, sessions } from "../session/noun";
import { stock } from "../stock/noun";
import { tasks } from "../task/noun";
import { units } from "../unit/noun";
import { users } from "../user/noun";
import { visits } from "../visit/noun";
import { webhooks } from "../webhook/noun";
import { deliveries } from "../webhook/parts";
import { work } from "../work/noun";
import type { Noun } from "./noun";

/** With a place of their own in the side bar. */
export const SCREENS: Noun[] = [
  leads,
  opportunities,
  deals,
  campaigns,
  marketingPlans,
  tasks,
  customers,
  contacts,
  activities,
  orders,
  payments,
  receivables,
  losses,
  pool,
  bin,
  contactBin,
  work,
  requests,
  complaints,
  visits,
  managementReports,
  products,
  stock,
  dictionary,
  pipelines,
  numbering,
  users,
  roles,
  units,
  handOvers,
  audit,
  webhooks,
  erasures,
];
/** Seen only beside a record, or from the header. */
export const PARTS: Noun[] = [
  plans,
  members,
  costs,
  responses,
  leadCampaigns,
  remarks,
  checkIns,
  deliveries,
  sessions,
  ownSessions,
  notifications,
];

const BY_NAME = new Map([...SCREENS, ...PARTS].map((one) => [one.name, one]));

export function findNoun(name: string): Noun | undefined {
  return BY_NAME.get(name);
}
